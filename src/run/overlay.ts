// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { UsageError } from '../model/usage-error.ts';
import { readStated, type Stated } from '../study/stated.ts';

/** Reads what an overlay (assay.yaml) states about data sets. Throws `UsageError` for one that is not there or not sound. */
export async function readOverlay(path: string): Promise<Stated[]> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`the overlay ${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
  return readStated(text, path);
}
