// SPDX-License-Identifier: Apache-2.0
// Anyone's BOM in another format or version; what the other cannot say is listed, and the result is valid by its schema.
import { print } from '../canonical.ts';
import type { Read } from '../check/index.ts';
import type { Json } from '../check/lint.ts';
import { violations } from '../schema/index.ts';
import { fromSpdx } from './from-spdx.ts';
import { Losses, type Loss } from './losses.ts';
import { mergeBoms, type MergeOptions } from './merge.ts';
import { toSpdx } from './to-spdx.ts';
import { cyclonedxVersions, toVersion, type CycloneDxVersion } from './versions.ts';

export type { Loss } from './losses.ts';

export const targets = [...cyclonedxVersions.map((version) => `cyclonedx-${version}` as const), 'spdx-3.0.1'] as const;
export type Target = (typeof targets)[number];

export type Converted = { readonly text: string; readonly losses: readonly Loss[] } | { readonly error: string };

type Document = Extract<Read, { document: Json }>;

/** Converts what was read. `error` says where the result would not be valid: then nothing is written. */
export function convert(read: Document, to: Target): Converted {
  const losses = new Losses();
  const made = converted(read, to, losses);
  return 'error' in made ? made : { text: print(made.document), losses: losses.list() };
}

function converted(read: Document, to: Target, losses: Losses): { readonly document: Json } | { readonly error: string } {
  if (to === 'spdx-3.0.1') {
    if (read.kind === 'spdx') return { document: read.document };
    const document = toSpdx(read.document, losses);
    const [wrong] = violations(document, 'spdx-3.0.1');
    return wrong === undefined ? { document } : { error: `${wrong.pointer} ${wrong.message}` };
  }
  const version = to.slice('cyclonedx-'.length) as CycloneDxVersion;
  if (read.kind === 'spdx') return toVersion(fromSpdx(read.document, losses), '1.7', version, losses);
  return toVersion(read.document, read.version, version, losses);
}

/** Merges documents of any format, as CycloneDX of one version. */
export function merge(reads: readonly Document[], version: CycloneDxVersion, options: MergeOptions): Converted {
  const losses = new Losses();
  const documents: Json[] = [];
  for (const read of reads) {
    const made = converted(read, 'cyclonedx-1.7', losses);
    if ('error' in made) return made;
    documents.push(made.document);
  }
  const made = toVersion(mergeBoms(documents, '1.7', options, losses), '1.7', version, losses);
  return 'error' in made ? made : { text: print(made.document), losses: losses.list() };
}
