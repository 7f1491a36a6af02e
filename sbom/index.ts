// SPDX-License-Identifier: Apache-2.0
import type { Report } from '../src/model/report.ts';
import { UsageError } from '../src/model/usage-error.ts';
import { bomOf } from './bom.ts';
import { canonicalJson, print, serialNumber } from './canonical.ts';
import { documentOf, type DocumentOptions } from './cyclonedx.ts';
import type { Document } from './document.ts';
import { asVersion16 } from './downgrade.ts';
import type { Overlay } from './overlay.ts';
import { spdxText } from './spdx.ts';
import type { Advice } from './vulnerabilities.ts';

export interface CycloneDxOptions {
  /** '1.7' when absent. */
  readonly specVersion?: '1.6' | '1.7';
  /** Name of the subject; outranks all that its files say. */
  readonly name?: string;
  /** Seconds since 1970; without it the document carries no time. `sourceDateEpoch()` reads the usual variable. */
  readonly epoch?: number;
  /** What to do about a rule's findings. */
  readonly advice?: Advice;
  readonly overlay?: Overlay;
  readonly conformity?: DocumentOptions['conformity'];
}

/** The report as a CycloneDX JSON document: the same report gives the same bytes, on every machine. */
export function cyclonedx(report: Report, options: CycloneDxOptions = {}): string {
  const latest = documentOf(bomOf(report, subjectOptions(options)), optional({ epoch: options.epoch, advice: options.advice, conformity: options.conformity }));
  return print(numbered(options.specVersion === '1.6' ? asVersion16(latest) : latest));
}

export interface SpdxOptions {
  readonly name?: string;
  readonly epoch?: number;
  readonly overlay?: Overlay;
}

/** The report as an SPDX 3.0.1 JSON-LD document: the same report gives the same bytes. */
export function spdx(report: Report, options: SpdxOptions = {}): string {
  return spdxText(bomOf(report, subjectOptions(options)), optional({ epoch: options.epoch }));
}

function subjectOptions({ name, overlay }: SpdxOptions): { name?: string; overlay?: Overlay } {
  return optional({ name, overlay });
}

/** Without the members that are undefined. */
function optional<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/** With a serial number made of the content, the time left out. */
function numbered(document: Document): Document {
  const { timestamp: _, ...metadata } = document.metadata;
  const { citations: __, ...content } = document; // each has the time too
  const serial = serialNumber(canonicalJson({ ...content, metadata }));
  const { $schema, bomFormat, specVersion, ...rest } = document;
  return { $schema, bomFormat, specVersion, serialNumber: serial, ...rest };
}

/** The time of the document as reproducible builds give it (reproducible-builds.org/specs/source-date-epoch); undefined when not set. */
export function sourceDateEpoch(environment: Readonly<Record<string, string | undefined>> = process.env): number | undefined {
  const text = environment['SOURCE_DATE_EPOCH'];
  if (text === undefined || text === '') return undefined;
  // CycloneDX and RFC 3339 end with the year 9999.
  if (!/^\d{1,12}$/.test(text) || Number(text) > 253_402_300_799) {
    throw new UsageError(`SOURCE_DATE_EPOCH is ${JSON.stringify(text)}: seconds since 1970 are wanted, as in SOURCE_DATE_EPOCH=1767225600`);
  }
  return Number(text);
}

export { bomOf, type Bom } from './bom.ts';
