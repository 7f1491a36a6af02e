// SPDX-License-Identifier: Apache-2.0
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import pickle from '../../scanners/pickle/index.ts';
import { Budget } from '../../src/bytes/limits.ts';
import { MemorySource } from '../../src/bytes/source.ts';
import { walk } from '../../src/grammar/pickle/walk.ts';
import * as p from '../../fixtures/support/pickle.ts';
import { fixtures, look } from '../support/samples.ts';

const recognise = (content: Uint8Array | string, name = 'file'): string => {
  const bytes = p.ops(content);
  return pickle.recognise({ name, size: bytes.length, head: bytes.subarray(0, 65_536), tail: bytes.subarray(-67_584) });
};

test.for(Array.from({ length: 4 }, (_, index) => index + 2))('a safetensors header whose length begins with 0x80 0x0%d is no pickle', (second) => {
  for (const third of [0x00, 0x28, 0x4b, 0x58, 0x7d, 0x94, 0x95]) {
    const header = `{"__metadata__":{"format":"pt"}${' '.repeat(500)}}`;
    expect(recognise(p.ops(Uint8Array.of(0x80, second, third, 0, 0, 0, 0, 0), header), 'model.safetensors'), String(third)).not.toBe('yes');
  }
});

test.for([
  ['two words', 'cat\ndog\n.'], ['prose', 'In the beginning there was text.\nAnd more of it.\n'], ['a list', '[1, 2, 3]\n'], ['JSON', '{"a": [1, 2], "b": null}\n'],
  ['CSV', 'id,name\n1,a\n2,b\n'], ['numbers', '1\n2\n3\n'], ['source', "import os\nos.system('x')\n"], ['C source', "(void)0;\nint main() { return 0; }\n"], ['Lisp', '(defun f (x) (* x x))\n'],
  ['a column of names', 'Id\nName\nTotal\n.'], ['an empty file', ''], ['zeros', '\0\0\0\0'], ['a dot', '.'], ['N.', 'N.'], ['a set of dots', '...'], ['brackets', ']]]]'], ['Markdown', '(see below)\n\n- a\n- b\n'],
  ['an INI file', '[section]\nkey = value\n'], ['YAML', 'Name: x\nItems:\n- a\n'], ['a licence', 'Version 2.0, January 2004\n'],
] as const)('%s is no pickle', ([, text]) => {
  expect(recognise(text, 'notes.txt')).toBe('no');
});

test('protocol 0 is a guess that calls confirm, whatever the name', () => {
  expect(recognise("cos\nsystem\n(S'echo x'\ntR.", 'notes.txt')).toBe('maybe');
  expect(recognise("(S'echo x'\nios\nsystem\n.", 'a.png')).toBe('maybe');
  expect(recognise('cat\ndog\n.', 'a.pkl')).toBe('maybe');
});

test('a payload behind a million boring opcodes is found', async () => {
  const padding = p.ops(p.EMPTY_LIST, 'K\x01a'.repeat(600_000));
  const bytes = p.pickle(4, padding, p.POP, p.call('os', 'system', p.str('echo x')));
  const { calls } = await walk(new MemorySource(bytes, new Budget()));
  expect(calls.map((fact) => fact.target)).toEqual(['os.system']);
});

test.for(['nested-loads.pkl', 'nested-bytesio.pkl', 'nested-storage.pkl', 'nested-text.pkl', 'nested-base64.pkl', 'nested-unpickler.pkl'])('%s is read inside as well', async (name) => {
  const inner = (await look(join(fixtures, 'pickle', name))).find((one) => one.artefact.id.includes('!/'));
  expect(inner?.facts).toContainEqual(expect.objectContaining({ kind: 'call', target: 'os.system' }));
});

test('bytes that nothing loads are not opened', async () => {
  expect(await look(join(fixtures, 'pickle/nested-inert.pkl'))).toHaveLength(1);
});

test('every sample of an ordinary model is read whole, without anything odd', async () => {
  const names = readdirSync(join(fixtures, 'pickle')).filter((name) => name.startsWith('benign-') && !name.endsWith('.json'));
  expect(names.length).toBeGreaterThan(10);
  for (const name of names) {
    const [one] = await look(join(fixtures, 'pickle', name));
    expect(one?.coverage, name).toBe('complete');
    expect(one?.facts.filter((fact) => fact.kind === 'malformed' || fact.kind === 'anomaly' || fact.kind === 'gap'), name).toEqual([]);
  }
});

test('a legacy checkpoint has no byte that nobody accounts for, and a hidden tail has', async () => {
  const [benign] = await look(join(fixtures, 'torch-legacy/benign.pt'));
  expect(benign?.facts.filter((fact) => fact.kind === 'anomaly' || fact.kind === 'malformed')).toEqual([]);
  const [hidden] = await look(join(fixtures, 'torch-legacy/bytes-behind-storages.pt'));
  expect(hidden?.facts).toContainEqual(expect.objectContaining({ kind: 'anomaly', measure: 'unclaimed-bytes', value: 40 }));
});
