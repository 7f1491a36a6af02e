// SPDX-License-Identifier: Apache-2.0
// JSON documents of model repositories beside config.json, each told by its own keys: diffusers' model_index.json, sentence-transformers'
// modules.json, processors, generation_config.json, trainer_state.json, results of evaluations, Croissant and dataset_info(s).json.
import { clip } from '../../src/bytes/clip.ts';
import { isObject, type JsonObject } from '../../src/grammar/json.ts';
import type { ClaimField, FactOf } from '../../src/model/fact.ts';
import { croissant, isCroissant } from './croissant.ts';
import { lockedPackages } from './locks.ts';

type Said = FactOf<'claim' | 'link' | 'record'>;

const say = (field: ClaimField, value: string): FactOf<'claim'> => ({ kind: 'claim', field, value: clip(value) });

/** What the document says, by what it is. `name`: of the file, without folders. */
export function* documentFacts(top: unknown, name: string): Generator<Said> {
  if (Array.isArray(top)) {
    if (/^modules\.json$/i.test(name)) yield* modules(top as unknown[]);
    return;
  }
  if (!isObject(top)) return;
  yield* nested(top);
  if (typeof top['_diffusers_version'] === 'string') yield* diffusers(top);
  if (/(^|_)(preprocessor|processor)_config\.json$/i.test(name)) yield* processor(top);
  if (/^generation_config\.json$/i.test(name)) yield* generation(top);
  if (Array.isArray(top['log_history'])) yield* trainerState(top);
  if (/(^|_)results?\.json$/i.test(name)) yield* results(top);
  if (isCroissant(top)) yield* croissant(top);
  if (/^dataset_infos\.json$/i.test(name)) for (const [config, info] of Object.entries(top).slice(0, 64)) if (isObject(info)) yield* datasetInfo(info, config);
  if (/^dataset_info\.json$/i.test(name)) yield* datasetInfo(top, 'default');
  yield* lockedPackages(top, name);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined;
}

const nestedKeys: Readonly<Record<string, ClaimField>> = {
  hidden_size: 'hidden-size', num_hidden_layers: 'layers', vocab_size: 'vocabulary-size', max_position_embeddings: 'context-length',
};
const nestedHyper = ['num_attention_heads', 'num_key_value_heads', 'intermediate_size', 'hidden_act', 'rope_theta', 'num_local_experts', 'num_experts', 'num_experts_per_tok', 'sliding_window', 'image_size', 'num_labels', 'layer_norm_eps', 'rms_norm_eps', 'head_dim', 'lora_dropout', 'bias', 'task_type'] as const;

/** Sizes of the language part of a model of several parts, which stand one level down; labels; positions. */
function* nested(top: JsonObject): Generator<Said> {
  const language = isObject(top['text_config']) ? top['text_config'] : isObject(top['llm_config']) ? top['llm_config'] : undefined;
  for (const [key, field] of Object.entries(nestedKeys)) {
    const value = top[key] === undefined ? text(language?.[key]) : undefined;
    if (value !== undefined) yield say(field, value);
  }
  if (typeof top['model_type'] === 'string' || typeof top['peft_type'] === 'string') {
    for (const key of nestedHyper) {
      const value = text(top[key]) ?? text(language?.[key]);
      if (value !== undefined) yield say('hyperparameter', `${key}=${value}`);
    }
  }
  const rope = top['rope_scaling'] ?? language?.['rope_scaling'];
  if (isObject(rope)) yield say('hyperparameter', `rope_scaling=${Object.entries(rope).flatMap(([key, value]) => (text(value) === undefined ? [] : [`${key}:${text(value)!}`])).join(' ')}`);
  const labels = top['id2label'];
  if (isObject(labels)) {
    const names = Object.values(labels).flatMap((label) => text(label) ?? []);
    yield say('output', `${names.length} labels: ${names.slice(0, 8).join(', ')}${names.length > 8 ? ', …' : ''}`);
  }
}

/** https://huggingface.co/docs/diffusers: each part is [library, class]. */
function* diffusers(top: JsonObject): Generator<Said> {
  yield say('library', 'diffusers');
  yield say('library-version', top['_diffusers_version'] as string);
  const type = text(top['_class_name']);
  if (type !== undefined) yield say('architecture', type);
  for (const [part, value] of Object.entries(top).slice(0, 64)) {
    if (part.startsWith('_') || !Array.isArray(value) || value.length !== 2) continue;
    const [library, name] = (value as unknown[]).map(text);
    if (library !== undefined && name !== undefined) yield say('component', `${part}=${library}.${name}`);
  }
}

/** sentence-transformers: [{idx, name, path, type}]. */
function* modules(list: readonly unknown[]): Generator<Said> {
  let told = false;
  for (const one of list.slice(0, 64)) {
    if (!isObject(one)) continue;
    const [path, type] = [typeof one['path'] === 'string' ? one['path'] : undefined, text(one['type'])];
    if (type === undefined || path === undefined) continue;
    if (!told && type.startsWith('sentence_transformers.')) yield say('library', 'sentence-transformers');
    told = true;
    yield say('component', `${path === '' ? '.' : path}=${type}`);
  }
}

function* processor(top: JsonObject): Generator<Said> {
  for (const key of ['image_processor_type', 'feature_extractor_type', 'processor_class', 'tokenizer_class', 'size', 'crop_size', 'image_mean', 'image_std', 'rescale_factor', 'sampling_rate', 'feature_size', 'do_resize', 'do_normalize'] as const) {
    const value = top[key];
    const said = text(value) ?? (typeof value === 'boolean' ? String(value) : typeof value === 'object' && value !== null ? JSON.stringify(value).slice(0, 200) : undefined);
    if (said !== undefined) yield say('section', `preprocessing=${key}: ${said}`);
  }
}

function* generation(top: JsonObject): Generator<Said> {
  for (const key of ['temperature', 'top_p', 'top_k', 'max_length', 'max_new_tokens', 'repetition_penalty', 'do_sample'] as const) {
    const value = top[key];
    const said = typeof value === 'boolean' ? String(value) : text(value);
    if (said !== undefined) yield say('hyperparameter', `generation_${key}=${said}`);
  }
}

/** transformers' TrainerState: where the run stood when it was saved. */
function* trainerState(top: JsonObject): Generator<Said> {
  for (const key of ['global_step', 'max_steps', 'epoch', 'num_train_epochs', 'total_flos', 'train_batch_size', 'best_metric', 'num_input_tokens_seen'] as const) {
    const value = text(top[key]);
    if (value !== undefined) yield say('training', `${key}=${value}`);
  }
  const history = top['log_history'] as unknown[];
  const last = history.findLast((entry) => isObject(entry) && Object.keys(entry).some((key) => key.startsWith('eval_')));
  if (isObject(last)) yield* results(last);
  const final = history.at(-1);
  if (isObject(final)) for (const key of ['train_loss', 'train_runtime'] as const) if (text(final[key]) !== undefined) yield say('training', `${key}=${text(final[key])!}`);
}

const noMetric = /^step$|(runtime|per_second|samples|steps|epoch|_time|mem_|memory|flos)/i;

/** eval_results.json, all_results.json, train_results.json of transformers; and a flat record of numbers in general. */
function* results(top: JsonObject): Generator<Said> {
  let told = 0;
  for (const [key, value] of Object.entries(top).slice(0, 200)) {
    if (typeof value !== 'number' || !Number.isFinite(value) || told >= 64) continue;
    told += 1;
    if (key.startsWith('train_') || key === 'epoch' || key === 'total_flos') yield say('training', `${key}=${value}`);
    else if (!noMetric.test(key)) yield say('metric', `${key.replace(/^(eval|test|predict)_/, '')}=${value}`);
  }
  // EleutherAI's lm-evaluation-harness: {"results": {task: {"acc,none": number}}}.
  const tasks = top['results'];
  for (const [task, scores] of isObject(tasks) ? Object.entries(tasks).slice(0, 64) : []) {
    for (const [key, value] of isObject(scores) ? Object.entries(scores).slice(0, 32) : []) {
      if (typeof value === 'number' && Number.isFinite(value) && !/stderr/.test(key)) yield say('metric', `${key.replace(/,none$/, '')}=${value} on ${task}`);
    }
  }
}

/** datasets.DatasetInfo: description, citation, licence, features, splits, checksums of what was downloaded. */
function* datasetInfo(info: JsonObject, config: string): Generator<Said> {
  const prefix = config === 'default' ? '' : `${config}/`;
  const named = text(info['dataset_name']) ?? text(info['builder_name']);
  if (named !== undefined && named !== 'parquet' && named !== 'json' && named !== 'csv') yield say('name', named);
  if (text(info['description']) !== undefined) yield say('section', `description=${text(info['description'])!.replaceAll(/\s+/g, ' ')}`);
  for (const [key, field] of [['license', 'licence'], ['homepage', 'homepage']] as const) if (text(info[key]) !== undefined) yield say(field, text(info[key])!);
  const { features, splits, download_checksums: checksums } = info;
  for (const [feature, type] of isObject(features) ? Object.entries(features).slice(0, 200) : []) {
    const dtype = isObject(type) ? text(type['dtype']) ?? text(type['_type']) : undefined;
    yield say('dataset', `feature ${feature}=${dtype ?? 'record'}`);
    const names = isObject(type) ? type['names'] : undefined;
    if (Array.isArray(names)) yield say('dataset', `classes ${feature}=${names.length}: ${(names as unknown[]).slice(0, 16).map(String).join(', ')}`);
  }
  for (const [split, value] of isObject(splits) ? Object.entries(splits).slice(0, 64) : []) {
    const rows = isObject(value) ? text(value['num_examples']) : undefined;
    if (rows !== undefined) yield say('dataset', `split ${prefix}${split}=${rows}`);
  }
  if (text(info['dataset_size']) !== undefined) yield say('dataset', `bytes=${text(info['dataset_size'])!}`);
  for (const [url, sum] of isObject(checksums) ? Object.entries(checksums).slice(0, 64) : []) {
    const digest = isObject(sum) ? text(sum['checksum']) : undefined;
    yield say('dataset', `source=${url}${digest === undefined ? '' : ` (${digest})`}`);
  }
}
