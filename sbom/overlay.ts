// SPDX-License-Identifier: Apache-2.0
// The overlay: what the person who runs the tool knows and no file says. Described by overlay.schema.json.
import { Malformed, LimitReached } from '../src/bytes/errors.ts';
import { isMapping, parseYaml, type Yaml } from '../src/grammar/yaml.ts';
import { UsageError } from '../src/model/usage-error.ts';
import { overlayViolations } from './schema/index.ts';

export interface Party {
  readonly name: string;
  readonly email?: string;
  readonly url?: string;
  readonly role?: string;
}

export interface DataFlow {
  readonly name: string;
  readonly flow: 'inbound' | 'outbound' | 'bi-directional' | 'unknown';
  readonly classification: string;
  readonly description?: string;
}

/** Of a data set, by its name or path: what it is for, and which column holds what. */
export interface OverlayDataset {
  readonly description?: string;
  readonly use?: 'training' | 'fine-tuning' | 'evaluation';
  readonly owner?: string;
  readonly custodian?: string;
  readonly licence?: string;
  readonly url?: string;
  readonly classification?: string;
  readonly personalData?: 'yes' | 'no' | 'unknown';
  readonly sensitive?: readonly string[];
  readonly provenance?: string;
  readonly bias?: readonly string[];
  readonly collected?: string;
  readonly released?: string;
  /** Columns and files by role. */
  readonly label?: string;
  readonly text?: string;
  readonly image?: string;
  readonly split?: string;
}

export interface Overlay {
  /** Who answers for the document: a person or organisation, never the tool. */
  readonly author?: Party;
  readonly manufacturer?: Party;
  readonly version?: number;
  readonly system?: {
    readonly name?: string;
    readonly version?: string;
    readonly producer?: string;
    readonly released?: string;
    readonly description?: string;
    readonly applicationArea?: readonly string[];
    readonly dataFlow?: readonly DataFlow[];
    readonly dataUsage?: readonly string[];
    readonly hardware?: readonly string[];
  };
  readonly model?: {
    readonly name?: string;
    readonly group?: string;
    readonly version?: string;
    readonly released?: string;
    readonly supplier?: string;
    readonly description?: string;
    readonly licence?: string;
    readonly url?: string;
    readonly task?: string;
    readonly users?: readonly string[];
    readonly useCases?: readonly string[];
    readonly limitations?: readonly string[];
    readonly risks?: readonly { readonly name: string; readonly mitigation?: string }[];
    readonly domains?: readonly string[];
    readonly explainability?: string;
    readonly preprocessing?: string;
    readonly trainingApproach?: 'supervised' | 'unsupervised' | 'reinforcement-learning' | 'semi-supervised' | 'self-supervised';
    readonly compute?: string;
    readonly safetyRisk?: 'serious' | 'high' | 'medium' | 'low';
    readonly autonomy?: 'yes' | 'no' | 'unknown';
    readonly personalData?: 'yes' | 'no' | 'unknown';
    readonly thresholds?: Readonly<Record<string, string | number>>;
    readonly metrics?: Readonly<Record<string, string | number>>;
    readonly securityMetrics?: Readonly<Record<string, string | number>>;
  };
  readonly security?: {
    readonly policy?: string;
    readonly contact?: string;
    readonly controls?: readonly string[];
    readonly compliance?: readonly { readonly name: string; readonly version?: string; readonly url?: string }[];
  };
  readonly references?: readonly { readonly type: string; readonly url: string; readonly comment?: string }[];
  readonly contacts?: readonly Party[];
  readonly datasets?: Readonly<Record<string, OverlayDataset>>;
}

/** Reads an overlay. Throws `UsageError` with the place for what is none. */
export async function readOverlay(text: string, file: string): Promise<Overlay> {
  let documents;
  try {
    documents = await parseYaml(text); // JSON is YAML
  } catch (error) {
    if (error instanceof Malformed || error instanceof LimitReached) throw new UsageError(`the overlay ${file} cannot be read: ${error.message}`);
    throw error;
  }
  const [first, second] = documents;
  if (second !== undefined) throw new UsageError(`the overlay ${file} has ${documents.length} documents, allowed one`);
  const complaint = first?.complaints[0];
  if (complaint !== undefined) throw new UsageError(`the overlay ${file} is no clean YAML: ${complaint}`);
  const value = plainOf(first?.value ?? null);
  // As a list, data sets are stated for `assay scan --overlay` (docs/data-sets.md): columns and files, nothing for a BOM.
  if (typeof value === 'object' && value !== null && 'datasets' in value && Array.isArray(value.datasets)) Reflect.deleteProperty(value, 'datasets');
  const [wrong] = overlayViolations(value);
  if (wrong !== undefined) throw new UsageError(`the overlay ${file}: ${wrong.pointer === '' ? 'the document' : wrong.pointer} ${wrong.message}`);
  return value as Overlay;
}

/** Maps as objects without a prototype, so that no key of the file means anything to JavaScript. */
function plainOf(value: Yaml): unknown {
  if (Array.isArray(value)) return (value as readonly Yaml[]).map(plainOf);
  if (isMapping(value)) {
    const out = Object.create(null) as Record<string, unknown>;
    for (const [key, item] of value) out[key] = plainOf(item);
    return out;
  }
  if (typeof value === 'object' && value !== null) return `(a value of the type ${(value as { tag: string }).tag})`;
  return value;
}
