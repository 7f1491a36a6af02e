// SPDX-License-Identifier: Apache-2.0
// TensorProto: dtype 1, tensor_shape 2, tensor_content 4, and one list of values for each type.
import { clip } from '../../src/bytes/clip.ts';
import type { MessageRange, ProtoReader } from '../../src/grammar/protobuf.ts';
import { unsigned } from '../../src/grammar/protobuf.ts';
import { dataType, readShape, sizeOf } from '../../src/grammar/tensorflow.ts';
import type { Span } from '../../src/model/span.ts';

export interface Constant {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Undefined when shape or type do not tell. */
  readonly elements: number | undefined;
  /** The numbers as they lie in memory, where they do so in the file. */
  readonly at: Span | undefined;
  /** Texts of a string tensor, the first ones, each cut; and where those lie that are long. */
  readonly texts: readonly string[];
  readonly long: readonly Span[];
}

/** Lists of values that are stored as their little-endian bytes when packed: half is not (int32 varints). */
const packed: ReadonlyMap<number, number> = new Map([[5, 4], [6, 8], [9, 4], [12, 8]]);
const mostTexts = 64;
/** Bytes from which a text is worth a look of its own. */
const longText = 24;

export async function readConstant(reader: ProtoReader, range: MessageRange, complain: (code: string, what: string, at: number) => void): Promise<Constant> {
  const begin = range.offset;
  let type = 0;
  let dims: bigint[] | undefined = [];
  let content: Span | undefined;
  let list: { readonly span: Span; readonly bytes: number } | undefined;
  const [texts, long]: [string[], Span[]] = [[], []];
  for (let field = await reader.next(range); field !== undefined; field = await reader.next(range)) {
    if (field.number === 1) type = unsigned(field);
    else if (field.number === 2) dims = await readShape(reader, reader.enter(field));
    else if (field.number === 4) content = [field.begin, field.end];
    else if (field.number === 8 && field.wire === 2) {
      if (texts.length < mostTexts) texts.push(clip(await reader.text(field, 512), 256));
      if (field.end - field.begin >= longText && long.length < mostTexts) long.push([field.begin, field.end]);
    } else if (packed.has(field.number) && field.wire === 2) list = { span: [field.begin, field.end], bytes: packed.get(field.number)! };
  }
  const { name: dtype, bits } = dataType(type);
  const shape = (dims ?? []).slice(0, 64).map(Number);
  if (dtype === 'STRING' && content !== undefined) await packedTexts(reader, content, shape.reduce((product, one) => product * Math.max(one, 0), 1), texts, long);
  const size = bits === undefined || dims === undefined ? undefined : sizeOf(dims, bits);
  if (typeof size === 'string') {
    complain('tensor-size', `constant at ${begin} ${size}`, begin);
    return { dtype, shape, elements: undefined, at: undefined, texts, long };
  }
  const elements = size === undefined ? undefined : Number(size.elements);
  if (content !== undefined && content[1] > content[0] && bits !== undefined && bits > 0 && size !== undefined && BigInt(content[1] - content[0]) !== size.bytes) {
    complain('tensor-size', `constant at ${begin} has ${content[1] - content[0]} bytes, but ${dtype} [${shape.join(', ')}] needs ${size.bytes}`, begin);
  }
  // A list that is shorter than the shape repeats its last value: nothing lies in the file then.
  const whole = list !== undefined && size !== undefined && BigInt(list.span[1] - list.span[0]) === size.bytes ? list.span : undefined;
  const at = content !== undefined && content[1] > content[0] && bits !== 0 ? content : whole;
  return { dtype, shape, elements, at, texts, long };
}

/** Texts in tensor_content: the lengths of all as varints, then their bytes (DecodeStringList of TensorFlow). */
async function packedTexts(reader: ProtoReader, [begin, end]: Span, count: number, texts: string[], long: Span[]): Promise<void> {
  if (!(count >= 1 && count <= end - begin)) return;
  const lengths: number[] = [];
  const bytes = await reader.source.read(begin, Math.min(end - begin, 10 * count, 1 << 20));
  let at = 0;
  while (lengths.length < count) {
    let length = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      if (byte === undefined || scale > 2 ** 35) return;
      length += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
    }
    lengths.push(length);
  }
  let from = begin + at;
  for (const length of lengths) {
    if (from + length > end) return;
    if (texts.length < mostTexts) texts.push(clip(Buffer.from(await reader.source.read(from, Math.min(length, 512))).toString('utf8'), 256));
    if (length >= longText && long.length < mostTexts) long.push([from, from + length]);
    from += length;
  }
}
