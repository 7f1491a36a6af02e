// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { cases } from '../../fixtures/base-models/make.ts';
import { safetensors } from '../../fixtures/support/safetensors.ts';
import { eigenvalues, Sketch } from '../../src/delta/spectrum.ts';
import type { FactOf } from '../../src/model/fact.ts';
import type { Report } from '../../src/model/report.ts';
import { scan, type ScanOptions } from '../../src/run/scan.ts';
import { folder } from '../support/folder.ts';

function put(files: Readonly<Record<string, Uint8Array | string>>): string {
  const root = folder({});
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), bytes);
  }
  return root;
}

const only = (prefix: string): Record<string, Uint8Array | string> => Object.fromEntries(Object.entries(cases()).filter(([name]) => name.startsWith(prefix)).map(([name, bytes]) => [name.slice(prefix.length), bytes]));
const asked = (path: string, options: ScanOptions = {}): Promise<Report> => scan([path], { runner: 'inline', probe: false, study: false, ...options });
const studies = (report: Report, question: RegExp): FactOf<'study'>[] => report.inspected.flatMap(({ facts }) => facts.filter((fact): fact is FactOf<'study'> => fact.kind === 'study' && question.test(fact.question)));

test('eigenvalues are those of the matrix', () => {
  expect([...eigenvalues(Float64Array.of(2, 1, 1, 2), 2)].map((value) => Number(value.toFixed(9)))).toEqual([3, 1]);
  expect([...eigenvalues(Float64Array.of(4, 0, 0, 0, 9, 0, 0, 0, 1), 3)]).toEqual([9, 4, 1]);
  expect([...eigenvalues(new Float64Array(4), 2)]).toEqual([0, 0]);
});

test('a sketch of a matrix of rank two has its energy in two directions', () => {
  const sketch = new Sketch(50);
  for (let i = 0; i < 40; i += 1) sketch.add(Float64Array.from({ length: 50 }, (_, j) => Math.sin(i) * Math.cos(j) + 0.5 * Math.cos(3 * i) * Math.sin(j * j)), 0);
  const shares = sketch.shares();
  expect(shares[0]! + shares[1]!).toBeCloseTo(1, 9);
  expect(shares[1]).toBeGreaterThan(0.001);
});

test('a base that is given is compared, whatever the folders are called, and is not judged itself', async () => {
  const [edited, base] = [put(only('edited/tuned/')), put(only('edited/tiny/'))];
  const report = await asked(edited, { baseModel: base });
  expect(studies(report, /^base-edit$/)).toMatchObject([{ outcome: 'finding', detail: { identical: 16, 'low-rank': 1, 'highest rank': 1 } }]);
  expect(report.findings.map(({ rule }) => rule)).toContain('base-edit');
  expect(report.inspected.map(({ artefact }) => artefact.id)).toEqual(['README.md', 'README.md!/front-matter.yaml', 'model.safetensors']);
  expect(studies(await asked(base, { baseModel: base }), /^base/)).toMatchObject([{ outcome: 'assessed', what: expect.stringContaining('it is the base itself') as string }]);
});

test('the sealed processes leave what is needed to compare', async () => {
  const root = put(only('edited/'));
  const inline = await asked(root);
  const sealed = await scan([root], { probe: false, study: false, facts: 'needed', jobs: 2 });
  expect(sealed.findings).toEqual(inline.findings);
  expect(inline.findings.map(({ rule }) => rule)).toContain('base-edit');
}, 30_000);

test('a copy in fewer bits is the base itself', async () => {
  const values = Float32Array.from({ length: 64 * 64 }, (_, i) => Math.sin(i * 1.3) / 7);
  const file = (dtype: string, bytes: Uint8Array): Uint8Array => safetensors({ 'layer.weight': { dtype, shape: [64, 64], data: bytes } });
  const base = put({ 'model.safetensors': file('F32', new Uint8Array(values.buffer)) });
  for (const [dtype, bytes] of [['F16', new Uint8Array(Float16Array.from(values).buffer)], ['BF16', new Uint8Array(Uint16Array.from(new Uint32Array(values.buffer), (word) => (word + 0x7fff + ((word >>> 16) & 1)) >>> 16).buffer)]] as const) {
    expect(studies(await asked(put({ 'model.safetensors': file(dtype, bytes) }), { baseModel: base }), /^base/), dtype).toMatchObject([{ outcome: 'assessed', detail: { identical: 1 } }]);
  }
});

test('tensors of other names, shapes or without bytes are said not to be compared', async () => {
  const base = put({ 'model.safetensors': safetensors({ a: { dtype: 'F32', shape: [2, 2], data: new Uint8Array(16) } }) });
  const other = await asked(put({ 'model.safetensors': safetensors({ b: { dtype: 'F32', shape: [2, 2], data: new Uint8Array(16) } }) }), { baseModel: base });
  expect(studies(other, /^base/)).toMatchObject([{ outcome: 'not-assessable', what: expect.stringContaining('no tensor of the 1 has a counterpart') as string }]);
  const shaped = await asked(put({ 'model.safetensors': safetensors({ a: { dtype: 'F32', shape: [4, 2], data: new Uint8Array(32) } }) }), { baseModel: base });
  expect(studies(shaped, /^base/)).toMatchObject([{ outcome: 'assessed', detail: { 'not comparable': 1 } }]);
  expect(studies(await asked(base, { baseModel: put({ 'README.md': '# nothing\n' }) }), /^base/)).toMatchObject([{ outcome: 'not-assessable', what: expect.stringContaining('holds no weights') as string }]);
});

test('an adapter tells how many directions it uses, and which module holds most of the change', async () => {
  const [rank, width] = [4, 32];
  const pair = (name: string, scale: number, used: number): [string, { dtype: string; shape: number[]; data: Uint8Array }][] => [
    [`base_model.model.layers.${name}.lora_A.weight`, { dtype: 'F32', shape: [rank, width], data: new Uint8Array(Float32Array.from({ length: rank * width }, (_, i) => Math.sin(i * i + name.length)).buffer) }],
    [`base_model.model.layers.${name}.lora_B.weight`, { dtype: 'F32', shape: [width, rank], data: new Uint8Array(Float32Array.from({ length: rank * width }, (_, i) => (i % rank < used ? scale * Math.cos(3 * i) : 0)).buffer) }],
  ];
  const root = put({ 'adapter_model.safetensors': safetensors(Object.fromEntries([...pair('0.q_proj', 1, 1), ...pair('1.q_proj', 0.1, 4)])), 'adapter_config.json': '{"peft_type": "LORA", "r": 4, "base_model_name_or_path": "acme/base"}' });
  const [found] = studies(await asked(root), /^adapter-spectrum$/);
  expect(found).toMatchObject({ outcome: 'assessed', n: 2, detail: { modules: 2 } });
  expect(found!.what).toMatch(/rank 4; directions in use: 1 to [2-4], median [1-4]; layers\.0\.q_proj holds 9\d % of the change/);
});
