// SPDX-License-Identifier: Apache-2.0
import { Malformed } from '../../src/bytes/errors.ts';
import type { ByteSource } from '../../src/bytes/source.ts';
import { pictureShape, stackRows } from '../../src/grammar/picture/stack.ts';
import { scanner, type RowBatch, type Sample, type Wanted } from '../../src/model/scanner.ts';

/** Types of element: bytes and name (LeCun's MNIST page). */
const types: Readonly<Record<number, readonly [bytes: number, name: string]>> = { 0x08: [1, 'U8'], 0x09: [1, 'I8'], 0x0b: [2, 'I16'], 0x0c: [4, 'I32'], 0x0d: [4, 'F32'], 0x0e: [8, 'F64'] };
const dimensionsMost = 4;

interface Header {
  readonly type: number;
  readonly shape: readonly number[];
  readonly data: number;
  /** Bytes of all elements; beyond 2^53 not exact. */
  readonly bytes: number;
}

/** IDX arrays, as MNIST and its kin are kept: pictures in one file, their labels in another. */
export default scanner({
  id: 'idx',
  title: 'IDX arrays (MNIST and its kin)',
  extensions: ['.idx', '-ubyte'],
  holds: 'data',
  says: ['region', 'column', 'anomaly', 'malformed', 'claim'],
  // Four bytes without a signature: only with a known type, and a size that fits.
  recognise(sample) {
    const header = headerOf(sample.head);
    return header !== undefined && (header.data + header.bytes === sample.size || /idx\d-(?:u?byte|short|int|float)|\.idx\d?$/i.test(sample.name)) ? 'yes' : 'no';
  },
  async *inspect(source) {
    const header = headerOf(await source.read(0, Math.min(source.size, 4 + 4 * dimensionsMost)));
    if (header === undefined) throw new Malformed('idx/header', 'the header names no type or too many dimensions', 0);
    const { shape, type, data, bytes } = header;
    yield { kind: 'claim', field: 'picture', value: `${shape.join(' × ')} of ${types[type]![1]}` };
    yield { kind: 'region', name: 'header', at: [0, data] };
    const end = Math.min(data + bytes, source.size);
    yield { kind: 'region', name: 'elements', at: [data, end] };
    if (data + bytes > source.size) yield { kind: 'malformed', code: 'idx/truncated', what: `elements of ${bytes} bytes at ${data} pass the end at ${source.size}` };
    const rows = rowsIn(header, source.size);
    if (types[type]![0] !== 1 || (shape.length > 1 && pictureShape(shape) === undefined)) return;
    yield { kind: 'column', name: shape.length === 1 ? 'label' : 'image', type: shape.length === 1 ? 'int' : 'bytes', rows, nulls: 0 };
    yield { kind: 'anomaly', measure: 'rows', value: rows };
  },
  rows,
});

/** 0 two zero bytes, 2 type, 3 number of dimensions, 4 their sizes (32 bits, big-endian), then the elements. */
function headerOf(head: Uint8Array): Header | undefined {
  if (head.length < 8 || head[0] !== 0 || head[1] !== 0) return undefined;
  const [type, dimensions] = [head[2]!, head[3]!];
  if (types[type] === undefined || dimensions === 0 || dimensions > dimensionsMost || head.length < 4 + 4 * dimensions) return undefined;
  const data = new DataView(head.buffer, head.byteOffset, head.length);
  const shape = Array.from({ length: dimensions }, (_, n) => data.getUint32(4 + 4 * n));
  return { type, shape, data: 4 + 4 * dimensions, bytes: shape.reduce((product, n) => product * n, types[type][0]) };
}

/** Rows that are there in full. */
function rowsIn({ shape, type, data }: Header, size: number): number {
  const each = shape.slice(1).reduce((product, n) => product * n, types[type]![0]);
  return each === 0 ? 0 : Math.min(shape[0]!, Math.floor(Math.max(0, size - data) / each));
}

/** Rows for the studies: pictures and labels of one byte for each value. */
async function* rows(source: ByteSource, _sample: Sample, wanted: Wanted): AsyncGenerator<RowBatch> {
  const header = headerOf(await source.read(0, Math.min(source.size, 4 + 4 * dimensionsMost)));
  if (header === undefined || types[header.type]![0] !== 1) return;
  const { shape, data, type } = header;
  const picture = pictureShape(shape);
  if (shape.length > 1 && picture === undefined) return;
  yield* stackRows({ data, element: type === 0x09 ? 'I8' : 'U8', little: false, rows: rowsIn(header, source.size), ...(picture === undefined ? {} : { picture }) }, source, wanted);
}
