// SPDX-License-Identifier: Apache-2.0
// How well hidden payloads are found in weights of real models, and how often clean ones raise an alarm.
// `node bench/weights.ts FOLDER` with ONNX models under it (npm packages, unpacked; docs/decisions.md names them). Payloads are
// pseudo-random or harmless headers filled with zeros and text; nothing in them can run.
import { createCipheriv, createHash } from 'node:crypto';
import { globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { scanners } from '../scanners/index.ts';
import { defaultLimits } from '../src/bytes/limits.ts';
import { inspectFile } from '../src/inspect/inspect.ts';
import type { FactOf } from '../src/model/fact.ts';
import { looker } from '../src/run/task.ts';
import { safetensors } from '../fixtures/support/safetensors.ts';
import { embed, plainFiles, type Scheme } from '../fixtures/support/stego.ts';

const folder = resolve(process.argv[2] ?? '.');
const work = mkdtempSync(join(tmpdir(), 'weights-'));
const payload = 48 * 1024;

async function studies(path: string, id: string): Promise<FactOf<'study'>[]> {
  const inspected = await inspectFile({ path, id, size: statSync(path).size }, scanners, defaultLimits, looker('full'));
  return inspected.flatMap(({ facts }) => facts).filter((fact): fact is FactOf<'study'> => fact.kind === 'study' && fact.outcome === 'finding');
}

/** The float32 weights of a model as one array for each tensor of 16,384 numbers and more. */
async function carrier(path: string): Promise<Float32Array[]> {
  const bytes = readFileSync(path);
  const inspected = await inspectFile({ path, id: 'm.onnx', size: bytes.length }, scanners, defaultLimits);
  return inspected.flatMap(({ facts }) => facts).flatMap((fact) => {
    if (fact.kind !== 'tensor' || fact.dtype !== 'F32' || fact.at === undefined) return [];
    const count = fact.shape.reduce((a, b) => a * b, 1);
    return count >= 16_384 && fact.at[1] - fact.at[0] === 4 * count ? [new Float32Array(Uint8Array.prototype.slice.call(bytes, ...fact.at).buffer)] : [];
  });
}

const keystream = (length: number): Buffer => createCipheriv('aes-256-ctr', createHash('sha256').update('inert').digest(), Buffer.alloc(16)).update(Buffer.alloc(length));
const asBytes = (array: Float32Array | Float16Array | Uint16Array): Uint8Array => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
const toBf16 = (values: Float32Array): Uint16Array => Uint16Array.from(new Uint32Array(values.slice().buffer), (word) => (word + 0x7fff + ((word >>> 16) & 1)) >>> 16);

async function ask(tensors: readonly (Float32Array | Float16Array | Uint16Array)[], dtype: string): Promise<string[]> {
  const path = join(work, 'x.safetensors');
  writeFileSync(path, safetensors(Object.fromEntries(tensors.map((t, i) => [`t${i}`, { dtype, shape: [t.length], data: asBytes(t) }]))));
  return (await studies(path, 'x.safetensors')).map(({ question }) => question);
}

const seen = new Set<string>();
const models: { path: string; tensors: Float32Array[] }[] = [];
let alarms = 0;
for (const path of globSync('**/*.onnx', { cwd: folder }).toSorted().map((name) => join(folder, name))) {
  const digest = createHash('sha256').update(readFileSync(path)).digest('hex');
  if (seen.has(digest)) continue;
  seen.add(digest);
  const found = await studies(path, 'm.onnx');
  if (found.length > 0) alarms += 1;
  for (const { question, what } of found) console.log('clean alarm', path.slice(folder.length), question, what);
  const tensors = await carrier(path);
  if (tensors.length > 0) models.push({ path, tensors });
}
console.log(`clean models with a finding: ${alarms} of ${seen.size}; carriers: ${models.length}`);

const nasty: Record<string, (t: Float32Array) => [Float32Array | Float16Array | Uint16Array, string]> = {
  'f16': (t) => [Float16Array.from(t), 'F16'], 'bf16': (t) => [toBf16(t), 'BF16'], 'f16 upcast': (t) => [Float32Array.from(Float16Array.from(t)), 'F32'],
  'int8 dequantised': (t) => { const s = t.reduce((m, x) => Math.max(m, Math.abs(x)), 0) / 127; return [t.map((x) => Math.round(x / s) * s), 'F32']; },
  'pruned': (t) => [t.map((x, i) => (i * 2654435761 % 10 < 7 ? 0 : x)), 'F32'], 'rounded to 3 digits': (t) => [t.map((x) => Math.round(x * 1000) / 1000), 'F32'],
  'scaled': (t) => [t.map((x) => x * 0.7310), 'F32'], 'zeros': (t) => [new Float32Array(t.length), 'F32'], 'one-hot': (t) => [t.map((_, i) => (i % 129 === 0 ? 1 : 0)), 'F32'],
  'integers': (t) => [t.map((_, i) => i % 5000), 'F32'], 'uniform +-0.05': (t) => { const k = keystream(4 * t.length); return [t.map((_, i) => (k.readUInt32LE(4 * i) / 2 ** 32 - 0.5) * 0.1), 'F32']; },
  'uniform +-0.125': (t) => { const k = keystream(4 * t.length); return [t.map((_, i) => (k.readUInt32LE(4 * i) / 2 ** 32 - 0.5) * 0.25), 'F32']; },
};
for (const [name, of] of Object.entries(nasty)) {
  let raised = 0;
  const which = new Set<string>();
  for (const { tensors } of models) {
    const made = tensors.map(of);
    const found = (await ask(made.map(([t]) => t), made[0]![1])).filter((q) => q !== 'tensor-all-zero');
    if (found.length > 0) raised += 1;
    for (const q of found) which.add(q);
  }
  console.log(`nasty clean ${name}: ${raised} of ${models.length} ${[...which].join(' ')}`);
}

const encrypted: readonly [Scheme, string, number?][] = [['msb', 'F32'], ['fast', 'F32'], ['lsb8', 'F16'], ['lsb4', 'BF16'], ['lsb8', 'F16', 0.5], ['lsb4', 'BF16', 0.5], ['lsb8', 'F32'], ['half', 'F32']];
for (const [scheme, dtype, part] of encrypted) {
  let [hit, n] = [0, 0];
  for (const { tensors } of models) {
    const all = tensors.map((t) => (dtype === 'F16' ? Float16Array.from(t) : dtype === 'BF16' ? toBf16(t) : t.slice()));
    const weights = all.reduce((sum, t) => sum + t.length, 0);
    const bits = scheme === 'lsb8' ? 8 : scheme === 'lsb4' ? 4 : scheme === 'half' ? 16 : 24;
    const length = part === undefined ? payload : Math.floor((weights * part * bits) / 8);
    if (weights * bits < length * 8 || length < payload) continue; // the numbers to reach are for payloads of 48 KB and more
    embed(all, keystream(length), scheme);
    n += 1;
    const found = await ask(all, dtype);
    if (found.length > 0) hit += 1;
    else if (process.env['VERBOSE']) console.log('  missed', tensors.map((t) => t.length).join(' '));
  }
  console.log(`encrypted ${scheme} in ${dtype}${part === undefined ? ', 48 KB' : `, ${part} of the weights`}: found ${hit} of ${n}`);
}
for (const scheme of ['lsb1', 'lsb2', 'lsb3', 'lsb4', 'lsb5', 'lsb6', 'lsb7', 'lsb8', 'half', 'msb'] as const) {
  let [hit, n] = [0, 0];
  for (const { tensors } of models) {
    for (const file of Object.values(plainFiles(4096))) {
      const all = tensors.map((t) => t.slice());
      embed(all, file, scheme);
      n += 1;
      if ((await ask(all, 'F32')).length > 0) hit += 1;
    }
  }
  console.log(`plain file ${scheme} in F32: found ${hit} of ${n}`);
}
rmSync(work, { recursive: true });
