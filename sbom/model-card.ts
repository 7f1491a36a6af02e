// SPDX-License-Identifier: Apache-2.0
import { approachOf, considerations, statements, tuneMethodOf } from './considerations.ts';
import type { ClaimField } from '../src/model/fact.ts';
import type { Bom, DeclaredLicence } from './bom.ts';
import { properties, type Pairs } from './canonical.ts';
import type { LicenceChoice, ModelCard } from './document.ts';
import { isExpression } from './licences.ts';
import type { Value } from './value.ts';
import { shortCount } from './weights.ts';

/** What goes in and out, by task of the hub (huggingface.co/tasks); other tasks say nothing. */
const modalities: Readonly<Record<string, readonly [inputs: readonly string[], outputs: readonly string[]]>> = {
  'audio-classification': [['audio'], ['text']],
  'automatic-speech-recognition': [['audio'], ['text']],
  'depth-estimation': [['image'], ['image']],
  'feature-extraction': [['text'], ['tensor']],
  'fill-mask': [['text'], ['text']],
  'image-classification': [['image'], ['text']],
  'image-segmentation': [['image'], ['image']],
  'image-text-to-text': [['image', 'text'], ['text']],
  'image-to-image': [['image'], ['image']],
  'image-to-text': [['image'], ['text']],
  'object-detection': [['image'], ['text']],
  'question-answering': [['text'], ['text']],
  'sentence-similarity': [['text'], ['tensor']],
  summarization: [['text'], ['text']],
  'text-classification': [['text'], ['text']],
  'text-generation': [['text'], ['text']],
  'text-to-audio': [['text'], ['audio']],
  'text-to-image': [['text'], ['image']],
  'text-to-speech': [['text'], ['audio']],
  'text-to-video': [['text'], ['video']],
  'token-classification': [['text'], ['text']],
  translation: [['text'], ['text']],
};

/** Registered names (CycloneDX property taxonomy, cdx:ai-ml:model:hyperparameter) for claims of our own. */
const hyperparameters: readonly (readonly [ClaimField, string])[] = [
  ['context-length', 'context_length'], ['hidden-size', 'hidden_size'], ['layers', 'num_hidden_layers'],
  ['vocabulary-size', 'vocab_size'], ['quantisation', 'quantization'], ['tokenizer-class', 'tokenizer_class'],
];

const registered = new Set(['activation_dropout', 'context_length', 'hidden_act', 'hidden_size', 'd_model', 'layer_norm_type', 'num_hidden_layers', 'num_layers', 'intermediate_size', 'layer_norm_epsilon', 'max_position_embeddings', 'num_attention_heads', 'num_key_value_heads', 'quantization', 'tokenizer_class', 'vocab_size']);
const registeredModalities = new Set(['text', 'code', 'instruct', 'image', 'video', 'audio', 'sensor', 'biometric', 'genomic']);

/** The subject's modelCard: only what its files declare or its bytes show. */
export function modelCard(bom: Bom, datasets: readonly string[]): ModelCard {
  const first = (field: ClaimField): string | undefined => bom.claims(field)[0]?.value;
  const task = first('task');
  const [inputs, outputs] = interfaces(bom, task);
  const family = first('model-type') ?? bom.claims('architecture').find(isHeader)?.value;
  const architecture = bom.claims('architecture').find((value) => !isHeader(value))?.value;
  const approach = approachOf(bom);
  const considered = considerations(bom);
  const parameters = {
    ...(approach === undefined ? {} : { approach: { type: approach } }),
    ...(task === undefined ? {} : { task }),
    ...(family === undefined ? {} : { architectureFamily: family }),
    ...(architecture === undefined ? {} : { modelArchitecture: architecture }),
    ...(datasets.length === 0 ? {} : { datasets: datasets.toSorted().map((ref) => ({ ref })) }),
    ...(inputs.length === 0 ? {} : { inputs: inputs.map((format) => ({ format })) }),
    ...(outputs.length === 0 ? {} : { outputs: outputs.map((format) => ({ format })) }),
  };
  const metrics = performanceMetrics(bom);
  const all = cardProperties(bom, task);
  return {
    ...(Object.keys(parameters).length === 0 ? {} : { modelParameters: parameters }),
    ...(metrics.length === 0 ? {} : { quantitativeAnalysis: { performanceMetrics: metrics } }),
    ...(considered === undefined ? {} : { considerations: considered }),
    ...(all.length === 0 ? {} : { properties: all }),
  };
}

/** A GGUF header calls the family ('llama') architecture, where a configuration names the class ('LlamaForCausalLM'). */
function isHeader({ source }: Value): boolean {
  return /\.gguf(!|$)/i.test(source);
}

function interfaces(bom: Bom, task: string | undefined): readonly [readonly string[], readonly string[]] {
  const of = (field: 'input' | 'output'): string[] => [...new Set(bom.claims(field).map(({ value }) => value))].sort();
  const usual = task !== undefined && Object.hasOwn(modalities, task) ? modalities[task]! : [[], []] as const;
  const [inputs, outputs] = [of('input'), of('output')];
  return [inputs.length > 0 ? inputs : usual[0], outputs.length > 0 ? outputs : usual[1]];
}

function performanceMetrics(bom: Bom): { type: string; value: string; slice?: string }[] {
  const out = new Map<string, { type: string; value: string; slice?: string }>();
  for (const { value: text } of bom.claims('metric')) {
    const at = /\s*[=:]\s*/.exec(text);
    if (at === null || at.index === 0) continue;
    const [value, slice] = text.slice(at.index + at[0].length).split(/ on (.*)/s);
    out.set(text, { type: text.slice(0, at.index), value: value!.trim(), ...(slice === undefined || slice === '' ? {} : { slice }) });
  }
  const { metrics = {}, securityMetrics = {} } = bom.overlay.model ?? {};
  for (const [type, value] of Object.entries(metrics)) out.set(type, { type, value: String(value) });
  for (const [type, value] of Object.entries(securityMetrics)) out.set(`security ${type}`, { type, value: String(value), slice: 'security' });
  return [...out].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, metric]) => metric);
}

function cardProperties(bom: Bom, task: string | undefined): ReturnType<typeof properties> {
  const languages = [...new Set(bom.claims('language').map(({ value }) => value))].sort();
  const usual = task !== undefined && Object.hasOwn(modalities, task) ? modalities[task]!.flat().filter((one) => one !== 'tensor') : [];
  const said = bom.claims('modality').flatMap(({ value }) => value.split(',')).map((one) => one.trim()).filter((one) => one !== '');
  const modality = [...new Set(said.length > 0 ? said : usual)].sort().map((one) => (registeredModalities.has(one) ? one : `_undefined:${official(one)}`));
  const hasTemplate = bom.claims('chat-template').length > 0 || bom.files.some((file) => [file, ...file.members].some(({ role }) => role === 'chat-template'));
  const libraryTokenizer = bom.claims('tokenizer-class')[0]?.value;
  const pairs: Pairs = [
    ['cdx:ai-ml:model:language', languages.length === 0 ? undefined : languages.join(',')],
    ['cdx:ai-ml:model:modality', modality.length === 0 ? undefined : modality.join(',')],
    ['cdx:ai-ml:model:tokenizer', libraryTokenizer],
    ['cdx:ai-ml:model:template:chat', hasTemplate ? 'true' : undefined],
    ['cdx:ai-ml:model:parameter:count', bom.parameters === undefined ? undefined : shortCount(bom.parameters.value)],
    ['cdx:ai-ml:model:parameter:tune_method', tuneMethodOf(bom)],
    ...hyperparameters.map(([field, name]) => [`cdx:ai-ml:model:hyperparameter:${name}`, bom.claims(field)[0]?.value] as const),
    ...bom.claims('hyperparameter').flatMap(({ value }) => (value.includes('=') ? [hyperparameter(value)] : [['assay:hyperparameter', value] as const])),
  ];
  return properties([...firstOfEach(pairs), ...statements(bom)]);
}

/** 'name=value' under its registered name, or as the taxonomy's _undefined. */
function hyperparameter(text: string): readonly [string, string | undefined] {
  const at = text.indexOf('=');
  const name = text.slice(0, at).trim();
  const value = text.slice(at + 1).trim();
  return [`cdx:ai-ml:model:hyperparameter:${registered.has(name) ? name : `_undefined:${official(name)}`}`, name === '' ? undefined : value];
}

/** Official names are made of ASCII letters, digits, '-', '_' and space. */
function official(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_ -]+/g, '_').slice(0, 100);
}

/** A property of the taxonomy has one value: the one that came first. */
function firstOfEach(pairs: Pairs): Pairs {
  const seen = new Set<string>();
  return pairs.filter(([name, value]) => value !== undefined && !seen.has(name) && seen.add(name));
}

/** Declared licences; 'declared' is said of each, since nobody concluded anything. */
export function licenceChoices(licences: readonly DeclaredLicence[]): LicenceChoice[] {
  return licences.flatMap(({ licence, url }): LicenceChoice[] => {
    if (licence === undefined) return [];
    const only = licences.filter((one) => one.licence !== undefined).length === 1;
    // Before 1.7 an expression must be the only entry; beside others it goes by name, which every version can say.
    if (licence.expression !== undefined && only && isExpression(licence.expression)) return [{ expression: licence.expression, acknowledgement: 'declared' }];
    const notes = properties([['assay:licence:ambiguity', licence.ambiguity], ...licence.terms.map((term) => ['assay:licence:terms', term] as const)]);
    const named = licence.id === undefined ? { name: licence.name ?? licence.expression! } : { id: licence.id };
    return [{ license: { ...named, acknowledgement: 'declared', ...(url === undefined ? {} : { url }), ...(notes.length === 0 ? {} : { properties: notes }) } }];
  });
}
