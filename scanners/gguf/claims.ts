// SPDX-License-Identifier: Apache-2.0
// Standardised keys: gguf.md, "Standardized key-value pairs".
import { clip } from '../../src/bytes/clip.ts';
import type { ClaimField, FactOf, LinkRole } from '../../src/model/fact.ts';
import { fileTypes } from './types.ts';
import type { KeyValue } from './values.ts';

const fields: Readonly<Record<string, ClaimField>> = {
  'general.name': 'name', 'general.version': 'version', 'general.description': 'description', 'general.author': 'author',
  'general.organization': 'organisation', 'general.license': 'licence', 'general.license.name': 'licence-name',
  'general.license.link': 'licence-link', 'general.architecture': 'architecture', 'general.url': 'homepage', 'general.repo_url': 'repository',
  'general.tags': 'tag', 'general.languages': 'language', 'general.quantized_by': 'producer', 'tokenizer.ggml.model': 'tokenizer-class',
};
/** Behind the architecture's name and a dot. */
const sizes: Readonly<Record<string, ClaimField>> = {
  context_length: 'context-length', embedding_length: 'hidden-size', block_count: 'layers', vocab_size: 'vocabulary-size',
};

/** What a key says about the model, where it is one that the format standardises. */
export function* claims(entry: KeyValue): Generator<FactOf<'claim' | 'link'>> {
  const { key, value, at, length } = entry;
  const claim = (field: ClaimField, said: string): FactOf<'claim'> => ({ kind: 'claim', field, value: clip(said), at });
  const texts = (typeof value === 'object' ? value : [String(value)]).filter((text) => text !== '');
  const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
  if (field !== undefined) for (const text of texts) yield claim(field, text);
  if (key === 'general.file_type') yield claim('quantisation', fileTypes.get(Number(value)) ?? `file type ${String(value)}`);
  if (key === 'tokenizer.ggml.tokens' && typeof value === 'object') yield claim('vocabulary-size', String(length));
  if (key.startsWith('tokenizer.chat_template') && typeof value === 'string') yield claim('chat-template', value);
  const size = /^[a-z0-9_-]{1,64}\.([a-z_]{1,32})$/.exec(key)?.[1];
  if (size !== undefined && Object.hasOwn(sizes, size) && typeof value !== 'object') yield claim(sizes[size]!, String(value));
  const role = linkRole(key);
  if (role !== undefined) for (const text of texts) yield { kind: 'link', target: clip(text), role, at };
}

function linkRole(key: string): LinkRole | undefined {
  if (/^general\.(?:base_model|source)\.(?:\d{1,4}\.)?(?:repo_url|url|huggingface\.repository)$/.test(key)) return 'base-model';
  if (/^general\.base_model\.\d{1,4}\.name$/.test(key)) return 'base-model';
  if (key === 'general.datasets' || /^general\.dataset\.\d{1,4}\.(?:name|repo_url|url)$/.test(key)) return 'dataset';
  if (key === 'general.url' || key === 'general.repo_url') return 'url';
  return key === 'general.license.link' ? 'licence' : undefined;
}
