// SPDX-License-Identifier: Apache-2.0
// Makes the corpora that bench/run.ts measures: same seed, same bytes. Sizes follow what model repositories hold.
import { closeSync, existsSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

/** A small fast generator (mulberry32): the same numbers everywhere. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Bytes that look like float32 weights: N(0, 0.02) by a sum of uniforms. One block, written again and again. */
function weights(length: number, next: () => number): Buffer {
  const values = new Float32Array(length >> 2);
  for (let i = 0; i < values.length; i += 1) values[i] = (next() + next() + next() + next() - 2) * 0.035;
  return Buffer.from(values.buffer);
}

function writeWeights(fd: number, length: number, block: Buffer): number {
  let crc = 0;
  for (let done = 0; done < length; ) {
    const part = block.subarray(0, Math.min(block.length, length - done));
    writeSync(fd, part);
    crc = crc32(part, crc);
    done += part.length;
  }
  return crc;
}

/** One safetensors file of about `size` bytes in 300 tensors. */
export function largeSafetensors(path: string, size: number): void {
  const block = weights(8 << 20, random(1));
  const each = Math.floor(size / 300 / 4) * 4;
  const header: Record<string, object> = {};
  for (let i = 0; i < 300; i += 1) header[`layer.${i}.weight`] = { dtype: 'F32', shape: [each / 4], data_offsets: [i * each, (i + 1) * each] };
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const fd = openSync(path, 'w');
  writeSync(fd, Buffer.concat([length, json]));
  writeWeights(fd, each * 300, block);
  closeSync(fd);
}

const str = (text: string): Buffer => Buffer.concat([Buffer.from([0x8c, Buffer.byteLength(text)]), Buffer.from(text)]);
const int = (value: number): Buffer => {
  const bytes = Buffer.alloc(5, 0x4a); // BININT
  bytes.writeInt32LE(value, 1);
  return bytes;
};

/** A protocol-4 pickle of a dict of lists of numbers and texts, about `size` bytes: what configs and vocabularies are. */
export function dataPickle(size: number, next: () => number): Buffer {
  const parts: Buffer[] = [Buffer.from([0x80, 4, 0x7d, 0x94, 0x28])]; // PROTO 4, EMPTY_DICT, MEMOIZE, MARK
  for (let length = 0, key = 0; length < size; key += 1) {
    const begun = parts.length;
    parts.push(str(`key_${key}`), Buffer.from([0x94, 0x5d, 0x94, 0x28]));
    for (let i = 0; i < 40; i += 1) {
      const float = Buffer.alloc(9, 0x47); // BINFLOAT
      float.writeDoubleBE(next(), 1);
      parts.push(int(Math.floor(next() * 1e9)), float, str(`token_${Math.floor(next() * 1e6)}`), Buffer.from([0x94]));
    }
    parts.push(Buffer.from([0x65])); // APPENDS
    for (let i = begun; i < parts.length; i += 1) length += parts[i]!.length;
  }
  parts.push(Buffer.from([0x75, 0x2e])); // SETITEMS, STOP
  return Buffer.concat(parts);
}

/** 2,000 small files in 20 folders: a third each of pickles, safetensors, and JSON or text; about 394 MB. */
export function mixedFiles(folder: string): void {
  const next = random(2);
  const block = weights(512 << 10, next);
  for (let i = 0; i < 2000; i += 1) {
    const place = join(folder, `part-${String(i % 20).padStart(2, '0')}`);
    mkdirSync(place, { recursive: true });
    const size = 1000 + Math.floor(next() * 393_000);
    const name = join(place, `file-${String(i).padStart(4, '0')}`);
    if (i % 3 === 0) writeFileSync(`${name}.pkl`, dataPickle(size, next));
    else if (i % 3 === 1) writeFileSync(`${name}.safetensors`, smallSafetensors(size, block));
    else if (i % 5 < 3) writeFileSync(`${name}.json`, jsonOf(size, next));
    else writeFileSync(`${name}.txt`, textOf(size, next));
  }
}

function smallSafetensors(size: number, block: Buffer): Buffer {
  const count = Math.max(1, Math.floor(size / 4 / 8));
  const header = Buffer.from(JSON.stringify(Object.fromEntries(Array.from({ length: 8 }, (_, i) => (
    [`tensor.${i}`, { dtype: 'F32', shape: [count], data_offsets: [i * count * 4, (i + 1) * count * 4] }]
  )))));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, block.subarray(0, count * 4 * 8)]);
}

function jsonOf(size: number, next: () => number): string {
  const rows: object[] = [];
  for (let length = 0; length < size; length += 90) rows.push({ id: Math.floor(next() * 1e9), text: `sample number ${Math.floor(next() * 1e6)}`, score: next(), tags: ['a', 'b'] });
  return JSON.stringify(rows);
}

function textOf(size: number, next: () => number): string {
  const words = ['the', 'model', 'was', 'trained', 'on', 'data', 'from', 'several', 'sources', 'and', 'evaluated'];
  const out: string[] = [];
  for (let length = 0; length < size; length += 7) out.push(words[Math.floor(next() * words.length)]!);
  return out.join(' ');
}

/** 5,000 pickles of about a kilobyte, all distinct; every other one would call something (inert arguments). */
export function smallPickles(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const next = random(3);
  const callables = [['os', 'system'], ['subprocess', 'Popen'], ['builtins', 'eval'], ['runpy', 'run_path'], ['webbrowser', 'open']] as const;
  for (let i = 0; i < 5000; i += 1) {
    const name = join(folder, `p${String(i).padStart(4, '0')}.pkl`);
    if (i % 2 === 0) writeFileSync(name, dataPickle(600 + Math.floor(next() * 800), next));
    else {
      const [module, attribute] = callables[i % callables.length]!;
      // PROTO 4, module, name, STACK_GLOBAL, argument, TUPLE1, REDUCE, POP, and the data of an ordinary one
      const call = Buffer.concat([Buffer.from([0x80, 4]), str(module), str(attribute), Buffer.from([0x93]), str(`echo ${i}`), Buffer.from([0x85, 0x52, 0x30])]);
      writeFileSync(name, Buffer.concat([call, dataPickle(600 + Math.floor(next() * 800), next).subarray(2)]));
    }
  }
}

/** A torch zip of about `size` bytes: 200 stored float32 storages, 64-byte aligned, and the pickle that names them. */
export function torchZip(path: string, size: number): void {
  const block = weights(8 << 20, random(4));
  const count = 200;
  const each = Math.floor(size / count / 64) * 64;
  const fd = openSync(path, 'w');
  const directory: Buffer[] = [];
  let offset = 0;
  const member = (name: string, length: number, body: () => number): void => {
    const bytes = Buffer.from(name);
    const unpadded = offset + 30 + bytes.length + 4;
    const padding = (64 - (unpadded % 64)) % 64;
    const extra = Buffer.concat([Buffer.from([0x46, 0x42]), u16(padding), Buffer.alloc(padding, 'Z')]);
    const at = offset;
    const header = (crc: number): Buffer => Buffer.concat([
      Buffer.from('PK\u0003\u0004', 'latin1'), u16(20), u16(0), u16(0), u16(0), u16(0x21), u32(crc), u32(length), u32(length), u16(bytes.length), u16(extra.length), bytes, extra,
    ]);
    const begin = header(0);
    writeSync(fd, begin);
    const crc = body();
    writeSync(fd, header(crc), 0, begin.length, at);
    offset += begin.length + length;
    directory.push(Buffer.concat([
      Buffer.from('PK\u0001\u0002', 'latin1'), u16(20), u16(20), u16(0), u16(0), u16(0), u16(0x21), u32(crc), u32(length), u32(length),
      u16(bytes.length), u16(0), u16(0), u16(0), u16(0), u32(0), u32(at), bytes,
    ]));
  };
  const whole = (name: string, content: Buffer): void => member(name, content.length, () => {
    writeSync(fd, content);
    return crc32(content);
  });
  whole('checkpoint/data.pkl', statePickle(count, each / 4));
  whole('checkpoint/byteorder', Buffer.from('little'));
  for (let i = 0; i < count; i += 1) member(`checkpoint/data/${i}`, each, () => writeWeights(fd, each, block));
  whole('checkpoint/version', Buffer.from('3\n'));
  const central = Buffer.concat(directory);
  writeSync(fd, Buffer.concat([
    central, Buffer.from('PK\u0005\u0006', 'latin1'), u16(0), u16(0), u16(directory.length), u16(directory.length), u32(central.length), u32(offset), u16(0),
  ]));
  closeSync(fd);
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}
function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

/** What torch.save writes for a dict of one-dimensional float32 tensors (protocol 2). */
function statePickle(count: number, elements: number): Buffer {
  const text = (value: string): Buffer => Buffer.concat([Buffer.from('X'), u32(Buffer.byteLength(value)), Buffer.from(value)]);
  const parts: Buffer[] = [Buffer.from([0x80, 2, 0x7d, 0x28])]; // PROTO 2, EMPTY_DICT, MARK
  for (let i = 0; i < count; i += 1) {
    parts.push(
      text(`layer.${i}.weight`), Buffer.from('ctorch._utils\n_rebuild_tensor_v2\n(('), text('storage'), Buffer.from('ctorch\nFloatStorage\n'),
      text(String(i)), text('cpu'), int(elements), Buffer.from('tQ'), Buffer.from([0x4b, 0]), int(elements), Buffer.from([0x85, 0x4b, 1, 0x85, 0x89]),
      Buffer.from('ccollections\nOrderedDict\n)RtR'),
    );
  }
  parts.push(Buffer.from('u.'));
  return Buffer.concat(parts);
}

/** Makes what is missing under `folder`, and says where each corpus lies. */
export function corpora(folder: string, gib: number): { large: string; torch: string; mixed: string; pickles: string } {
  mkdirSync(folder, { recursive: true });
  const at = {
    large: join(folder, `model-${gib}.safetensors`), torch: join(folder, 'checkpoint.pt'), mixed: join(folder, 'mixed'), pickles: join(folder, 'pickles'),
  };
  if (!existsSync(at.large)) largeSafetensors(at.large, gib * 2 ** 30);
  if (!existsSync(at.torch)) torchZip(at.torch, 2 ** 30);
  if (!existsSync(at.mixed)) mixedFiles(at.mixed);
  if (!existsSync(at.pickles)) smallPickles(at.pickles);
  return at;
}
