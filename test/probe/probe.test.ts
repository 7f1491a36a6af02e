import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cases, endless } from '../../fixtures/onnx-probe/make.ts';
import { probe, probeLimits } from '../../src/probe/probe.ts';
import { scan } from '../../src/run/scan.ts';
import { folder } from '../support/folder.ts';
import { fixtures } from '../support/samples.ts';

function ask(bytes: Uint8Array, limits = probeLimits): ReturnType<typeof probe> {
  const path = join(folder({ 'model.onnx': bytes }), 'model.onnx');
  return probe({ path, size: bytes.length, external: false }, limits);
}

test('a model that never ends is stopped at its deadline', async () => {
  const [check] = await ask(endless(), { ...probeLimits, seconds: 1 });
  expect(check).toMatchObject({ name: 'runtime-survives', outcome: 'broken', what: expect.stringContaining('did not end within 2 s') as unknown });
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
