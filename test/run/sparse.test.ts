// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { truncateSync } from 'node:fs';
import { expect, test } from 'vitest';
import { defaultLimits } from '../../src/bytes/limits.ts';
import { scan } from '../../src/run/scan.ts';
import { folder } from '../support/folder.ts';

test('holes that are too many are told once, though hashing and weighing both stop at them', async () => {
  const size = 96 << 20;
  const header = Buffer.from(JSON.stringify({ w: { dtype: 'F32', shape: [size / 4], data_offsets: [0, size] } }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const path = join(folder({ 'model.safetensors': Buffer.concat([length, header]) }), 'model.safetensors');
  truncateSync(path, 8 + header.length + size);
  const { findings } = await scan([path], { runner: 'inline', limits: { ...defaultLimits, sparse: 1 << 20 } });
  expect(findings.map(({ rule }) => rule)).toEqual(['scan-gap']);
});
