// SPDX-License-Identifier: Apache-2.0
// Speed of what is done with weights in memory, in GB/s and as ratios to copying the same bytes, to hashing them with SHA-256, and to
// the same statistics by ONNX Runtime (which has no counts of bits), all on one thread. `node bench/weigh.ts`
import { hash } from 'node:crypto';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { onnxModel } from '../fixtures/support/onnx.ts';
import { Budget } from '../src/bytes/limits.ts';
import { MemorySource } from '../src/bytes/source.ts';
import { blockBytes, Kernel } from '../src/weigh/kernel/kernel.ts';
import { add, plain } from '../src/weigh/plain.ts';
import { weigh } from '../src/weigh/weigh.ts';

const length = 32 << 20;
let state = 7;
const values = Float32Array.from({ length }, () => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return ((state / 2 ** 32) ** 2 - 0.3) * 0.1;
});
const bytes = new Uint8Array(values.buffer);
const median = async (run: () => Promise<unknown> | void): Promise<number> => {
  const seconds: number[] = [];
  for (let i = 0; i < 7; i += 1) {
    const begin = performance.now();
    await run();
    seconds.push((performance.now() - begin) / 1000);
  }
  return seconds.toSorted((a, b) => a - b)[3]!;
};
const blocks = Array.from({ length: bytes.length / blockBytes }, (_, i) => bytes.subarray(i * blockBytes, (i + 1) * blockBytes));
const target = new Uint8Array(blockBytes);
const kernel = new Kernel();
const halves = new Uint8Array(Float16Array.from(values).buffer);
const bfloats = new Uint8Array(Uint16Array.from(new Uint32Array(values.buffer), (word) => word >>> 16).buffer);
const weighed = async (dtype: string, of: Uint8Array): Promise<void> => {
  for await (const _ of weigh(new MemorySource(of, new Budget()), [{ kind: 'tensor', name: 'w', dtype, shape: [length / 1024, 1024], at: [0, of.length] }], 'full')) void _;
};
/** The four statistics that ONNX Runtime has operators for, over blocks of the same size. */
const reductions = ['ReduceMin', 'ReduceMax', 'ReduceMean', 'ReduceSumSquare'];
const session = await InferenceSession.create(onnxModel({
  opsets: { '': 12 },
  graph: {
    nodes: reductions.map((op) => ({ op, inputs: ['x'], outputs: [op] })), inputs: { x: [1, [blockBytes / 4]] },
    outputs: Object.fromEntries(reductions.map((op) => [op, [1, [1]] as const])),
  },
}), { intraOpNumThreads: 1 });
const runs: Record<string, () => Promise<unknown> | void> = {
  'copying': () => { for (const block of blocks) target.set(block); },
  'hashing (SHA-256)': () => void hash('sha256', bytes),
  'plain statistics, kernel': () => { for (const block of blocks) { kernel.take(block, 'F32'); kernel.measure(0, blockBytes / 4); } },
  'plain statistics, typed arrays': () => add(plain(), values, length),
  'min, max, mean, squares, ONNX Runtime': async () => { for (let i = 0; i < blocks.length; i += 1) await session.run({ x: new Tensor('float32', values.subarray((i * blockBytes) / 4, ((i + 1) * blockBytes) / 4), [blockBytes / 4]) }); },
  'full pass, F32': () => weighed('F32', bytes),
  'full pass, BF16 (half as many bytes)': () => weighed('BF16', bfloats),
  'full pass, F16 (half as many bytes)': () => weighed('F16', halves),
};
const seconds: Record<string, number> = {};
for (const [name, run] of Object.entries(runs)) seconds[name] = await median(run);
console.log('| what | GB/s | time / hashing |\n| --- | --- | --- |');
for (const [name, took] of Object.entries(seconds)) console.log(`| ${name} | ${((name.includes('half as many') ? halves : bytes).length / took / 1e9).toFixed(2)} | ${(took / seconds['hashing (SHA-256)']!).toFixed(2)} |`);
