// SPDX-License-Identifier: Apache-2.0
// Python's own readers as an oracle: what they look up and call, in which order, and where they stop. Nothing is executed.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { renamed } from '../../../src/grammar/pickle/names.ts';
import * as p from '../../../fixtures/support/pickle.ts';
import { fault, ours, partings, unpickle } from '../../support/differential.ts';
import { decimals, indexes, integers, randomPickles } from '../../support/random-pickles.ts';
import { fixtures, samples } from '../../support/samples.ts';

const absent = 'there is no python3 to compare with';
const legible = (bytes: Uint8Array): string => JSON.stringify(Buffer.from(bytes).toString('latin1'));

/** What is wrong with each case, and how many ended and parted. */
function compare(cases: readonly Uint8Array[]): { readonly faults: string[]; readonly stopped: number; readonly parted: number } | undefined {
  const seen = unpickle(cases);
  if (seen === undefined) return undefined;
  expect(seen).toHaveLength(cases.length);
  const faults: string[] = [];
  let [stopped, parted] = [0, 0];
  for (const [index, one] of seen.entries()) {
    const mine = ours(cases[index]!);
    if (one.c.ends[0]?.[0] === 'stop') stopped += 1;
    if (partings(one, mine) !== undefined) parted += 1;
    const wrong = fault(one, mine);
    if (wrong !== undefined) faults.push(`${wrong}: ${legible(cases[index]!)}`);
  }
  return { faults, stopped, parted };
}

// More of them: `for (const seed of …) compare(randomPickles(seed, 5_000))`, two minutes for 200,000.
test.for([1, 2026])('imports and calls what Python does, or says that readers differ: random pickles, seed %i', (seed, context) => {
  const seen = compare(randomPickles(seed, 1_500));
  if (seen === undefined) {
    context.skip(absent);
    return;
  }
  expect(seen.faults).toEqual([]);
  expect(seen.stopped).toBeGreaterThan(120);
  expect(seen.parted).toBeGreaterThan(80);
});

test('imports and calls what Python does, or says that readers differ: our own samples', (context) => {
  // joblib's own unpickler reads on in other ways; the expanding sample would be hashed for ever; codes are registered by the oracle.
  const own = samples().filter((sample) => sample.startsWith('pickle/') && !/joblib|laughs|extension|not-a-pickle|expansion/.test(sample));
  const seen = compare(own.map((sample) => readFileSync(join(fixtures, sample))));
  if (seen === undefined) {
    context.skip(absent);
    return;
  }
  expect(seen.faults).toEqual([]);
  expect(seen.stopped).toBeGreaterThan(40);
});

test('takes numbers as the C unpickler does, and says when others take them differently', (context) => {
  const letters = ['0', '1', '8', '_', '-', '+', ' ', 'L', 'x', '.', 'e', '\0'];
  const short = ['', ...letters, ...letters.flatMap((a) => letters.map((b) => a + b))];
  const cases = [
    ...[...short, ...integers].flatMap((line) => [`I${line}\n.`, `L${line}\n.`]), ...[...short, ...decimals].map((line) => `F${line}\n.`),
    ...[...short, ...indexes].flatMap((line) => [`Nq\0q\x01q\x08g${line}\n.`, `Np${line}\n.`]),
  ].map((text) => p.ops(text));
  const seen = unpickle(cases);
  if (seen === undefined) {
    context.skip(absent);
    return;
  }
  for (const [index, { c, python, tools }] of seen.entries()) {
    const mine = ours(cases[index]!);
    const differ = JSON.stringify([c.notes, c.ends.map(([how]) => how === 'stop')]) !== JSON.stringify([python.notes, python.ends.map(([how]) => how === 'stop')])
      || (c.ends[0]?.[0] === 'stop' && tools.how !== 'stop');
    const name = `${legible(cases[index]!)} ${JSON.stringify([c, python, tools])}`;
    expect([mine.differs.length > 0, mine.ends[0]?.kind], name).toEqual([differ, [c, python].some(({ ends }) => ends[0]?.[0] === 'stop') ? 'stop' : 'damage']);
    if (c.ends[0]?.[0] === 'stop') expect(mine.notes[0], name).toEqual(c.notes[0]);
  }
});

test('renames as Python does', (context) => {
  const script = 'import _compat_pickle as c, json; print(json.dumps([list(map(list, c.NAME_MAPPING.items())), list(c.IMPORT_MAPPING.items())]))';
  const ran = spawnSync('python3', ['-I', '-S', '-c', script], { encoding: 'utf8' });
  if (ran.status !== 0) {
    context.skip(absent);
    return;
  }
  const [named, imported] = JSON.parse(ran.stdout) as [[[string, string], [string, string]][], [string, string][]];
  expect(named.length + imported.length).toBeGreaterThan(100);
  for (const [[module, name], to] of named) expect(renamed(module, name)).toEqual(to);
  for (const [module, to] of imported) expect(renamed(module, 'some_name')).toEqual([to, 'some_name']);
  expect(renamed('exceptions', 'eval')).toEqual(['exceptions', 'eval']);
});
