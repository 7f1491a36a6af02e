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
  | { readonly license: { readonly id?: string; readonly name?: string; readonly acknowledgement: 'declared'; readonly url?: string; readonly properties?: readonly Property[] } }
  | { readonly expression: string; readonly acknowledgement: 'declared' };

export interface ExternalReference {
  readonly type: string;
  readonly url: string;
  readonly comment?: string;
  readonly hashes?: readonly Hash[];
}

export interface ComponentData {
  readonly type: 'dataset';
  readonly name: string;
  readonly contents?: { readonly url?: string; readonly properties?: readonly Property[] };
}

export interface ModelCard {
  readonly modelParameters?: {
    readonly task?: string;
    readonly architectureFamily?: string;
    readonly modelArchitecture?: string;
    readonly datasets?: readonly { readonly ref: string }[];
    readonly inputs?: readonly { readonly format: string }[];
    readonly outputs?: readonly { readonly format: string }[];
  };
  readonly quantitativeAnalysis?: { readonly performanceMetrics: readonly { readonly type: string; readonly value: string; readonly slice?: string }[] };
  readonly properties?: readonly Property[];
}

export interface Identification {
  readonly field: 'name' | 'version' | 'purl';
  readonly confidence: number;
  readonly concludedValue: string;
  readonly methods: readonly { readonly technique: string; readonly confidence: number; readonly value?: string }[];
}

export interface Component {
  readonly type: 'machine-learning-model' | 'data' | 'file' | 'library' | 'application';
  readonly 'bom-ref'?: string;
  readonly manufacturer?: { readonly name: string };
  readonly authors?: readonly { readonly name: string }[];
  readonly group?: string;
  readonly name: string;
  readonly version?: string;
  readonly isExternal?: boolean;
  readonly description?: string;
  readonly hashes?: readonly Hash[];
  readonly licenses?: readonly LicenceChoice[];
  readonly purl?: string;
  readonly pedigree?: { readonly ancestors: readonly Component[]; readonly notes?: string };
  readonly externalReferences?: readonly ExternalReference[];
  readonly components?: readonly Component[];
  readonly evidence?: {
    readonly identity?: readonly Identification[];
    readonly occurrences?: readonly { readonly location: string; readonly offset?: number }[];
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

export type Aggregate = 'complete' | 'incomplete' | 'unknown';

/** A CycloneDX document. */
export interface Document {
  readonly $schema: string;
  readonly bomFormat: 'CycloneDX';
  readonly specVersion: '1.6' | '1.7';
  readonly serialNumber?: string;
  readonly version: 1;
  readonly metadata: {
    readonly timestamp?: string;
    readonly lifecycles: readonly { readonly phase: string }[];
    readonly tools: { readonly components: readonly Component[] };
    readonly component: Component;
    readonly properties: readonly Property[];
  };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
  readonly compositions: readonly { readonly aggregate: Aggregate; readonly assemblies?: readonly string[]; readonly dependencies?: readonly string[] }[];
  readonly vulnerabilities: readonly Vulnerability[];
}
