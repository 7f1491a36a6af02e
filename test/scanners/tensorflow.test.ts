import { expect, test } from 'vitest';
import scanner from '../../scanners/tensorflow/index.ts';
import { Budget, defaultLimits } from '../../src/bytes/limits.ts';
import { MemorySource } from '../../src/bytes/source.ts';
import type { Fact } from '../../src/model/fact.ts';
import { graphDef, savedModel, type TfNodeText } from '../../fixtures/support/tensorflow.ts';
import { bytesField } from '../../fixtures/support/protobuf.ts';

async function facts(bytes: Uint8Array, name = 'graph.pb'): Promise<Fact[]> {
  const sample = { name, size: bytes.length, head: bytes, tail: bytes };
  expect(scanner.recognise(sample)).not.toBe('no');
  const out: Fact[] = [];
  for await (const said of scanner.inspect(new MemorySource(bytes, new Budget(defaultLimits, bytes.length)), sample)) if (said.kind !== 'child') out.push(said);
  return out;
}

const op = (name: string, kind: string, ...inputs: string[]): TfNodeText => ({ name, op: kind, inputs });

test('a graph is recognised by its content, whatever it is called', () => {
  const graph = graphDef([op('x', 'Placeholder')]);
  const model = savedModel({ nodes: [op('x', 'Placeholder')] });
  for (const head of [graph, model]) expect(scanner.recognise({ name: 'data.bin', size: head.length, head, tail: head })).toBe('yes');
});

test.for(['onnx', 'text', 'other'])('what is no graph is left to others: %s', (kind) => {
  const head = kind === 'onnx' ? Buffer.concat([Buffer.from([8, 8]), bytesField(2, 'fixture'), bytesField(7, [bytesField(1, [bytesField(4, 'Relu')])])])
    : kind === 'text' ? Buffer.from('node: nothing to see here\n') : bytesField(1, [bytesField(1, 'piece'), bytesField(3, 'x')]);
  expect(scanner.recognise({ name: 'data.bin', size: head.length, head, tail: head })).toBe('no');
});

test('a chain of a hundred thousand nodes in the worst order is followed', async () => {
  const nodes = [op('n0', 'Placeholder'), ...Array.from({ length: 100_000 }, (_, i) => op(`n${i + 1}`, 'Relu', `n${i}`))].toReversed();
  const depths = (await facts(graphDef(nodes))).filter((fact) => fact.kind === 'anomaly');
  expect(depths).toMatchObject([{ measure: 'learned-depth', value: 0 }]);
});

test('functions that call each other twice, thirty deep, do not take for ever', async () => {
  const functions = Array.from({ length: 30 }, (_, i) => ({
    name: `f${i}`, args: ['x'], results: { y: 'b:output:0' },
    nodes: [{ ...op('a', 'PartitionedCall', 'x'), functions: { f: `f${i + 1}` } }, { ...op('b', 'PartitionedCall', 'a:output:0'), functions: { f: `f${i + 1}` } }],
  }));
  const said = await facts(savedModel({ nodes: [op('x', 'Placeholder'), { ...op('y', 'PartitionedCall', 'x'), functions: { f: 'f0' } }], functions, signatures: { s: [{ x: 'x:0' }, { y: 'y:0' }] } }));
  expect(said.filter((fact) => fact.kind === 'anomaly')).toMatchObject([{ measure: 'graph-not-followed' }]);
});

test('an operator behind a caller\'s argument is told with the constant that the caller hands in', async () => {
  const said = await facts(savedModel({
    nodes: [{ name: 'p', op: 'Const', tensor: { type: 7, dims: [], texts: ['/etc/x'] } }, { ...op('y', 'PartitionedCall', 'p'), functions: { f: 'inner' } }],
    functions: [{ name: 'inner', args: ['p'], results: { y: 'r:contents:0' }, nodes: [op('r', 'ReadFile', 'p')] }],
    signatures: { s: [{}, { y: 'y:0' }] },
  }));
  expect(said.find((fact) => fact.kind === 'node' && fact.operator === 'ReadFile')).toMatchObject({ detail: { file: '/etc/x', from: 'constant', function: 'inner', runs: 'signature' } });
});
