// SPDX-License-Identifier: Apache-2.0
// The part of CycloneDX 1.7 (ECMA-424) that is written here. Optional keys are absent, never null.

export interface Property {
  readonly name: string;
  readonly value: string;
}

export interface Hash {
  readonly alg: 'SHA-256';
  readonly content: string;
}

export type LicenceChoice =
  | { readonly license: { readonly id?: string; readonly name?: string; readonly acknowledgement: 'declared' | 'concluded'; readonly url?: string; readonly properties?: readonly Property[] } }
  | { readonly expression: string; readonly acknowledgement: 'declared' };

export interface ExternalReference {
  readonly type: string;
  readonly url: string;
  readonly comment?: string;
  readonly hashes?: readonly Hash[];
}

export interface Organisation {
  readonly name: string;
  readonly url?: readonly string[];
  readonly contact?: readonly Contact[];
}

export interface Contact {
  readonly name?: string;
  readonly email?: string;
}

export interface ComponentData {
  readonly type: 'dataset';
  readonly name: string;
  readonly contents?: { readonly url?: string; readonly properties?: readonly Property[] };
  readonly classification?: string;
  readonly sensitiveData?: readonly string[];
  readonly description?: string;
  readonly governance?: { readonly custodians?: readonly { readonly organization: Organisation }[]; readonly owners?: readonly { readonly organization: Organisation }[] };
}

export interface Considerations {
  readonly users?: readonly string[];
  readonly useCases?: readonly string[];
  readonly technicalLimitations?: readonly string[];
  readonly ethicalConsiderations?: readonly { readonly name: string; readonly mitigationStrategy?: string }[];
  readonly environmentalConsiderations?: { readonly properties: readonly Property[] };
}

export interface ModelCard {
  readonly modelParameters?: {
    readonly approach?: { readonly type: string };
    readonly task?: string;
    readonly architectureFamily?: string;
    readonly modelArchitecture?: string;
    readonly datasets?: readonly { readonly ref: string }[];
    readonly inputs?: readonly { readonly format: string }[];
    readonly outputs?: readonly { readonly format: string }[];
  };
  readonly quantitativeAnalysis?: { readonly performanceMetrics: readonly { readonly type: string; readonly value: string; readonly slice?: string }[] };
  readonly considerations?: Considerations;
  readonly properties?: readonly Property[];
}

export interface Identification {
  readonly field: 'name' | 'version' | 'purl';
  readonly confidence: number;
  readonly concludedValue: string;
  readonly methods: readonly { readonly technique: string; readonly confidence: number; readonly value?: string }[];
}

export interface Component {
  readonly type: 'machine-learning-model' | 'data' | 'file' | 'library' | 'application' | 'platform' | 'device';
  readonly 'bom-ref'?: string;
  readonly supplier?: Organisation;
  readonly manufacturer?: Organisation;
  readonly authors?: readonly { readonly name: string }[];
  readonly group?: string;
  readonly name: string;
  readonly version?: string;
  readonly isExternal?: boolean;
  readonly description?: string;
  readonly hashes?: readonly Hash[];
  readonly licenses?: readonly LicenceChoice[];
  readonly purl?: string;
  readonly pedigree?: { readonly ancestors?: readonly Component[]; readonly variants?: readonly Component[]; readonly notes?: string };
  readonly externalReferences?: readonly ExternalReference[];
  readonly components?: readonly Component[];
  readonly evidence?: {
    readonly identity?: readonly Identification[];
    readonly occurrences?: readonly { readonly location: string; readonly offset?: number }[];
    readonly licenses?: readonly LicenceChoice[];
  };
  readonly modelCard?: ModelCard;
  readonly data?: readonly ComponentData[];
  readonly properties?: readonly Property[];
  readonly tags?: readonly string[];
}

export interface Vulnerability {
  readonly 'bom-ref': string;
  readonly id: string;
  readonly source: { readonly name: string };
  readonly references?: readonly { readonly id: string; readonly source: { readonly name: string } }[];
  readonly ratings: readonly { readonly severity: string; readonly method: 'other'; readonly justification?: string }[];
  readonly cwes?: readonly number[];
  readonly description: string;
  readonly detail?: string;
  readonly recommendation?: string;
  readonly advisories?: readonly { readonly url: string }[];
  readonly analysis: { readonly state: 'in_triage' | 'not_affected'; readonly detail?: string };
  readonly affects: readonly { readonly ref: string }[];
  readonly properties: readonly Property[];
}

/** The system around the model, as the user describes it. */
export interface Service {
  readonly 'bom-ref': string;
  readonly provider?: Organisation;
  readonly name: string;
  readonly version?: string;
  readonly description?: string;
  readonly data?: readonly { readonly flow: string; readonly classification: string; readonly name?: string; readonly description?: string }[];
  readonly properties?: readonly Property[];
}

/** A training run. */
export interface Formula {
  readonly 'bom-ref': string;
  readonly workflows: readonly {
    readonly 'bom-ref': string;
    readonly uid: string;
    readonly name: string;
    readonly taskTypes: readonly string[];
    readonly inputs?: readonly { readonly resource: { readonly ref: string } }[];
    readonly outputs?: readonly { readonly type: string; readonly resource: { readonly ref: string } }[];
    readonly properties?: readonly Property[];
  }[];
}

export interface Standard {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version?: string;
  readonly description?: string;
  readonly externalReferences?: readonly ExternalReference[];
}

/** Where a value of the document was taken from. */
export interface Citation {
  readonly 'bom-ref': string;
  readonly pointers: readonly string[];
  readonly timestamp: string;
  readonly attributedTo: string;
  readonly note: string;
}

export type Aggregate = 'complete' | 'incomplete' | 'unknown';

/** A CycloneDX document. */
export interface Document {
  readonly $schema: string;
  readonly bomFormat: 'CycloneDX';
  readonly specVersion: '1.6' | '1.7';
  readonly serialNumber?: string;
  readonly version: number;
  readonly metadata: {
    readonly timestamp?: string;
    readonly lifecycles: readonly { readonly phase: string }[];
    readonly authors?: readonly Contact[];
    readonly manufacturer?: Organisation;
    readonly tools: { readonly components: readonly Component[] };
    readonly component: Component;
    readonly properties: readonly Property[];
  };
  readonly components: readonly Component[];
  readonly services?: readonly Service[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
  readonly compositions: readonly { readonly aggregate: Aggregate; readonly assemblies?: readonly string[]; readonly dependencies?: readonly string[] }[];
  readonly vulnerabilities: readonly Vulnerability[];
  readonly formulation?: readonly Formula[];
  readonly definitions?: { readonly standards: readonly Standard[] };
  /** Claims of conformity and their evidence; made elsewhere. */
  readonly declarations?: object;
  readonly citations?: readonly Citation[];
}
