// SPDX-License-Identifier: Apache-2.0
import { Malformed } from '../../src/bytes/errors.ts';
import type { ByteSource } from '../../src/bytes/source.ts';
import { pictureShape, stackRows, type Stack } from '../../src/grammar/picture/stack.ts';
import { parseLiteral, type Literal } from '../../src/grammar/python-literal.ts';
import { scanner, type RowBatch, type Sample, type Wanted } from '../../src/model/scanner.ts';
import type { FactOf } from '../../src/model/fact.ts';
import { dtypeOf, shapeOf, type Dtype } from './dtype.ts';

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] as const; // \x93NUMPY
/** numpy 1.24 and later refuse longer headers, older ones evaluate them. */
const headerAllowed = 10_000;
const headerRead = 1024 * 1024;

interface Header {
  readonly data: number;
  readonly text: string;
}

/** A NumPy array file (.npy, versions 1 to 3): its header is a Python literal, its content elements or a pickle. */
export default scanner({
  id: 'numpy',
  title: 'NumPy array (.npy)',
  extensions: ['.npy'],
  holds: 'code', // an object array is a pickle
  says: ['tensor', 'region', 'malformed', 'column', 'anomaly'],
  recognise: ({ head }) => (magic.every((byte, i) => head[i] === byte) ? 'yes' : 'no'),
  async *inspect(source, sample) {
    const header = await readHeader(source);
    yield { kind: 'region', name: 'header', at: [0, header.data] };
    if (header.data > headerAllowed) yield odd('numpy/header-size', `header has ${header.data} bytes: newer numpy allows ${headerAllowed}`);
    const fields = new Map<string, Literal>();
    yield* readFields(header.text, fields);
    const shape = shapeOf(fields.get('shape') ?? { type: 'none' });
    const dtype = dtypeOf(fields.get('descr') ?? { type: 'none' });
    const name = sample.name.replace(/\.npy$/i, '');
    if (shape === undefined) yield odd('numpy/shape', 'shape is no tuple of sizes');
    if (dtype === undefined) yield odd('numpy/dtype', `element type is none that numpy writes: ${header.text.slice(0, 120).trim()}`);
    if (shape === undefined || dtype === undefined || dtype.object) {
      // An object array, or one that numpy might take for such: what follows is a pickle.
      if (shape !== undefined && dtype !== undefined) yield { kind: 'tensor', name, dtype: dtype.name, shape, at: [header.data, source.size] };
      yield { kind: 'child', name: 'object-array.pkl', source: source.slice(header.data, source.size), at: [header.data, source.size] };
      return;
    }
    yield* elements(name, dtype, shape, header.data, source);
    const stack = stackOf(name, dtype, shape, fields, header, source.size);
    if (stack === undefined) return;
    yield { kind: 'column', name: stack.picture === undefined ? 'label' : 'image', type: stack.picture === undefined ? 'int' : 'bytes', rows: stack.rows, nulls: 0 };
    yield { kind: 'anomaly', measure: 'rows', value: stack.rows };
  },
  rows,
});

/** Fewer pictures are a sample of something, not a data set. */
const fewestRows = 20;
/** Names of arrays of labels; any vector of numbers could be one. */
const labels = /(?:^|[_.-])(?:y|labels?|targets?|class(?:es)?|gt)(?:$|[_.-])|^y_?(?:train|test|val)|labels$/i;

/** The array as a stack of pictures, or as their labels; undefined for everything else. */
function stackOf(name: string, dtype: Dtype, shape: readonly number[], fields: ReadonlyMap<string, Literal>, { data, text }: Header, size: number): Stack | undefined {
  const fortran = fields.get('fortran_order');
  if (dtype.itemsize === undefined || (shape[0] ?? 0) < fewestRows || fortran?.type !== 'bool' || fortran.value) return undefined;
  const picture = pictureShape(shape);
  const vector = shape.length === 1 || (shape.length === 2 && shape[1] === 1);
  const element = elementOf(dtype.name);
  const fits = picture === undefined ? vector && !element?.startsWith('F') && labels.test(name) : element === 'U8' || element === 'F32' || element === 'F64';
  if (element === undefined || !fits) return undefined;
  const each = shape.slice(1).reduce((product, n) => product * n, dtype.itemsize);
  const there = Math.min(shape[0]!, Math.floor(Math.max(0, size - data) / each));
  return { data, element, little: !/['"]>/.test(text), rows: there, ...(picture === undefined ? {} : { picture }) };
}

const numbers: ReadonlySet<string> = new Set(['U8', 'I8', 'I16', 'U16', 'I32', 'U32', 'I64', 'U64', 'F32', 'F64']);

function elementOf(name: string): Stack['element'] | undefined {
  return numbers.has(name) ? (name as Stack['element']) : undefined; // the set holds exactly these
}

async function* rows(source: ByteSource, sample: Sample, wanted: Wanted): AsyncGenerator<RowBatch> {
  const header = await readHeader(source);
  const fields = new Map<string, Literal>();
  for (const fact of readFields(header.text, fields)) void fact; // said by inspect
  const shape = shapeOf(fields.get('shape') ?? { type: 'none' });
  const dtype = dtypeOf(fields.get('descr') ?? { type: 'none' });
  const stack = shape === undefined || dtype === undefined ? undefined : stackOf(sample.name.replace(/\.npy$/i, ''), dtype, shape, fields, header, source.size);
  if (stack !== undefined) yield* stackRows(stack, source, wanted);
}

async function readHeader(source: ByteSource): Promise<Header> {
  const start = Buffer.from(await source.read(0, Math.min(12, source.size)));
  const major = start[6];
  if (major === undefined || major < 1 || major > 3) throw new Malformed('numpy/version', `version ${major ?? 'none'} is not 1, 2 or 3`, 6);
  const wide = major > 1;
  const data = wide ? 12 : 10;
  if (start.length < data) throw new Malformed('numpy/truncated', `file of ${source.size} bytes ends in the header's length`, start.length);
  const length = wide ? start.readUInt32LE(8) : start.readUInt16LE(8);
  if (data + length > source.size) throw new Malformed('numpy/truncated', `header of ${length} bytes at ${data} passes the end at ${source.size}`, data);
  if (length > headerRead) throw new Malformed('numpy/header-size', `header has ${length} bytes, allowed ${headerRead}`, data);
  const bytes = Buffer.from(await source.read(data, length));
  return { data: data + length, text: bytes.toString(major === 3 ? 'utf8' : 'latin1') };
}

function* readFields(text: string, fields: Map<string, Literal>): Generator<FactOf<'malformed'>> {
  let literal: Literal;
  try {
    literal = parseLiteral(text);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    yield odd('numpy/header', `header is not read here, perhaps by numpy: ${error.message}`);
    return;
  }
  if (literal.type !== 'dict') {
    yield odd('numpy/header', `header is a ${literal.type}, not a dictionary`);
    return;
  }
  for (const [key, value] of literal.entries) {
    const name = key.type === 'str' ? key.value.slice(0, 64) : key.type;
    if (fields.has(name)) yield odd('numpy/duplicate-key', `key ${JSON.stringify(name)} is there twice; the last one counts`);
    if (!['descr', 'fortran_order', 'shape'].includes(name)) yield odd('numpy/key', `key ${JSON.stringify(name)} is none of a header`);
    fields.set(name, value);
    if (fields.size > 16) return;
  }
}

function* elements(name: string, dtype: Dtype, shape: readonly number[], data: number, source: ByteSource): Generator<FactOf<'tensor' | 'malformed'>> {
  const wanted = shape.reduce((product, n) => product * BigInt(n), BigInt(dtype.itemsize ?? 0));
  const there = source.size - data;
  const end = wanted < BigInt(there) ? data + Number(wanted) : source.size;
  yield { kind: 'tensor', name, dtype: dtype.name, shape: shape.slice(0, 64), at: [data, end] };
  if (wanted !== BigInt(there)) {
    yield odd('numpy/size-differs', `array of shape (${shape.join(', ')}) and type ${dtype.name} takes ${wanted} bytes, the file has ${there}`);
  }
}

function odd(code: string, what: string): FactOf<'malformed'> {
  return { kind: 'malformed', code, what: what.slice(0, 256) };
}
