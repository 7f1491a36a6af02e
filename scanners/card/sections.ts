// SPDX-License-Identifier: Apache-2.0
// Prose of a card by its headings (https://huggingface.co/docs/hub/model-card-annotated, Mitchell et al. 2019, and the data set card template).
import { clip } from '../../src/bytes/clip.ts';
import type { FactOf } from '../../src/model/fact.ts';

/** What a heading announces; the first that fits counts. A heading can announce two things. */
const topics: readonly (readonly [heading: RegExp, ...topics: readonly string[]])[] = [
  [/out[- ]of[- ]scope|misuse|prohibited/, 'out-of-scope'],
  [/bias\w*,? (and )?risks?.*limitation/, 'limitations', 'risks'],
  [/limitation/, 'limitations'],
  [/recommendation|mitigation/, 'mitigation'],
  [/acceptable use/, 'out-of-scope'],
  [/bias|risk|ethic|fairness|social impact|safety/, 'risks'],
  [/intended use|direct use|downstream use|primary use|^use[sd]?( cases?)?$|intended user|applications?$/, 'intended-use'],
  [/personal|sensitive|privacy/, 'personal-data'],
  [/training data|training dataset|fine-?tuning data/, 'training-data'],
  [/preprocess|pre-process|data preparation/, 'preprocessing'],
  [/hyper-?parameter|training procedure|training details|training regime|^training$|fine-?tuning/, 'training-procedure'],
  [/testing data|evaluation|^results$|benchmark|performance/, 'evaluation'],
  [/explainab|interpretab/, 'explainability'],
  [/environment|carbon|energy|emission/, 'environment'],
  [/hardware|compute/, 'hardware'],
  [/curation/, 'curation'],
  [/source data|data collection|collection process|provenance/, 'data-collection'],
  [/annotation|labell?ing/, 'annotation'],
  [/^contact|card contact|maintainer/, 'contact'],
  [/^(model |dataset |data ?set )?(description|summary|overview|introduction)$|^about|^(model|dataset) details$/, 'description'],
];

/** Lines '- **Label:** value' of the hub's templates, and what they say. */
const labels: readonly (readonly [label: RegExp, field: 'author' | 'parameter-count' | 'repository' | 'paper' | 'homepage' | 'contact' | 'release-date' | 'training' | 'energy', key?: string])[] = [
  [/^(developed|created|curated|trained|made) by$|^authors?$/, 'author'],
  [/^repository$|^(source )?code$/, 'repository'],
  [/^paper/, 'paper'],
  [/^(homepage|website|demo)/, 'homepage'],
  [/^(point of )?contact|^e-?mail$/, 'contact'],
  [/^(release date|released|date of release|model date)$/, 'release-date'],
  [/^(number of )?(model )?parameters( count)?$|^(parameter|model) (count|size)$/, 'parameter-count'],
  [/^hardware( type)?$/, 'training', 'hardware'],
  [/^(hours used|training time)$/, 'training', 'hours'],
  [/^cloud provider$/, 'training', 'cloud-provider'],
  [/^compute region$/, 'training', 'region'],
  [/^training regime$/, 'training', 'regime'],
  [/^carbon emitted$/, 'energy', 'co2'],
];

const most = { paragraphs: 4, facts: 200, lines: 20_000, papers: 8 } as const;
const placeholder = /^[[(<\s]*(more information needed|to be added|todo|tbd|n\/a|none|coming soon|needs more information|optional)[\])>\s.]*$/i;

/** Text of a card below its front matter, as latin1 (offsets are bytes), and where it begins. */
export function* sectionFacts(text: string, begin: number): Generator<FactOf<'claim'>> {
  let told = 0;
  let now: readonly string[] = [];
  let level = 0;
  const counts = new Map<string, number>();
  let [fence, comment] = [false, false];
  let block: { at: number; end: number; lines: string[] } | undefined;
  const flush = function* (): Generator<FactOf<'claim'>> {
    const done = block;
    block = undefined;
    if (done === undefined || told >= most.facts || now.length === 0) return;
    const said = proseOf(done.lines.join(' '));
    if (said.length < 12 || placeholder.test(said)) return;
    for (const topic of now) {
      const count = (counts.get(topic) ?? 0) + 1;
      counts.set(topic, count);
      if (count > most.paragraphs) continue;
      told += 1;
      yield { kind: 'claim', field: 'section', value: clip(`${topic}=${said}`), at: [done.at, done.end] };
    }
  };
  let at = begin;
  let lines = 0;
  let titled = false;
  const papers = new Set<string>();
  while (at < text.length && lines < most.lines) {
    lines += 1;
    const cut = text.indexOf('\n', at);
    const end = cut < 0 ? text.length : cut;
    const start = at;
    const raw = text.slice(start, Math.min(end, start + 4096));
    at = end + 1;
    const line = raw.trim();
    for (const [said, id] of raw.matchAll(/arxiv\.org\/(?:abs|pdf)\/(\d{4}\.\d{4,5})/gi)) {
      if (papers.has(id!) || papers.size >= most.papers) continue;
      papers.add(id!);
      yield { kind: 'claim', field: 'paper', value: `https://arxiv.org/abs/${id}`, at: [start, start + said.length] };
    }
    if (/^(```|~~~)/.test(line)) {
      yield* flush();
      fence = !fence;
      continue;
    }
    if (fence) continue;
    if (line.startsWith('<!--')) comment = true;
    if (comment) {
      comment = !line.includes('-->');
      continue;
    }
    const heading = /^(#{1,6})[ \t]+(.{1,200})$/.exec(line);
    if (heading !== null) {
      yield* flush();
      const depth = heading[1]!.length;
      const title = decoded(heading[2]!).toLowerCase().replaceAll(/[^a-z0-9 ,/-]+/g, ' ').replaceAll(/\s+/g, ' ').trim();
      const found = topics.find(([pattern]) => pattern.test(title));
      if (found !== undefined) {
        now = found.slice(1) as string[];
        level = depth;
      } else if (depth <= level || level === 0 || depth === 1) {
        now = depth === 1 && !titled ? ['description'] : [];
        level = depth === 1 ? 0 : depth;
      }
      titled ||= depth === 1;
      continue;
    }
    if (line === '' || /^(\||!\[|\[!|<|---+$|===+$|\[\]?\()/.test(line)) {
      yield* flush();
      continue;
    }
    const label = /^(?:[-*+][ \t]+)?\*\*([^*:]{1,60}):?\*\*:?[ \t]*(.{1,2000})$/.exec(line);
    if (label !== null) {
      yield* flush();
      const claim = labelled(label[1]!, label[2]!, [start, start + raw.length]);
      if (claim !== undefined && told < most.facts) {
        told += 1;
        yield claim;
        continue;
      }
      if (placeholder.test(proseOf(label[2]!))) continue;
    }
    if (/^([-*+]|\d{1,3}[.)])[ \t]/.test(line)) yield* flush();
    block ??= { at: start, end: start, lines: [] };
    block.end = start + raw.length;
    if (block.lines.length < 40) block.lines.push(line);
  }
  yield* flush();
}

function labelled(name: string, value: string, at: readonly [number, number]): FactOf<'claim'> | undefined {
  const label = decoded(name).trim().toLowerCase().replace(/\s*\[optional\]$/, '');
  const said = proseOf(value.replace(/\[optional\]:?/i, ''));
  if (said === '' || placeholder.test(said)) return undefined;
  const found = labels.find(([pattern]) => pattern.test(label));
  if (found === undefined) return undefined;
  const [, field, key] = found;
  const link = /https?:\/\/[^\s)>\]"']{1,500}/.exec(decoded(value))?.[0];
  if (field === 'parameter-count') {
    const count = numberOf(said);
    return count === undefined ? undefined : { kind: 'claim', field, value: count, at: [at[0], at[1]] };
  }
  const wantsUrl = field === 'repository' || field === 'paper' || field === 'homepage';
  if (wantsUrl && link === undefined) return undefined;
  return { kind: 'claim', field, value: clip(key === undefined ? (wantsUrl ? link! : said) : `${key}=${said}`), at: [at[0], at[1]] };
}

const units: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, b: 1e9, t: 1e12, thousand: 1e3, million: 1e6, billion: 1e9, trillion: 1e12 };

/** '7B', '6.7 billion', '124,439,808' as digits; undefined for anything else ('7B (active: 2B)'). */
function numberOf(text: string): string | undefined {
  const match = /^[~≈]?\s*(\d{1,3}(?:,\d{3}){1,5}|\d{1,15}(?:\.\d{1,6})?)\s*(k|m|b|t|thousand|million|billion|trillion)?(?:\s+param(?:eter)?s)?\.?$/i.exec(text);
  const unit = units[(match?.[2] ?? '').toLowerCase()];
  return match === null || unit === undefined ? undefined : String(Math.round(Number(match[1]!.replaceAll(',', '')) * unit));
}

function decoded(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}

/** Markdown as plain words: links by their text, without marks. */
function proseOf(markdown: string): string {
  return decoded(markdown.slice(0, 1000)) // a fact holds 256 characters
    .replace(/^([-*+]|\d{1,3}[.)])[ \t]+/, '')
    .replaceAll(/!?\[([^\][]{0,200})\]\([^()\s]{0,500}\)/g, '$1')
    .replaceAll(/<\/?[A-Za-z][^<>]{0,200}>/g, ' ')
    .replaceAll(/[*`]|__/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
