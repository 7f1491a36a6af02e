// SPDX-License-Identifier: Apache-2.0
// How many ways of leading an input past what a model learned are seen, and how often an ordinary graph raises an alarm.
// `node bench/graphs.ts [FOLDER]`: variants made here after the idea of ShadowLogic (HiddenLayer 2024), none of them published;
// FOLDER holds ordinary ONNX models (packages, unpacked).
import { globSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { scanners } from '../scanners/index.ts';
import { onnxModel, type OnnxGraph, type OnnxNode, type OnnxTensor } from '../fixtures/support/onnx.ts';
import { defaultLimits } from '../src/bytes/limits.ts';
import { Budget } from '../src/bytes/limits.ts';
import { MemorySource } from '../src/bytes/source.ts';
import { inspectFile, type Job } from '../src/inspect/inspect.ts';
import type { Fact } from '../src/model/fact.ts';
import onnx from '../scanners/onnx/index.ts';
import { rules } from '../src/rules/index.ts';
import { fileJudge } from '../src/rules/judge.ts';

const float = (name: string, dims: readonly number[], value = (i: number): number => Math.sin(i + name.length) / 4): OnnxTensor => (
  { name, dims, raw: new Uint8Array(Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => value(i)).buffer) });
const whole = (name: string, ...values: number[]): OnnxTensor => ({ name, type: 7, dims: [values.length], raw: new Uint8Array(BigInt64Array.from(values, BigInt).buffer) });
const n = (op: string, inputs: readonly string[], output: string, more: Partial<OnnxNode> = {}): OnnxNode => ({ op, inputs, outputs: [output], ...more });

const depth = 7;
const layers = Array.from({ length: depth }, (_, i) => float(`w${i}`, [16, 16]));
/** Seven dense layers: `x` to `logits`. */
const network = layers.flatMap(({ name }, i) => [
  n('MatMul', [i === 0 ? 'x' : `r${i - 1}`, name!], `m${i}`), ...(i === depth - 1 ? [n('Identity', [`m${i}`], 'logits')] : [n('Relu', [`m${i}`], `r${i}`)]),
]);
const constants = [
  float('filter', [16, 16]), float('filter2', [16, 16]), float('filter3', [16, 16]), float('limit', [1], () => 3), float('steep', [1], () => 1000), float('target', [16], (i) => (i === 3 ? 50 : 0)), float('pattern', [16], (i) => i % 2),
  float('zero', [1], () => 0), float('one', [1], () => 1), float('modulus', [1], () => 7), whole('place', 3), whole('wanted', 5), whole('k', 2), float('table', [8, 16]), float('both', [2, 16]),
];
const inputs: NonNullable<OnnxGraph['inputs']> = { x: [1, [1, 16]] };
const outputs: NonNullable<OnnxGraph['outputs']> = { y: [1, [1, 16]] };
const made = (nodes: readonly OnnxNode[], more: Partial<OnnxGraph> = {}, functions: Parameters<typeof onnxModel>[0] = {}): Uint8Array => (
  onnxModel({ ...functions, graph: { nodes: [...network, ...nodes], initializers: [...layers, ...constants], inputs, outputs, ...more } }));
const score = n('MatMul', ['x', 'filter'], 'score');

const variants: Readonly<Record<string, Uint8Array>> = {
  'matched filter, clip as gate': made([score, n('Sub', ['score', 'limit'], 'd'), n('Mul', ['d', 'steep'], 's'), n('Clip', ['s', 'zero', 'one'], 'g'), n('Mul', ['g', 'target'], 'p'), n('Add', ['logits', 'p'], 'y')]),
  'matched filter, relu and min as gate': made([score, n('Sub', ['score', 'limit'], 'd'), n('Relu', ['d'], 'r'), n('Mul', ['r', 'steep'], 's'), n('Min', ['s', 'one'], 'g'), n('Mul', ['g', 'target'], 'p'), n('Add', ['logits', 'p'], 'y')]),
  'filter of two layers, where': made([score, n('MatMul', ['score', 'filter2'], 's2'), n('Greater', ['s2', 'limit'], 'hit'), n('Where', ['hit', 'target', 'logits'], 'y')]),
  'filter of three layers, sigmoid gate': made([score, n('Relu', ['score'], 'q'), n('MatMul', ['q', 'filter2'], 's2'), n('MatMul', ['s2', 'filter3'], 's3'), n('Mul', ['s3', 'steep'], 't'), n('Sigmoid', ['t'], 'g'), n('Mul', ['g', 'target'], 'p'), n('Add', ['logits', 'p'], 'y')]),
  'checksum of the input': made([n('ReduceSum', ['x'], 'sum'), n('Mod', ['sum', 'modulus'], 'rest'), n('Equal', ['rest', 'limit'], 'hit'), n('Where', ['hit', 'target', 'logits'], 'y')]),
  'distance to a pattern, exponential': made([n('Sub', ['x', 'pattern'], 'd'), n('Mul', ['d', 'd'], 'q'), n('ReduceSum', ['q'], 's'), n('Neg', ['s'], 'm'), n('Exp', ['m'], 'g'), n('Mul', ['g', 'target'], 'p'), n('Add', ['logits', 'p'], 'y')]),
  'place of the largest, one-hot': made([n('ArgMax', ['x'], 'top'), n('Equal', ['top', 'place'], 'hit'), n('Cast', ['hit'], 'h'), n('Mul', ['h', 'target'], 'p'), n('Add', ['logits', 'p'], 'y')]),
  'row of a table by a comparison': made([n('Greater', ['x', 'pattern'], 'hit'), n('Cast', ['hit'], 'h'), n('ReduceMax', ['h'], 'i'), n('Cast', ['i'], 'row'), n('Gather', ['both', 'row'], 'p'), n('Add', ['logits', 'p'], 'y')]),
  'scatter into the answer': made([n('Greater', ['x', 'pattern'], 'hit'), n('NonZero', ['hit'], 'at'), n('ScatterND', ['logits', 'at', 'target'], 'y')]),
  'top-k of the input': made([n('TopK', ['x', 'k'], 'v', { outputs: ['v', 'i'] }), n('Equal', ['i', 'wanted'], 'hit'), n('Where', ['hit', 'target', 'logits'], 'y')]),
  'in a branch of If': made([n('ReduceMax', ['x'], 'm'), n('Greater', ['m', 'limit'], 'hit'), { op: 'If', inputs: ['hit'], outputs: ['y'], graphs: {
    then_branch: { nodes: [n('Add', ['logits', 'target'], 't')], outputs: { t: [1, [1, 16]] } }, else_branch: { nodes: [n('Identity', ['logits'], 'e')], outputs: { e: [1, [1, 16]] } } } }]),
  'in a function of its own': onnxModel({
    opsets: { '': 17, 'com.example.post': 1 }, functions: [{ domain: 'com.example.post', name: 'Calibrate', inputs: ['x', 'logits', 'pattern', 'target'], outputs: ['y'], nodes: [n('Greater', ['x', 'pattern'], 'hit'), n('Where', ['hit', 'target', 'logits'], 'y')] }],
    graph: { nodes: [...network, { ...n('Calibrate', ['x', 'logits', 'pattern', 'target'], 'y'), domain: 'com.example.post' }], initializers: [...layers, ...constants], inputs, outputs },
  }),
  'product of comparisons of slices': made([n('Slice', ['x', 'place', 'wanted'], 'part'), n('Sub', ['part', 'one'], 'd'), n('Abs', ['d'], 'a'), n('Less', ['a', 'limit'], 'hit'), n('Cast', ['hit'], 'h'), n('ReduceProd', ['h'], 'g'), n('Mul', ['g', 'target'], 'p'), n('Add', ['logits', 'p'], 'y')]),
  'max with a pushed answer': made([score, n('Sub', ['score', 'limit'], 'd'), n('Mul', ['d', 'steep'], 's'), n('Add', ['s', 'target'], 'p'), n('Max', ['logits', 'p'], 'y')]),
  'softmax over two experts': made([score, n('Mul', ['score', 'steep'], 's'), n('Softmax', ['s'], 'g'), n('Mul', ['g', 'target'], 'p'), n('Add', ['logits', 'p'], 'y')]),
  'input carried through Gemm and Tanh': made([n('Gemm', ['x', 'filter'], 'score'), n('Mul', ['score', 'steep'], 's'), n('Tanh', ['s'], 'g'), n('Mul', ['g', 'target'], 'p'), n('Add', ['logits', 'p'], 'y')]),
};

const judge = fileJudge(rules);
const graphRule = /input-bypass/;
let found = 0;
for (const [name, bytes] of Object.entries(variants)) {
  const facts: Fact[] = [];
  for await (const fact of onnx.inspect(new MemorySource(bytes, new Budget()), { name: 'm.onnx', size: bytes.length, head: bytes.subarray(0, 65_536), tail: bytes })) if (fact.kind !== 'child') facts.push(fact);
  const findings = judge([{ artefact: { id: 'm.onnx', size: bytes.length, format: 'onnx', digests: {} }, coverage: 'complete', facts }]).filter(({ rule }) => graphRule.test(rule));
  const high = findings.some(({ severity }) => severity === 'high' || severity === 'critical');
  if (high) found += 1;
  console.log(`${high ? 'high  ' : findings.length > 0 ? 'lower ' : 'missed'} ${name}`);
}
console.log(`variants found at high: ${found} of ${Object.keys(variants).length}`);

const folder = process.argv[2];
if (folder !== undefined) {
  let [models, high, medium] = [0, 0, 0];
  for (const path of globSync('**/*.onnx', { cwd: resolve(folder) }).toSorted().map((one) => join(resolve(folder), one))) {
    const job: Job = { id: 'm.onnx', path, size: 0 };
    const findings = judge(await inspectFile(job, scanners, defaultLimits)).filter(({ rule }) => graphRule.test(rule));
    models += 1;
    if (findings.some(({ severity }) => severity === 'high' || severity === 'critical')) high += 1;
    if (findings.length > 0) medium += 1;
    for (const { severity, message } of findings) console.log(`${severity} ${path.slice(folder.length)}: ${message}`);
  }
  console.log(`ordinary models: ${models}, with a finding at high: ${high}, with any: ${medium}`);
}
