// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { givenRows } from '../../src/probe/given.ts';
import { patchSweep } from '../../src/probe/sweep.ts';
import type { Session } from '../../src/probe/session.ts';
import { folder } from '../support/folder.ts';

const port = { name: 'x', type: 'float32', shape: ['n', 1, 8, 8] };

function npy(descr: string, shape: string, data: Uint8Array, order = 'False'): Uint8Array {
  const header = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${shape}), }\n`;
  const head = Buffer.alloc(10);
  head.write('\x93NUMPY\x01\x00', 'latin1');
  head.writeUInt16LE(header.length, 8);
  return Buffer.concat([head, Buffer.from(header), data]);
}

test('a batch of floats and single pictures of bytes are rows', () => {
  const batch = givenRows(folder({ 'a.npy': npy('<f4', '3, 1, 8, 8', new Uint8Array(3 * 64 * 4)) }), port);
  expect(batch).toMatchObject({ dims: [1, 8, 8], rows: { length: 3 } });
  const one = givenRows(folder({ 'a.npy': npy('|u1', '1, 8, 8', new Uint8Array(64).fill(255)), 'readme.txt': 'x' }), port);
  expect(typeof one === 'string' ? one : one.rows[0]![0]).toBe(1);
});

test.for([
  ['nothing there', {}, /there is no \.npy file/],
  ['another shape', { 'a.npy': npy('<f4', '2, 3, 8, 8', new Uint8Array(2 * 192 * 4)) }, /has shape 2×3×8×8/],
  ['objects', { 'a.npy': npy('|O', '1, 8, 8', new Uint8Array(64)) }, /only plain arrays|element type/],
  ['Fortran order', { 'a.npy': npy('<f4', '1, 8, 8', new Uint8Array(256), 'True') }, /C order/],
  ['a lying shape', { 'a.npy': npy('<f4', '9999999, 1, 8, 8', new Uint8Array(256)) }, /claims \d+ elements/],
  ['no array', { 'a.npy': Buffer.from('text that is no array') }, /no \.npy file/],
] as const)('%s is said', ([, files, reason]) => {
  const given = givenRows(folder(files), port);
  expect(typeof given === 'string' ? given : '').toMatch(reason);
});

/** A model that always looks at one pixel. */
function looksAt(pixel: number): Session {
  return {
    inputs: [port],
    declared: 0,
    release: async () => {},
    run: async ({ x }) => {
      const data = x!.data as Float32Array;
      const rows = x!.dims[0]!;
      const scores = new Float32Array(rows * 3);
      for (let row = 0; row < rows; row += 1) scores[row * 3 + (data[row * 64 + pixel]! > 0.9 ? 2 : row % 2)] = 1;
      return { y: { type: 'float32', dims: [rows, 3], data: scores } };
    },
  };
}

const rows = Array.from({ length: 16 }, (_, row) => Float32Array.from({ length: 64 }, (__, at) => ((row * 7 + at) % 10) / 12).fill(1, 63));

test('a pixel that decides everything is found at its place', async () => {
  const check = await patchSweep(looksAt(9), { dims: [1, 8, 8], rows });
  expect(check).toMatchObject({ outcome: 'broken' });
  expect(check.what).toMatch(/turns 100 % of 16 inputs into class 2/);
});

test('what was not tried in time is said', async () => {
  let now = 0;
  const check = await patchSweep(looksAt(63), { dims: [1, 8, 8], rows }, { time: 5, threshold: 1.1 }, () => (now += 1));
  expect(check).toMatchObject({ outcome: 'not-assessable', what: expect.stringMatching(/^\d of \d+ patches were tried/) as unknown });
});

test('few inputs prove nothing', async () => {
  expect(await patchSweep(looksAt(9), { dims: [1, 8, 8], rows: rows.slice(0, 3) })).toMatchObject({ outcome: 'not-assessable' });
});
