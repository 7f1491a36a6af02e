// SPDX-License-Identifier: Apache-2.0
import { hash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../model/usage-error.ts';
import type { Report } from '../model/report.ts';
import { studiesOf } from '../report/studies.ts';

/** Writes the picture of each answer that has one as an SVG file. Names are made of the question and a digest: no text of an artefact is in them. */
export function writeEvidence(report: Report, folder: string): void {
  for (const { fact } of studiesOf(report)) {
    if (fact.picture === undefined || fact.picture === '') continue;
    const path = join(folder, `${fact.question}-${hash('sha256', `${fact.of}\n${fact.what}\n${fact.picture}`).slice(0, 12)}.svg`);
    try {
      writeFileSync(path, fact.picture);
    } catch (error) {
      throw new UsageError(`${path} cannot be written: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
    }
  }
}
