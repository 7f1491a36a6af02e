// SPDX-License-Identifier: Apache-2.0
import { provisions } from './provisions.ts';

/** Who the standard speaks to (ETSI EN 304 223, table 4-1), and organisations at large. */
export const parties = ['developer', 'system-operator', 'data-custodian', 'end-user', 'organisation'] as const;
export type Party = (typeof parties)[number];

/** Roles that a person can say an organisation holds. Provisions for organisations at large concern every one. */
export const roles = ['developer', 'system-operator', 'data-custodian'] as const;
export type Role = (typeof roles)[number];

/**
 * How far files can show that a provision is met. `automatic`: wholly, for the part that is in files; `partial-strong`: most of
 * it, or that it is not met; `partial-weak`: a hint; `attestation`: only a person can say; `outside`: nothing in files.
 */
export type EvidenceClass = 'automatic' | 'partial-strong' | 'partial-weak' | 'attestation' | 'outside';

/** When a provision concerns what was scanned; decided in applicability.ts. */
export type Condition =
  | 'always' | 'api-offered' | 'cloud-used' | 'confidential' | 'configuration-changed' | 'custodian-in-house' | 'decommissioned'
  | 'external-component' | 'external-provider' | 'given-to-others' | 'major-update' | 'model-changed' | 'open-finding'
  | 'outside-party' | 'oversight-is-a-control' | 'public-data' | 'released-model-used' | 'transferred'
  | 'undocumented-component' | 'updates-impossible';

/** One provision. */
export interface Provision {
  /** As in EN 304 223 and TS 104 223: '5.2.4-1.2'. */
  readonly id: string;
  /** As in the UK Code of Practice: '8.1.2'. */
  readonly uk: string;
  readonly principle: number;
  /** Modal verbs in their order; the first is the force of the provision. */
  readonly verbs: readonly ('shall' | 'should' | 'can')[];
  readonly addressees: readonly Party[];
  /** True where the addressee follows from the heading of the principle only. */
  readonly implied?: true;
  /** Who receives something, or is to be involved. */
  readonly involved?: readonly Party[];
  /** A paraphrase; the standard itself is what counts. */
  readonly summary: string;
  readonly evidence: EvidenceClass;
  readonly applies: Condition;
  /** Ids in catalogue.ts. Beside them, every rule that names the provision counts. */
  readonly checks: readonly string[];
  /** What a person has to show beside the files; '' when nothing. */
  readonly statement: string;
}

export interface Principle {
  readonly number: number;
  readonly clause: string;
  readonly title: string;
  readonly phase: 'Secure design' | 'Secure development' | 'Secure deployment' | 'Secure maintenance' | 'Secure end of life';
}

/** The 13 principles; titles as in the standard. */
export const principles: readonly Principle[] = [
  { number: 1, clause: '5.1.1', phase: 'Secure design', title: 'Raise awareness of AI security threats and risks' },
  { number: 2, clause: '5.1.2', phase: 'Secure design', title: 'Design the AI system for security as well as functionality and performance' },
  { number: 3, clause: '5.1.3', phase: 'Secure design', title: 'Evaluate the threats and manage the risks to the AI system' },
  { number: 4, clause: '5.1.4', phase: 'Secure design', title: 'Enable human responsibility for AI systems' },
  { number: 5, clause: '5.2.1', phase: 'Secure development', title: 'Identify, track and protect the assets' },
  { number: 6, clause: '5.2.2', phase: 'Secure development', title: 'Secure the infrastructure' },
  { number: 7, clause: '5.2.3', phase: 'Secure development', title: 'Secure the supply chain' },
  { number: 8, clause: '5.2.4', phase: 'Secure development', title: 'Document data, models and prompts' },
  { number: 9, clause: '5.2.5', phase: 'Secure development', title: 'Conduct appropriate testing and evaluation' },
  { number: 10, clause: '5.3.1', phase: 'Secure deployment', title: 'Communication and processes associated with End-users and Affected Entities' },
  { number: 11, clause: '5.4.1', phase: 'Secure maintenance', title: 'Maintain regular security updates, patches and mitigations' },
  { number: 12, clause: '5.4.2', phase: 'Secure maintenance', title: 'Monitor the system\'s behaviour' },
  { number: 13, clause: '5.5.1', phase: 'Secure end of life', title: 'Ensure proper data and model disposal' },
];

/** The standard that the profile follows, and the two texts that it shares its provisions with. */
export const standard = {
  id: 'etsi-en-304-223',
  name: 'ETSI EN 304 223',
  version: 'V2.1.1',
  date: '2025-12',
  title: 'Securing Artificial Intelligence (SAI); Baseline Cyber Security Requirements for AI Models and Systems',
  url: 'https://www.etsi.org/deliver/etsi_en/304200_304299/304223/02.01.01_60/en_304223v020101p.pdf',
  /** Version of this profile: of the paraphrases, classes and checks. */
  profileVersion: '1.0.0',
} as const;

/** Names under which the profile can be asked for; the provision numbers shown differ in the UK Code only. */
export const aliases = {
  'etsi-en-304-223': { name: 'ETSI EN 304 223 V2.1.1 (2025-12)', numbers: 'etsi' },
  'etsi-ts-104-223': { name: 'ETSI TS 104 223 V1.1.1 (2025-04)', numbers: 'etsi' },
  'uk-ai-cop-2025': { name: 'UK Code of Practice for the Cyber Security of AI (January 2025)', numbers: 'uk' },
} as const;
export type Alias = keyof typeof aliases;

/** The sentence that stands at the head of every document. */
export const disclaimer = 'Evidence for provisions of ETSI EN 304 223: no certificate, no legal advice; that nothing was found is no proof that nothing is there.';

/** The force of a provision: that of its first verb. */
export function forceOf({ verbs }: Provision): 'shall' | 'should' {
  return verbs[0] === 'shall' ? 'shall' : 'should';
}

export function principleOf({ principle }: Provision): Principle {
  return principles[principle - 1]!;
}

/** The number of a provision under an alias. */
export function numberOf(provision: Provision, alias: Alias): string {
  return aliases[alias].numbers === 'uk' ? provision.uk : provision.id;
}

export { provisions };
