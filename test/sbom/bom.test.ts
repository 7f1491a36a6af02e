// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { bomOf } from '../../sbom/bom.ts';
import { shortCount } from '../../sbom/weights.ts';
import type { Inspected } from '../../src/model/artefact.ts';
import type { Fact } from '../../src/model/fact.ts';
import { claim, file, fineTune, report, tensor, unhashed } from './reports.ts';

const card = 'README.md!/front-matter.yaml';
const base = (target: string, detail?: string): Fact => ({ kind: 'link', role: 'base-model', target, ...(detail === undefined ? {} : { detail }) });
const shard = (target: string): Fact => ({ kind: 'link', role: 'shard', target });
const named = (root: string, inspected: readonly Inspected[], name?: string): string => bomOf(report(root, inspected), name === undefined ? {} : { name }).identity.name.value;
const weights = (id: string, ...elements: number[]): Inspected => file(id, id.split('.').at(-1)!, elements.map((count, i) => tensor(`t${i}`, 'F16', count)));

const count = (...inspected: Inspected[]): number | undefined => bomOf(report('m', inspected)).parameters?.value;
const basePurl = (revision: string): string | undefined => bomOf(report('m', [file('adapter_config.json', 'json', [{ kind: 'link', role: 'base-model', target: 'a/b', revision }])])).baseModels[0]?.purl;

describe('the name', () => {
  const gguf = file('model.gguf', 'gguf', [claim('name', 'Header Name')]);
  const readme = file(card, 'yaml', [claim('name', 'Card Name')]);

  test('comes from the user before the hub, the card, the header and the folder', () => {
    const hub = file('snapshots/0123456789abcdef0123456789abcdef01234567/config.json', 'json');
    expect(named('models--org--hub-name', [gguf, readme, hub], 'Mine')).toBe('Mine');
    expect(named('models--org--hub-name', [gguf, readme, hub])).toBe('hub-name');
    expect(named('folder', [gguf, readme])).toBe('Card Name');
    expect(named('folder', [gguf])).toBe('Header Name');
    expect(named('folder', [weights('model.safetensors', 1)])).toBe('folder');
  });

  test('of a fine-tune is never that of its base', () => {
    expect(bomOf(fineTune()).identity.name.value).toBe('my-finetune');
    const bom = bomOf(report('my-finetune', [file(card, 'yaml', [claim('name', 'Llama 3.2-1B'), base('meta-llama/Llama-3.2-1B')])]));
    expect(bom.identity.name.value).toBe('my-finetune');
    expect(bom.identity.rejected).toMatchObject([{ name: { value: 'Llama 3.2-1B' }, why: 'names the base model meta-llama/Llama-3.2-1B' }]);
  });

  test('is not taken from what was loaded when the files were saved', () => {
    const config = file('config.json', 'json', [base('bigscience/bloom-560m', '_name_or_path')]);
    const bom = bomOf(report('folder', [config]));
    expect(bom.identity.name.value).toBe('folder');
    expect(bom.baseModels).toEqual([]);
    expect(bom.traces).toMatchObject([{ id: { value: 'bigscience/bloom-560m', confidence: 'low' } }]);
  });

  test('of a nested model does not name the whole', () => {
    expect(named('folder', [file('config.json', 'json'), file('sub/model.gguf', 'gguf', [claim('name', 'Inner')]), file('x.gguf', 'gguf', [claim('name', 'Outer')])])).toBe('Outer');
  });

  test('is that of the folder where headers disagree', () => {
    expect(named('folder', [gguf, file('mmproj.gguf', 'gguf', [claim('name', 'Projector')])])).toBe('folder');
  });

  test('holds no folder of the machine', () => {
    expect(named('folder', [file(card, 'yaml', [claim('name', '/home/alice/secret/out')])])).toBe('out');
    expect(named('..', [])).toBe('unknown');
  });
});

describe('a purl', () => {
  const commit = '0123456789abcdef0123456789abcdef01234567';

  test('on the hub needs evidence of the hub', () => {
    const inside = bomOf(report('models--Org--Name', [file(`snapshots/${commit}/config.json`, 'json')])).identity;
    expect(inside.purl?.value).toBe(`pkg:huggingface/Org/Name@${commit}`);
    expect(inside.version?.value).toBe(commit);
    expect(bomOf(report('hub', [file(`models--Org--Name/snapshots/${commit}/config.json`, 'json')])).identity.purl?.value).toBe(`pkg:huggingface/Org/Name@${commit}`);
    expect(bomOf(report('Name', [file('config.json', 'json')])).identity.purl?.value).toMatch(/^pkg:generic\/Name@sha256:/);
  });

  test('is not that of one among several repositories, nor of a dataset', () => {
    const two = bomOf(report('hub', [file(`models--a--b/snapshots/${commit}/x.json`, 'json'), file(`models--c--d/snapshots/${commit}/x.json`, 'json')]));
    expect(two.identity.purl?.value).toMatch(/^pkg:generic\/hub@/);
    expect(bomOf(report('datasets--a--b', [file('x.csv', 'csv')])).identity.purl?.value).toMatch(/^pkg:generic\/b@/);
  });

  test('is absent where nothing was hashed', () => {
    expect(bomOf(report('m', [unhashed('a.bin', 'torch')])).identity).not.toHaveProperty('purl');
  });
});

describe('parameters', () => {
  const index = file('model.safetensors.index.json', 'json', [shard('a-00001-of-00002.safetensors'), shard('a-00002-of-00002.safetensors')]);

  test('are the product of each shape, summed; a scalar is one', () => {
    expect(count(file('m.safetensors', 'safetensors', [tensor('w', 'F32', 3, 4), tensor('s', 'F32'), tensor('none', 'F32', 0, 9)]))).toBe(13);
  });

  test('of shards are summed over the index', () => {
    const bom = bomOf(report('m', [weights('a-00001-of-00002.safetensors', 5), weights('a-00002-of-00002.safetensors', 7), index]));
    expect(bom.parameters).toMatchObject({ value: 12, origin: 'observed', source: 'model.safetensors.index.json' });
    expect(bom.parameters?.how).toContain('2 shards listed by model.safetensors.index.json');
  });

  test('of numbered shards without an index are summed too', () => {
    expect(count(weights('a-00001-of-00002.gguf', 5), weights('a-00002-of-00002.gguf', 7))).toBe(12);
  });

  test('of the same model in several formats count once', () => {
    const bom = bomOf(report('m', [weights('m.gguf', 12), weights('a-00001-of-00002.safetensors', 5), weights('a-00002-of-00002.safetensors', 7), index, weights('m.onnx', 11)]));
    expect(bom.parameters?.value).toBe(12);
    expect(bom.parameters?.how).toContain('largest of 3 sets');
    expect(bom.weights.map(({ path, elements }) => [path, elements])).toEqual([['a-00001-of-00002.safetensors', 5], ['a-00002-of-00002.safetensors', 7], ['m.gguf', 12], ['m.onnx', 11]]);
  });

  test('are unknown where a shard is missing', () => {
    expect(count(weights('a-00001-of-00002.safetensors', 5), index)).toBeUndefined();
    expect(count(weights('a-00001-of-00003.gguf', 5))).toBeUndefined();
  });

  test('are unknown where weights are packed, or a file was not read to its end', () => {
    expect(count(file('m.safetensors', 'safetensors', [tensor('l.qweight', 'I32', 100), tensor('l.scales', 'F16', 10)]))).toBeUndefined();
    expect(count(file('m.safetensors', 'safetensors', [tensor('w', 'F16', 100)], 'partial'))).toBeUndefined();
  });

  test('beyond what can be counted are unknown', () => {
    expect(count(file('m.safetensors', 'safetensors', [tensor('w', 'F32', 2 ** 40, 2 ** 40)]))).toBeUndefined();
    expect(count(file('m.safetensors', 'safetensors', [tensor('w', 'F32', Number.NaN)]))).toBeUndefined();
  });

  test('of what a checkpoint nests are those of the checkpoint, once', () => {
    expect(count(file('m.pt', 'torch', [tensor('w', 'F32', 8)]), file('m.pt!/data.pkl', 'pickle', [tensor('w', 'F32', 8)]))).toBe(8);
    expect(count(file('m.zip', 'zip'), file('m.zip!/a.safetensors', 'safetensors', [tensor('w', 'F32', 8)]))).toBe(8);
  });

  test('of an adapter do not stand for the model beside it', () => {
    const adapter = [file('adapter_config.json', 'json', [base('org/base')]), file('adapter_model.safetensors', 'safetensors', [tensor('lora', 'F32', 50)])];
    expect(count(...adapter, weights('m.safetensors', 8))).toBe(8);
    expect(count(...adapter)).toBe(50);
  });

  test('that the files contradict are a conflict', () => {
    const bom = bomOf(report('m', [weights('m.safetensors', 100), file(card, 'yaml', [claim('parameter-count', '7000000000')])]));
    expect(bom.conflicts).toMatchObject([{ field: 'parameter-count', values: [{ value: '7000000000' }, { value: '100' }] }]);
  });

  test('are written short as the taxonomy asks', () => {
    expect([0, 999, 1500, 6_738_415_616, 124_439_808, 1_300_000_000_000].map(shortCount)).toEqual(['0', '999', '1.5K', '6.7B', '124M', '1.3T']);
  });
});

describe('base models', () => {
  test('said twice in different words are one', () => {
    const bom = bomOf(report('m', [
      file('m.gguf', 'gguf', [base('Llama 3.2 1B'), base('https://huggingface.co/meta-llama/Llama-3.2-1B')]),
      file(card, 'yaml', [base('meta-llama/Llama-3.2-1B')]),
    ]));
    expect(bom.baseModels).toMatchObject([{ id: { value: 'meta-llama/Llama-3.2-1B' }, purl: 'pkg:huggingface/meta-llama/Llama-3.2-1B' }]);
    expect(bom.baseModels[0]!.said).toHaveLength(3);
  });

  test('carry a commit in their purl, but no branch', () => {
    expect(basePurl('A'.repeat(40))).toBe(`pkg:huggingface/a/b@${'a'.repeat(40)}`);
    expect(basePurl('main')).toBe('pkg:huggingface/a/b');
  });

  test('that are the subject itself are none', () => {
    expect(bomOf(report('models--org--name', [file('config.json', 'json', [base('org/name')])])).baseModels).toEqual([]);
  });

  test('on some machine keep only their last part, and get no purl', () => {
    const [found] = bomOf(report('m', [file('adapter_config.json', 'json', [base('/mnt/secret/alice/base-7b/')])])).baseModels;
    expect(found).toMatchObject({ id: { value: 'base-7b' } });
    expect(found).not.toHaveProperty('purl');
    expect(JSON.stringify(found)).not.toContain('alice');
  });
});

test('datasets for training and evaluation are told apart, and one for both is one', () => {
  const bom = bomOf(report('m', [file(card, 'yaml', [
    { kind: 'link', role: 'dataset', target: 'a/b' }, { kind: 'link', role: 'evaluation-dataset', target: 'a/b' }, { kind: 'link', role: 'dataset', target: 'squad' },
  ])]));
  expect(bom.datasets.map(({ id, uses, url }) => [id.value, uses, url])).toEqual([
    ['a/b', ['evaluation', 'training'], 'https://huggingface.co/datasets/a/b'], ['squad', ['training'], undefined],
  ]);
});

test('a licence that the hub calls other goes by its name and link', () => {
  const bom = bomOf(report('m', [file(card, 'yaml', [claim('licence', 'other'), claim('licence-name', 'llama3.2'), claim('licence-link', 'https://llama.com/license')])]));
  expect(bom.licences).toMatchObject([{ licence: { name: 'LicenseRef-llama3.2' }, url: 'https://llama.com/license' }]);
});

test('licences that differ between card and header are a conflict', () => {
  const bom = bomOf(report('m', [file(card, 'yaml', [claim('licence', 'mit')]), file('m.gguf', 'gguf', [claim('licence', 'apache-2.0')])]));
  expect(bom.conflicts).toMatchObject([{ field: 'licence', values: [{ value: 'mit', source: card }, { value: 'apache-2.0', source: 'm.gguf' }] }]);
});

test('every value says where it comes from', () => {
  const { identity, baseModels, licences, parameters } = bomOf(fineTune());
  for (const value of [identity.name, identity.version, identity.purl, baseModels[0]?.id, licences[0]?.declared, parameters]) {
    expect(value).toMatchObject({ origin: expect.any(String), source: expect.any(String), confidence: expect.any(String) });
  }
});

test.each([
  ['model', [file('m.onnx', 'onnx')]], ['model', [file('config.json', 'json', [claim('model-type', 'bert')])]], ['dataset', [file('a.parquet', 'unknown')]],
  ['dataset', [file('x.csv', 'csv'), file('notes.md', 'unknown')]], ['model', [file('x.csv', 'csv'), file('m.pkl', 'pickle')]], ['unknown', [file('notes.txt', 'unknown')]], ['unknown', []],
] as const)('is a %s', (kind, inspected) => {
  expect(bomOf(report('x', inspected)).kind).toBe(kind);
});

test('declares no more of a kind than a thousand, and says how many were left out', () => {
  const links = Array.from({ length: 1500 }, (_, i) => base(`org/base-${i}`));
  const bom = bomOf(report('m', [file(card, 'yaml', links)]));
  expect(bom.baseModels).toHaveLength(1000);
  expect(bom.omitted).toEqual({ 'base-models': 500 });
});
