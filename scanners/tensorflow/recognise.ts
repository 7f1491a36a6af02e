// SPDX-License-Identifier: Apache-2.0
import { Malformed } from '../../src/bytes/errors.ts';
import type { ProtoReader } from '../../src/grammar/protobuf.ts';
import type { Sample } from '../../src/model/scanner.ts';
import type { Form } from './model.ts';

interface Frame {
  readonly number: number;
  readonly wire: number;
  readonly begin: number;
  /** May lie behind the sample. */
  readonly end: number;
}

/** One field's frame, as far as the sample goes; undefined when there is none. */
function frame(head: Uint8Array, at: number, end: number): Frame | undefined {
  let offset = at;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; scale < 2 ** 63; scale *= 128) {
      const byte = head[offset++];
      if (byte === undefined) return Number.NaN;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    return Number.NaN;
  };
  const tag = varint();
  const [number, wire] = [Math.floor(tag / 8), tag % 8];
  if (!(number >= 1 && number < 2 ** 29)) return undefined;
  if (wire === 1 || wire === 5) return { number, wire, begin: offset, end: offset + (wire === 1 ? 8 : 4) };
  const value = varint();
  if (Number.isNaN(value)) return undefined;
  if (wire === 0) return { number, wire, begin: offset, end: offset };
  return wire === 2 && offset + value <= end ? { number, wire, begin: offset, end: offset + value } : undefined;
}

const operator = /^[A-Za-z_][A-Za-z0-9_.>]{0,127}$/;

/** With what graphs begin as a rule. Other kinds of graph (MediaPipe's) have a name and a text in the same places. */
const ordinary = /^(?:Placeholder(?:V2|WithDefault)?|Const|VariableV2|VarHandleOp|NoOp|HashTableV2|Identity)$/;

/** NodeDef: a name and an operator that could be ones, and no field beyond 7. */
function isNode(head: Uint8Array, begin: number, end: number): 'yes' | 'maybe' | 'no' {
  let name = false;
  let op: string | undefined;
  for (let at = begin; at < Math.min(end, head.length);) {
    const field = frame(head, at, end);
    if (field === undefined || field.number > 7 || field.wire !== 2) return 'no';
    const text = (): string => Buffer.from(head.buffer, head.byteOffset + field.begin, Math.min(field.end - field.begin, 256, head.length - field.begin)).toString('latin1');
    if (field.number === 1) name = /^[A-Za-z0-9._>][\w.\\/>-]*$/.test(text());
    if (field.number === 2) op = operator.test(text()) ? text() : undefined;
    if (name && op !== undefined) return ordinary.test(op) ? 'yes' : 'maybe';
    at = field.end;
  }
  return 'no';
}

/** GraphDef: its fields with their wire types, one of the first ones a node or a library of functions. */
function isGraph(head: Uint8Array, begin: number, end: number): 'yes' | 'maybe' | 'no' {
  let seen = 0;
  for (let at = begin; at < Math.min(end, head.length); seen += 1) {
    const field = frame(head, at, end);
    if (field === undefined || field.number > 5 || field.wire !== (field.number === 3 ? 0 : 2)) return 'no';
    if (field.number === 1) return isNode(head, field.begin, field.end);
    at = field.end;
  }
  return seen > 0 ? 'maybe' : 'no';
}

/** MetaGraphDef: fields 1 to 7, all messages; the one that shows itself is the graph, or the information before it. */
function isMeta(head: Uint8Array, begin: number, end: number): 'yes' | 'maybe' | 'no' {
  let seen = 0;
  for (let at = begin; at < Math.min(end, head.length); seen += 1) {
    const field = frame(head, at, end);
    if (field === undefined || field.number > 7 || field.wire !== 2) return 'no';
    if (field.number === 2) return isGraph(head, field.begin, field.end) === 'no' ? 'no' : 'yes';
    at = field.end;
  }
  return seen > 0 ? 'maybe' : 'no';
}

/** What a file is by its content and, where that leaves it open, its name. */
export function formOf({ name, size, head }: Sample): { readonly form?: Form | 'keras-metadata' | 'fingerprint'; readonly sure: boolean } {
  const no = { sure: false };
  if (size < 4) return no;
  const byName = name.toLowerCase();
  if (byName === 'keras_metadata.pb') return { form: 'keras-metadata', sure: false };
  if (byName === 'fingerprint.pb') return { form: 'fingerprint', sure: false };
  const first = frame(head, 0, size);
  if (byName === 'saved_model.pb') return { form: 'saved-model', sure: true };
  if (first === undefined) return no;
  // SavedModel: the schema's version, then graphs; readers take them in any order.
  const graphs = first.number === 2 ? first : first.number === 1 && first.wire === 0 ? frame(head, first.end, size) : undefined;
  if (first.wire === 0 && graphs?.number === 2 && graphs.wire === 2 && isMeta(head, graphs.begin, graphs.end) === 'yes') return { form: 'saved-model', sure: true };
  const graph = isGraph(head, 0, size);
  if (graph === 'yes') return { form: 'graph', sure: true };
  const named = /\.(?:pb|meta)$/.test(byName);
  const meta = isMeta(head, 0, size);
  if (meta === 'yes') return { form: 'meta-graph', sure: true };
  if (graph === 'maybe' && !named && first.number === 1) return { form: 'graph', sure: false };
  // Loaders pass over fields that they do not know: under these names, whatever has an operator in it is a graph.
  if (byName.endsWith('.meta')) return { form: 'meta-graph', sure: false };
  if (byName.endsWith('.pb')) return { form: 'graph', sure: false };
  return no;
}

/** The text form of a graph or model: its messages are named. */
export function isText({ name, head }: Sample): boolean {
  const start = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 2048)).toString('latin1');
  if (/\.pbtxt$/i.test(name) && /^\s*(#[^\n]*\n\s*)*\w+\s*[:{]/.test(start)) return true;
  return /^\s{0,8}(?:saved_model_schema_version: \d|meta_graphs \{|node \{\s{1,8}name: "|graph_def \{|meta_info_def \{)/.test(start);
}

/** Walks the fields of a small message; throws where one is none of these. */
export async function fieldsOf(reader: ProtoReader, allowed: readonly number[]): Promise<void> {
  const range = { offset: 0, end: reader.source.size };
  for (let field = await reader.next(range); field !== undefined; field = await reader.next(range)) {
    if (!allowed.includes(field.number)) throw new Malformed('tensorflow/field-number', `field ${field.number} at ${field.at}, allowed ${allowed.join(', ')}`, field.at);
  }
}
