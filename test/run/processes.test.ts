import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { defaultLimits } from '../../src/bytes/limits.ts';
import type { Inspected } from '../../src/model/artefact.ts';
import { processes } from '../../src/run/processes.ts';
import { folder } from '../support/folder.ts';

const entry = new URL('../support/evil-child.ts', import.meta.url);

async function inspectAll(names: readonly string[], limits = {}, count = 2): Promise<Map<string, Inspected>> {
  const path = folder(Object.fromEntries(names.map((name) => [name, `content of ${name}`])));
  const runner = processes({ processes: count, task: { limits: { ...defaultLimits, timeout: 1, heap: 300 << 20, ...limits }, facts: 'all' }, entry });
  try {
    const results = await runner.run(names.map((name) => ({ path: join(path, name), id: name, size: statSync(join(path, name)).size })));
    return new Map(results.flatMap(({ inspected }) => inspected).map((one) => [one.artefact.id, one]));
  } finally {
    await runner.close();
  }
}

function gapOf(one: Inspected | undefined): { why: string; what: string } | undefined {
  return one?.facts.find((fact) => fact.kind === 'gap');
}

test('a file whose scanner never ends is stopped, and the files beside it are done', async () => {
  const all = await inspectAll(['a.good', 'b.hang', 'c.good', 'd.good']);
  expect(gapOf(all.get('b.hang'))).toMatchObject({ why: 'timeout' });
  for (const name of ['a.good', 'c.good', 'd.good']) expect(all.get(name)).toMatchObject({ coverage: 'complete', artefact: { format: 'good' } });
});

test('a scanner that waits for ever without using the processor is stopped too', async () => {
  const all = await inspectAll(['a.wait', 'b.good']);
  expect(gapOf(all.get('a.wait'))).toMatchObject({ why: 'timeout' });
  expect(all.get('b.good')?.coverage).toBe('complete');
});

test.for([['crash', /SIGABRT/], ['exit', /exit code 7/]] as const)('a process that ends by %s costs one file', async ([how, words]) => {
  const all = await inspectAll(['a.good', `b.${how}`, 'c.good', 'd.good', 'e.good']);
  expect(gapOf(all.get(`b.${how}`))).toMatchObject({ why: 'crash', what: expect.stringMatching(words) as unknown });
  expect([...all.values()].filter(({ coverage }) => coverage === 'complete')).toHaveLength(4);
});

test('a scanner that fills the heap is stopped, and the files beside it are done', async () => {
  const all = await inspectAll(['a.good', 'b.heap', 'c.good'], { timeout: 30 });
  expect(['crash', 'limit']).toContain(gapOf(all.get('b.heap'))?.why);
  expect(all.get('c.good')?.coverage).toBe('complete');
});

test.runIf(process.platform === 'linux')('memory outside the heap counts as well', async () => {
  const all = await inspectAll(['a.native', 'b.good'], { timeout: 30 });
  expect(gapOf(all.get('a.native'))).toMatchObject({ why: 'limit', what: expect.stringContaining('grew to') as unknown });
  expect(all.get('b.good')?.coverage).toBe('complete');
});

test('an error that is a bug of ours is a gap that says so, in the same process', async () => {
  const all = await inspectAll(['a.bug', 'b.good'], {}, 1);
  expect(gapOf(all.get('a.bug'))).toMatchObject({ why: 'crash', what: expect.stringContaining('a bug in assay') as unknown });
  expect(all.get('b.good')?.coverage).toBe('complete');
});

test('many files of which several crash are all answered', async () => {
  const names = Array.from({ length: 300 }, (_, index) => `${String(index).padStart(3, '0')}.${index % 97 === 5 ? 'crash' : 'good'}`);
  const all = await inspectAll(names);
  expect(all.size).toBe(300);
  for (const name of names) expect(gapOf(all.get(name))?.why).toBe(name.endsWith('crash') ? 'crash' : undefined);
});

test('a batch of many small files waits for the hanging one no longer than a single file may take', async () => {
  const names = Array.from({ length: 60 }, (_, index) => `${String(index).padStart(2, '0')}.${index === 30 ? 'hang' : 'good'}`);
  const begun = performance.now();
  const all = await inspectAll(names, {}, 1);
  expect(gapOf(all.get('30.hang'))?.why).toBe('timeout');
  expect([...all.values()].filter(({ coverage }) => coverage === 'complete')).toHaveLength(59);
  expect(performance.now() - begun).toBeLessThan(30_000); // two deadlines of six seconds, not sixty
});
