// SPDX-License-Identifier: Apache-2.0
import { check, readBom } from '../check/index.ts';
import type { Report } from '../../src/model/report.ts';
import { bomOf } from '../bom.ts';
import { cyclonedx, type CycloneDxOptions } from '../index.ts';
import { profiles, score } from '../score/index.ts';
import { htmlOf } from './html.ts';
import { markdownOf } from './markdown.ts';
import { sheetOf } from './sheet.ts';

/** The bill of materials as a page for people: the same report gives the same bytes. */
export function forPeople(report: Report, form: 'html' | 'markdown', options: CycloneDxOptions = {}): string {
  const { name, overlay, epoch } = options;
  const bom = bomOf(report, { ...(name === undefined ? {} : { name }), ...(overlay === undefined ? {} : { overlay }) });
  const timestamp = epoch === undefined ? undefined : new Date(epoch * 1000).toISOString().replace('.000Z', 'Z');
  // Scored as anybody would score the document, not from what we think is in it.
  const limits = { size: 2 ** 31, values: 2 ** 31, depth: 200 };
  const read = readBom(Buffer.from(cyclonedx(report, options)), limits);
  const scored = read.kind === 'cyclonedx' ? score(read, profiles[0]!, check(read).problems) : undefined;
  const sheet = sheetOf(bom, scored, timestamp);
  return form === 'html' ? htmlOf(sheet) : markdownOf(sheet);
}
