// SPDX-License-Identifier: Apache-2.0
// What a column is for, by its name and by the rows looked at beforehand.
import type { Cell } from '../model/scanner.ts';
import { typeOfJson, typeOfText, type ColumnType } from '../sketch/columns.ts';
import { labelOf, numberOf, type Role, type SetColumn } from './question.ts';

/** Different values counted for one column. */
const mostDistinct = 4096;

/** What was seen of one column. */
export class Profile {
  readonly name: string;
  rows = 0;
  filled = 0;
  /** Cells that are texts, and their characters. */
  texts = 0;
  characters = 0;
  /** Texts with white space between words. */
  spaced = 0;
  urls = 0;
  /** Texts of 32, 40, 64, 96 or 128 hexadecimal digits, or base64 of a digest's length. */
  digests = 0;
  pictures = 0;
  blobs = 0;
  vectors = 0;
  codes = 0;
  numbers = 0;
  whole = 0;
  type: ColumnType | 'bytes' = 'null';
  readonly values = new Set<string>();

  constructor(name: string) {
    this.name = name;
  }

  add(cell: Cell | undefined): void {
    this.rows += 1;
    if (cell === null || cell === undefined || cell === '') return;
    this.filled += 1;
    this.#type(cell);
    const label = labelOf(cell);
    if (label !== undefined && this.values.size < mostDistinct) this.values.add(label);
    const number = numberOf(cell);
    if (number !== undefined) {
      this.numbers += 1;
      if (Number.isInteger(number)) this.whole += 1;
    }
    if (cell instanceof Uint8Array) {
      this.blobs += 1;
      if (isPicture(cell)) this.pictures += 1;
    } else if (Array.isArray(cell)) {
      const list: readonly Cell[] = cell;
      if (list.length >= 8 && list.every((one) => typeof one === 'number')) this.vectors += 1;
    } else if (typeof cell === 'string') this.#text(cell);
  }

  #text(text: string): void {
    this.texts += 1;
    this.characters += text.length;
    const trimmed = text.trimStart();
    // Dates and codes have spaces too, but few letters.
    if (/\S\s+\S/.test(trimmed.slice(0, 400)) && letters(trimmed.slice(0, 400)) >= 0.4) this.spaced += 1;
    if (/^(?:https?|ftp|s3|gs):\/\/[^\s]+$/i.test(text.slice(0, 4096).trim())) this.urls += 1;
    if (isDigest(text)) this.digests += 1;
    if (looksLikeCode(text)) this.codes += 1;
  }

  #type(cell: NonNullable<Cell>): void {
    const type = cell instanceof Uint8Array ? 'bytes' : typeof cell === 'bigint' ? 'int' : typeof cell === 'string' ? typeOfText(cell) : typeOfJson(cell);
    if (this.type === 'null' || this.type === type) this.type = type;
    else if ((this.type === 'int' && type === 'float') || (this.type === 'float' && type === 'int')) this.type = 'float';
    else this.type = 'mixed';
  }

  share(count: number): number {
    return this.filled === 0 ? 0 : count / this.filled;
  }
}

function letters(text: string): number {
  return text.replaceAll(/[^\p{L}]/gu, '').length / Math.max(1, text.length);
}

/** Hexadecimal of MD5, SHA-1, SHA-2 (with or without its name before), or base64 of as many bytes. */
export function isDigest(text: string): boolean {
  const value = text.replace(/^(?:md5|sha1|sha224|sha256|sha384|sha512|blake3)[:=-]/i, '');
  return /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})$/i.test(value)
    || (/^(?:[A-Za-z0-9+/]{22}==|[A-Za-z0-9+/]{27}=|[A-Za-z0-9+/]{43}=|[A-Za-z0-9+/]{64}|[A-Za-z0-9+/]{86}==)$/.test(value) && /[A-Z]/.test(value) && /\d/.test(value));
}

function isPicture(bytes: Uint8Array): boolean {
  const [a, b, c, d] = bytes;
  return (a === 0x89 && b === 0x50 && c === 0x4e && d === 0x47) || (a === 0xff && b === 0xd8 && c === 0xff) || (a === 0x47 && b === 0x49 && c === 0x46)
    || (a === 0x42 && b === 0x4d) || (a === 0x52 && b === 0x49 && c === 0x46 && bytes[8] === 0x57) || (a === 0x49 && b === 0x49 && c === 0x2a) || (a === 0x4d && b === 0x4d && d === 0x2a)
    || (a === 0x50 && (b === 0x35 || b === 0x36) && c === 0x20); // greymaps and pixmaps: what rows of IDX and NumPy arrays are given as
}

function looksLikeCode(text: string): boolean {
  const head = text.slice(0, 2000);
  return /^(?:\s*(?:import|from|def|class|function|const|let|var|public|private|package|#include|using|fn|impl|return)\b.*[\n;{(:]|\s*(?:#!\/))/m.test(head) && /[;{}():=]\s*\n/.test(head);
}

const named: readonly (readonly [Role, RegExp])[] = [
  ['split', /^(?:split|subset|fold|partition|is_?train|is_?test)$/i],
  ['id', /^(?:id|_id|idx|index|row_?id|uid|uuid|guid|key|__key__|__index_level_0__|unnamed: 0|rowid|example_?id|sample_?id)$/i],
  ['digest', /(?:^|[_.-])(?:md5|sha_?1|sha_?224|sha_?256|sha_?384|sha_?512|digest|checksum|hash|blake\d?|etag|crc32c?)(?:$|[_.-])|(?:md5|sha256|sha1|sha512)$/i],
  ['url', /(?:^|[_.-])(?:url|uri|link|href)s?(?:$|[_.-])|url$/i],
  ['path', /^(?:file_?name|file_?path|path|filepath|file|image_?path|img_?path|image_?file)$/i],
  ['embedding', /(?:^|[_.-])(?:embedding|embeddings|vector|vectors|emb|dense)(?:$|[_.-])/i],
  ['chosen', /^(?:chosen|preferred|winner|response_chosen|chosen_response|accepted|good)$/i],
  ['rejected', /^(?:rejected|dispreferred|loser|response_rejected|rejected_response|bad)$/i],
  ['prompt', /^(?:prompt|prompts|instruction|instructions|question|query|inputs?|user|human|problem|task)$/i],
  ['response', /^(?:response|responses|output|outputs|completion|completions|answer|answers|target_?text|assistant|reply|solution|ground_?truth)$/i],
  ['code', /^(?:code|content_code|source_code|func|function_code|whole_func_string|func_code_string|snippet|program|file_content)$/i],
  ['source', /^(?:source|origin|provenance|document_?id|doc_?id|chunk_?id|crawl_?date|timestamp|date_?download\w*|build_?(?:time|date|id)|last_?mod\w*|(?:created|updated|modified|published|indexed|crawled|fetched|scraped|generated|retrieved|accessed|ingested|exported)_?(?:at|on|date|time|timestamp)?|(?:date|time)_?(?:created|updated|modified|published|indexed|crawled|fetched|generated|retrieved|accessed))$/i],
  ['label', /^(?:labels?|class|class_?(?:name|id|label)|classification|target|category|categories|sentiment|y|topic|fine_?label|coarse_?label|label_?(?:text|name|id)|species|spam|is_spam|toxic|toxicity|intent|emotion|cls|txt_label|outcome|diagnosis)$/i],
];

/** Whether a column's name alone says what data it is for. */
export function namesRole(name: string): boolean {
  const last = name.slice(name.lastIndexOf('.') + 1).trim();
  return named.some(([role, pattern]) => role !== 'id' && role !== 'path' && role !== 'source' && pattern.test(last));
}

/** Columns with their roles. `target` is what the data say is the label; what is stated goes before everything. */
export function withRoles(profiles: readonly Profile[], target: string | undefined, stated: Readonly<Record<string, readonly Role[]>> | undefined): SetColumn[] {
  const guessed = profiles.map((profile) => rolesOf(profile, target));
  const given = (name: string): readonly Role[] | undefined => (stated !== undefined && Object.hasOwn(stated, name) ? stated[name] : undefined);
  pairUp(profiles, guessed);
  const hasLabel = profiles.some(({ name }, i) => (given(name) ?? guessed[i]!).includes('label'));
  const place = hasLabel || Object.values(stated ?? {}).some((one) => one.includes('label')) ? undefined : guessLabel(profiles, guessed);
  return profiles.map((profile, i) => {
    const own = given(profile.name);
    return {
      name: profile.name, type: profile.type, roles: own ?? guessed[i]!, stated: own !== undefined,
      distinct: profile.values.size, filled: profile.rows === 0 ? 0 : profile.filled / profile.rows,
      length: profile.texts === 0 ? 0 : profile.characters / profile.texts,
      ...(i === place && own === undefined ? { guessed: true as const } : {}),
    };
  });
}

function rolesOf(profile: Profile, target: string | undefined): Role[] {
  const { name } = profile;
  const share = (count: number): number => profile.share(count);
  if (share(profile.pictures) >= 0.5) return ['image'];
  if (share(profile.vectors) >= 0.9) return ['embedding'];
  // 'data.image.url' goes by its last part.
  const last = name.slice(name.lastIndexOf('.') + 1).trim();
  const byName = named.filter(([, pattern]) => pattern.test(last)).map(([role]) => role);
  const classes = profile.values.size >= 1 && profile.values.size < mostDistinct && share(profile.texts - profile.spaced + profile.numbers) >= 0 && isClassLike(profile);
  if (target !== undefined && name === target && classes) return ['label'];
  if (share(profile.urls) >= 0.8) return ['url'];
  if (share(profile.digests) >= 0.9 && profile.filled > 0 && (byName.includes('digest') || profile.values.size > 1)) return ['digest'];
  const running = share(profile.texts) >= 0.9 && share(profile.numbers) < 0.5;
  for (const role of byName) {
    if (role === 'label' && classes && (last.length > 1 || isNumbered(profile))) return ['label'];
    if ((role === 'split' || role === 'source') && !isRunning(profile)) return [role];
    if (role === 'id' && !isRunning(profile)) return ['id'];
    if (role === 'path' && running) return ['path'];
    if ((role === 'prompt' || role === 'response' || role === 'chosen' || role === 'rejected') && running) return [role];
    if (role === 'code' && running && share(profile.codes) >= 0.2) return ['code'];
  }
  if (running && share(profile.codes) >= 0.5) return ['code'];
  if (isRunning(profile)) return ['text'];
  if (share(profile.numbers) >= 0.9) return ['number'];
  return [];
}

/** Few values for many rows, none of them long. */
function isClassLike(profile: Profile): boolean {
  if (profile.filled === 0 || profile.blobs > 0 || profile.vectors > 0) return false;
  if (profile.texts > 0 && profile.characters / profile.texts > 64) return false;
  if (profile.numbers > 0 && profile.whole < profile.numbers) return profile.values.size <= 10;
  return profile.values.size <= Math.max(2, profile.filled / 4);
}

/** Classes by number: whole, from 0 or 1 on, few left out. Texts pass. */
function isNumbered(profile: Profile): boolean {
  if (profile.numbers === 0) return true;
  if (profile.whole < profile.numbers) return false;
  const numbers = [...profile.values].map(Number);
  return numbers.every((value) => value >= 0 && value <= 1.25 * numbers.length + 1);
}

/** Texts of several words, most of them different. */
function isRunning(profile: Profile): boolean {
  const mean = profile.texts === 0 ? 0 : profile.characters / profile.texts;
  if (profile.share(profile.texts) < 0.9 || profile.share(profile.spaced) < 0.5) return false;
  const different = profile.values.size >= mostDistinct || profile.values.size >= profile.filled / 10;
  return mean >= 40 ? different || profile.values.size > 50 : mean >= 12 && profile.values.size >= profile.filled / 2;
}

/** A prompt without a response is a text, and so the other way round; so are chosen and rejected. */
function pairUp(profiles: readonly Profile[], guessed: Role[][]): void {
  const has = (role: Role): boolean => guessed.some((one) => one.includes(role));
  const answered = has('response') || has('chosen');
  guessed.forEach((one, i) => {
    const [role] = one;
    const lonely = (role === 'prompt' && !answered) || (role === 'response' && !has('prompt')) || (role === 'chosen' && !has('rejected')) || (role === 'rejected' && !has('chosen'));
    if (lonely) guessed[i] = isRunning(profiles[i]!) ? ['text'] : [];
  });
}

/** Where no column is called a label: the last one, or the first, when it has few values and something else is there to tell them from. Returns which. */
function guessLabel(profiles: readonly Profile[], guessed: Role[][]): number | undefined {
  const rest = (i: number): boolean => {
    const others = guessed.filter((_, j) => j !== i);
    return others.some(([role]) => role === 'text' || role === 'image') || others.filter(([role]) => role === 'number').length >= 2;
  };
  for (const i of [profiles.length - 1, 0]) {
    const profile = profiles[i];
    if (profile === undefined) return undefined;
    const [role] = guessed[i]!;
    if (role !== undefined && role !== 'number') continue;
    const size = profile.values.size;
    const few = size >= 2 && size <= (profile.type !== 'string' && profile.type !== 'bool' ? 20 : i === 0 ? 26 : 50) && profile.filled >= 5 * size && profile.filled >= 0.95 * profile.rows;
    if (few && isClassLike(profile) && (profile.numbers === 0 || (i > 0 && isNumbered(profile))) && rest(i) && !isDimension(profile, profiles)) {
      guessed[i] = ['label'];
      return i;
    }
  }
  return undefined;
}

/** A series of a long table: with one other column (dates, places) it names each row, and every combination is there once. */
function isDimension({ rows, values }: Profile, profiles: readonly Profile[]): boolean {
  return profiles.some((other) => other.values !== values && other.values.size >= 3 && other.type !== 'float' && rows === values.size * other.values.size);
}
