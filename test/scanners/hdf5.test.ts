// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hdf5 } from '../../fixtures/support/hdf5.ts';
import { Budget, defaultLimits } from '../../src/bytes/limits.ts';
import { MemorySource } from '../../src/bytes/source.ts';
import { Malformed, Unsupported } from '../../src/bytes/errors.ts';
import type { Fact } from '../../src/model/fact.ts';
import scanner from '../../scanners/hdf5/index.ts';
import { findingsFor, fixtures, look } from '../support/samples.ts';

async function facts(bytes: Uint8Array): Promise<Fact[]> {
  const source = new MemorySource(bytes, new Budget(defaultLimits, bytes.length));
  const out: Fact[] = [];
  for await (const fact of scanner.inspect(source, { name: 'x.h5', size: bytes.length, head: bytes.subarray(0, 65_536), tail: bytes })) if (fact.kind !== 'child') out.push(fact);
  return out;
}

const rulesOf = async (name: string): Promise<string[]> => (await findingsFor(join(fixtures, 'hdf5', name))).filter(({ severity }) => severity !== 'info' && severity !== 'low').map(({ rule }) => rule).toSorted();

test('ordinary weights and models raise nothing', async () => {
  for (const name of ['weights.h5', 'model.h5', 'soft-link.h5', 'loop.h5']) expect(await rulesOf(name), name).toEqual([]);
});

test('the configuration in an attribute is judged like one in a file', async () => {
  expect(await rulesOf('model-lambda.h5')).toContain('keras-lambda');
});

test('a file behind a user block is read, and the block is no part of it', async () => {
  const [file] = (await look(join(fixtures, 'hdf5/user-block.h5'))).filter(({ artefact }) => artefact.id === 'user-block.h5');
  expect(file!.facts.filter((fact) => fact.kind === 'tensor').map(({ at }) => at)).toEqual([[768, 780], [608, 656]]);
  expect(file!.facts).toContainEqual(expect.objectContaining({ kind: 'anomaly', measure: 'unclaimed-bytes', at: [0, 512] }));
});

test('data in other files is told, and how far away they are', async () => {
  expect(await rulesOf('external-link.h5')).toEqual(['hdf5-external']);
  expect((await findingsFor(join(fixtures, 'hdf5/external-beside.h5'))).find(({ rule }) => rule === 'hdf5-external')).toMatchObject({ severity: 'medium' });
});

test('groups may name a group above them, and many may be inside one another', async () => {
  let deep: Parameters<typeof hdf5>[0] = { datasets: { w: { shape: [1], values: Float32Array.of(1) } } };
  for (let i = 0; i < 70; i += 1) deep = { groups: { g: deep } };
  expect((await facts(hdf5(deep))).filter(({ kind }) => kind === 'gap')).toMatchObject([{ what: expect.stringContaining('more than 64 groups') as string }]);
});

test('a file with any byte changed is read to an end', async () => {
  const bytes = hdf5({ attributes: { model_config: '{"class_name": "Model"}' }, groups: { a: { datasets: { w: { shape: [2, 2], values: new Float32Array(4) } } } }, externalLinks: { x: ['f', '/'] } });
  for (let i = 8; i < bytes.length; i += 1) {
    for (const value of [0, 0xff, bytes[i]! ^ 1]) {
      const changed = Buffer.from(bytes);
      changed[i] = value;
      await facts(changed).catch((error: unknown) => expect(error instanceof Malformed || error instanceof Unsupported, `byte ${i}: ${String(error)}`).toBe(true));
    }
  }
});
