// SPDX-License-Identifier: Apache-2.0
// RFC 8259, and the configuration files of Hugging Face repositories by their keys.
import { asBuffer } from '../../src/bytes/as-buffer.ts';
import { clip } from '../../src/bytes/clip.ts';
import { Malformed } from '../../src/bytes/errors.ts';
import { elements } from '../../src/grammar/json-records.ts';
import { isPlainJson } from '../../src/grammar/json-skim.ts';
import { withoutComments } from '../../src/grammar/json-comments.ts';
import { isObject, parseJson, type JsonDocument, type JsonObject } from '../../src/grammar/json.ts';
import type { ClaimField, FactOf } from '../../src/model/fact.ts';
import { scanner, type Child } from '../../src/model/scanner.ts';
import { MemorySource, type ByteSource } from '../../src/bytes/source.ts';
import { codeFacts, telling } from './code.ts';
import { documentFacts } from './documents.ts';
import { kerasFacts } from './keras.ts';
import { lambdas } from './lambda.ts';
import { tableFacts, tableKey, tableRows } from './table.ts';

/** Keys of config.json, tokenizer_config.json, adapter_config.json and generation_config.json that are claims as they stand. */
const plain: Readonly<Record<string, ClaimField>> = {
  model_type: 'model-type', torch_dtype: 'dtype', dtype: 'dtype', transformers_version: 'library-version',
  hidden_size: 'hidden-size', n_embd: 'hidden-size', d_model: 'hidden-size', num_hidden_layers: 'layers', n_layer: 'layers',
  vocab_size: 'vocabulary-size', max_position_embeddings: 'context-length', n_positions: 'context-length',
  tokenizer_class: 'tokenizer-class', license: 'licence',
};
/** Keys told as "key=value", in the words of the configuration. */
const hyperparameters = ['num_attention_heads', 'n_head', 'num_key_value_heads', 'intermediate_size', 'hidden_act', 'activation_function', 'peft_type', 'r', 'lora_alpha'] as const;
const manyShards = 10_000;
/** Arrays from here on are looked over before they are parsed. */
const largeData = 16 << 10;

export default scanner({
  id: 'json',
  title: 'JSON documents and model configurations',
  extensions: ['.json', '.ipynb'],
  holds: 'data',
  says: ['region', 'claim', 'link', 'call', 'node', 'malformed', 'record', 'column', 'anomaly'],
  recognise({ name, head }) {
    let at = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
    while (isSpace(head[at])) at++;
    if (head[at] !== 0x7b && head[at] !== 0x5b) return 'no';
    if (/\.(json|ipynb)$|^Pipfile\.lock$/i.test(name)) return 'yes';
    if (/\.(jsonl|ndjson)$/i.test(name)) return 'no';
    do at++; while (isSpace(head[at]));
    return head[at] === 0x22 || head[at] === 0x7b ? 'maybe' : 'no';
  },
  async *inspect(source, sample) {
    const key = tableKey(sample);
    if (key !== undefined && source.size > streamedFrom) {
      yield* longTable(source, key);
      return;
    }
    yield* inspectDocument(source, sample.name);
    if (key !== undefined) yield* tableFacts(source, key);
  },
  async *rows(source, sample, wanted) {
    const key = tableKey(sample);
    if (key !== undefined) yield* tableRows(source, key, wanted);
  },
});

/** Tables from here on are not held in memory. */
const streamedFrom = 64 << 20;

/** A table too long to hold: its records are looked at one by one, so that keys that mean something are still found. */
async function* longTable(source: ByteSource, key: string): AsyncGenerator<FactOf<'region' | 'claim' | 'link' | 'call' | 'node' | 'malformed' | 'column' | 'anomaly'>> {
  yield { kind: 'region', name: 'document', at: [0, source.size] };
  let told = 0;
  for await (const { bytes, at, cut } of elements(source, key, longestRecord)) {
    source.budget.tick();
    if (cut || isPlainJson(bytes, telling)) continue;
    const document = parseJson(bytes, { base: at });
    for (const { pointer, at: place } of document.duplicates) {
      told += 1;
      if (told <= 20) yield { kind: 'malformed', code: 'json/duplicate-key', what: `key ${clip(pointer)} occurs again in its object, allowed once`, at: [place, place + 1] };
    }
    yield* codeFacts(document.value, source.budget);
  }
  yield* tableFacts(source, key);
}

const longestRecord = 16 << 20;

async function* inspectDocument(source: ByteSource, name: string): AsyncGenerator<FactOf<'region' | 'claim' | 'link' | 'call' | 'node' | 'malformed' | 'record'> | Child> {
  const bytes = await source.read(0, source.size);
  if (source.size > largeData && isArray(bytes) && isPlainJson(asBuffer(bytes), telling)) {
    yield { kind: 'region', name: 'document', at: [0, source.size] }; // rows of data: nothing in them is a claim
    return;
  }
  const { document, commented } = parsed(bytes);
  yield { kind: 'region', name: 'document', at: [0, source.size] };
  if (commented !== undefined) yield { kind: 'malformed', code: 'json/comments', what: 'there are comments, or commas before a closing bracket, which JSON does not have', at: [commented, commented + 1] };
  for (const { pointer, at } of document.duplicates.slice(0, 20)) {
    yield { kind: 'malformed', code: 'json/duplicate-key', what: `key ${clip(pointer)} occurs again in its object, allowed once`, at: [at, at + 1] };
  }
  yield* documentFacts(document.value, name);
  if (!isObject(document.value)) {
    yield* codeFacts(document.value, source.budget);
    return;
  }
  yield* claims(document.value);
  yield* links(document.value);
  for (const [template, text] of templates(document.value)) {
    yield { kind: 'child', name: template, source: new MemorySource(Buffer.from(text), source.budget) } satisfies Child;
  }
  yield* codeFacts(document.value, source.budget);
  yield* kerasFacts(document.value, source.budget);
  yield* lambdas(document.value, source.budget);
}

/** The document, and where its first comment is when it can only be read without them. */
function parsed(bytes: Uint8Array): { readonly document: JsonDocument; readonly commented?: number } {
  try {
    return { document: parseJson(bytes) };
  } catch (error) {
    const plain = error instanceof Malformed ? withoutComments(bytes) : undefined;
    if (plain === undefined) throw error;
    try {
      return { document: parseJson(plain.bytes), commented: plain.at };
    } catch {
      throw error; // what is wrong with the file as it stands
    }
  }
}

/** Whether the outermost value is an array: data, of which no key is a claim. */
function isArray(bytes: Uint8Array): boolean {
  let at = 0;
  while (isSpace(bytes[at])) at++;
  return bytes[at] === 0x5b;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function* claims(top: JsonObject): Generator<FactOf<'claim'>> {
  for (const [key, field] of Object.entries(plain)) {
    const value = top[key];
    if (key === 'license' && (top['@context'] !== undefined || top['features'] !== undefined)) continue; // told with the rest of a data set's description
    if ((typeof value === 'string' && value !== '') || typeof value === 'number') yield { kind: 'claim', field, value: clip(String(value)) };
  }
  if (typeof top['transformers_version'] === 'string') yield { kind: 'claim', field: 'library', value: 'transformers' };
  for (const key of hyperparameters) {
    const value = top[key];
    if (typeof value === 'string' || typeof value === 'number') yield { kind: 'claim', field: 'hyperparameter', value: clip(`${key}=${value}`) };
  }
  if (typeof top['tie_word_embeddings'] === 'boolean') yield { kind: 'claim', field: 'hyperparameter', value: `tie_word_embeddings=${top['tie_word_embeddings']}` };
  const { quantization_config: quantisation, metadata, weight_map: map } = top;
  if (isObject(quantisation) && typeof quantisation['quant_method'] === 'string') yield { kind: 'claim', field: 'quantisation', value: clip(quantisation['quant_method']) };
  if (isObject(map) && isObject(metadata) && typeof metadata['total_size'] === 'number') yield { kind: 'claim', field: 'total-size', value: String(metadata['total_size']) };
  const { architectures } = top;
  if (!Array.isArray(architectures)) return;
  for (const name of architectures.slice(0, 16) as unknown[]) {
    if (typeof name === 'string') yield { kind: 'claim', field: 'architecture', value: clip(name) };
  }
}

function* links(top: JsonObject): Generator<FactOf<'link'>> {
  const { base_model_name_or_path: base, revision, weight_map: map } = top;
  const trace = top['_name_or_path']; // where the weights were loaded from before they were saved: not a statement of lineage
  if (typeof trace === 'string' && trace !== '') yield { kind: 'link', role: 'base-model', target: clip(trace), detail: '_name_or_path' };
  if (typeof base === 'string' && base !== '') {
    yield { kind: 'link', role: 'base-model', target: clip(base), detail: 'base_model_name_or_path', ...(typeof revision === 'string' ? { revision: clip(revision) } : {}) };
  }
  if (!isObject(map)) return;
  const shards = new Set<string>();
  for (const file of Object.values(map)) {
    if (typeof file === 'string' && shards.size < manyShards) shards.add(clip(file));
  }
  for (const target of shards) yield { kind: 'link', role: 'shard', target };
}

/** Chat templates of tokenizer_config.json: one text, a list of named ones, or texts by name. All of them: the budget counts members. */
function templates(top: JsonObject): [name: string, text: string][] {
  const template = top['chat_template'];
  if (typeof template === 'string') return [['chat_template.jinja', template]];
  if (isObject(template)) return Object.values(template).flatMap((text, index): [string, string][] => (typeof text === 'string' ? [[`chat_template.${index}.jinja`, text]] : []));
  if (!Array.isArray(template)) return [];
  return (template as unknown[]).flatMap((item, index): [string, string][] =>
    isObject(item) && typeof item['template'] === 'string' ? [[`chat_template.${index}.jinja`, item['template']]] : []);
}
