// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readBom } from '../../sbom/check/index.ts';
import { inventoryOf } from '../../sbom/compare/inventory.ts';
import { nodeAlgorithm, verifyFiles, type Difference } from '../../sbom/compare/verify.ts';
import { UsageError } from '../model/usage-error.ts';

/**
 * Compares the files that a BOM lists with those of a model. `sha256Of` gives a digest that is known already; another one is computed
 * from the file at `place`.
 */
export async function bomDifferences(
  text: string, names: readonly string[], sha256Of: (name: string) => string | undefined, place: (name: string) => string,
): Promise<readonly Difference[]> {
  const read = readBom(Buffer.from(text));
  if (read.kind === 'unchecked' || read.kind === 'unreadable') throw new UsageError(`the BOM cannot be compared: ${read.what}`);
  const present = names.map((name) => ({
    path: name,
    digest: async (algorithm: string) => (algorithm === 'SHA-256' ? sha256Of(name) : undefined) ?? digestOf(place(name), nodeAlgorithm(algorithm)!),
  }));
  return (await verifyFiles(inventoryOf(read), present)).differences;
}

async function digestOf(path: string, algorithm: string): Promise<string> {
  const hash = createHash(algorithm);
  for await (const part of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(part as Buffer);
  return hash.digest('hex');
}
