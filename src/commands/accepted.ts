// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from 'node:fs';
import { UsageError } from '../model/usage-error.ts';
import { readBaseline } from '../report/baseline.ts';

/** Fingerprints that the baseline in a file accepts, with the reason. */
export function baselineFrom(path: string): Map<string, string> {
  if (!existsSync(path)) throw new UsageError(`the baseline ${path} is not there; write one with --write-baseline`);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`the baseline ${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
  return readBaseline(text, path, today());
}

/** YYYY-MM-DD in UTC; SOURCE_DATE_EPOCH sets the clock, so that a run can be repeated. */
function today(): string {
  const epoch = process.env['SOURCE_DATE_EPOCH'];
  const now = epoch !== undefined && /^\d+$/.test(epoch) ? new Date(Number(epoch) * 1000) : new Date();
  return now.toISOString().slice(0, 10);
}
