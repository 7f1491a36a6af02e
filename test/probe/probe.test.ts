import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cases, endless } from '../../fixtures/onnx-probe/make.ts';
import { onnxModel } from '../../fixtures/support/onnx.ts';
import { checks } from '../../src/probe/checks.ts';
import { probe, probeLimits } from '../../src/probe/probe.ts';
import type { Session } from '../../src/probe/session.ts';
import { scan } from '../../src/run/scan.ts';
import { folder } from '../support/folder.ts';
import { fixtures } from '../support/samples.ts';

function ask(bytes: Uint8Array, limits = probeLimits, loops = true): ReturnType<typeof probe> {
  const path = join(folder({ 'model.onnx': bytes }), 'model.onnx');
  return probe({ path, size: bytes.length, external: false, loops }, limits);
}

test('a model that never ends is stopped at its deadline', async () => {
  const said = await ask(endless(), { ...probeLimits, seconds: 1 });
  expect(said).toContainEqual(expect.objectContaining({ name: 'runtime-ends', outcome: 'broken', what: expect.stringContaining('did not end within 2 s') as unknown }));
});

test('a model without loops that takes long is no fault of its own', async () => {
  // The same model, said to have no loop: what a heavy one looks like from outside.
  const said = await ask(endless(), { ...probeLimits, seconds: 1 }, false);
  expect(said.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual(['runtime-load held', 'runtime-run not-assessable']);
});

test('a model whose runs take long is run once', async () => {
  const port = { name: 'x', type: 'float32', shape: ['batch', 4] };
  let [runs, told] = [0, 0];
  const slow: Session = {
    inputs: [port], declared: 0, release: async () => {},
    run: async () => {
      runs += 1;
      await new Promise((resolve) => setTimeout(resolve, 60));
      return { y: { type: 'float32', dims: [1, 1], data: Float32Array.of(1) } };
    },
  };
  const said = await checks(slow, { seconds: 0.1, ran: () => { told += 1; } });
  expect([runs, told]).toEqual([1, 1]);
  expect(said.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual(['runtime-run held', 'finite-output held', 'repeatable-output not-assessable', 'row-independence not-assessable']);
});

test('inputs that a model declares buy memory, but not without end', async () => {
  const wide = onnxModel({ graph: { nodes: [{ op: 'Identity', inputs: ['x'], outputs: ['y'] }], inputs: { x: [1, [1, 3, 1024, 1024]] }, outputs: { y: [1, [1, 3, 1024, 1024]] } } });
  expect(await ask(wide, { ...probeLimits, memory: 150 << 20 })).toContainEqual(expect.objectContaining({ name: 'runtime-run', outcome: 'held' }));
});

test('a model that floods memory is stopped', async () => {
  const [check] = await ask(cases()['flood.onnx']!, { ...probeLimits, memory: 400 << 20 });
  expect(check).toMatchObject({ name: 'runtime-survives', outcome: 'broken' });
});

test('a model beyond the size limit is not run, and that is said', async () => {
  const [check] = await ask(cases()['clean.onnx']!, { ...probeLimits, size: 10 });
  expect(check).toMatchObject({ outcome: 'not-assessable' });
});

test('messages of the runtime name no path of this machine', async () => {
  const [check] = await ask(cases()['clean.onnx']!.slice(0, 60));
  expect(check).toMatchObject({ name: 'runtime-load', outcome: 'broken' });
  expect(check!.what).not.toMatch(/\/[a-z]+\//);
});

test('a model whose external data was not scanned is not run', async () => {
  const report = await scan([join(fixtures, 'onnx/sibling-missing')], { runner: 'inline' });
  const [check] = report.inspected.flatMap(({ facts }) => facts.filter((fact) => fact.kind === 'check'));
  expect(check).toEqual({ kind: 'check', name: 'runtime-load', outcome: 'not-assessable', what: 'not run: its external data is not there' });
});

test('a model that runs is asked everything', async () => {
  const report = await scan([folder({ 'model.onnx': cases()['clean.onnx']! })], { runner: 'inline' });
  const checks = report.inspected[0]!.facts.filter((fact) => fact.kind === 'check');
  expect(checks.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
    'runtime-load held', 'runtime-run held', 'finite-output held', 'repeatable-output held', 'row-independence held',
  ]);
});

test('with probe: false nothing is run', async () => {
  const report = await scan([folder({ 'model.onnx': cases()['clean.onnx']! })], { runner: 'inline', probe: false });
  expect(report.inspected[0]!.facts.filter(({ kind }) => kind === 'check')).toEqual([]);
});
