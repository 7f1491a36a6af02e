// SPDX-License-Identifier: Apache-2.0
// Documentation of data (5.2.4-2, 5.2.4-2.1, 5.1.2-5): from where, when, how, for what, whose.
import { folderOf, listed, type Asset } from '../asset.ts';
import { judged, notApplicable, notAssessed, noTexts, type Basis, type Check, type Gap, type Outcome } from '../basis.ts';
import { lineOn, saysSomething, sectionsOf } from '../documents.ts';
import { classOf, personalQuestion, secretQuestion, studies } from './data.ts';

/** Data files that belong together, with what is written about them. */
export interface DataSet {
  /** Folder; '' for the root. */
  readonly folder: string;
  readonly files: readonly Asset[];
  readonly documents: readonly { readonly path: string; readonly text: string }[];
  /** Columns of its tables, in lower case, with how many rows have a value. */
  readonly columns: ReadonlyMap<string, { readonly rows: number; readonly nulls: number; readonly path: string }>;
}

const describes = /^(readme|data(set)?[_-]?(card|sheet|statement|provenance)|croissant|metadata|sources?|provenance|manifest|datapackage)\b.*\.(md|json|jsonl|ya?ml|csv|tsv|txt|rst)$/i;
const remembered = new WeakMap<Basis, readonly DataSet[]>();

/** Data sets under the root: a folder with a card, or else the first folder on the way. */
export function dataSets(basis: Basis): readonly DataSet[] {
  let known = remembered.get(basis);
  if (known === undefined) remembered.set(basis, known = collect(basis));
  return known;
}

function collect(basis: Basis): DataSet[] {
  const described = new Set(basis.assets.filter(({ name }) => describes.test(name)).map(({ path }) => folderOf(path)));
  const homeOf = (path: string): string => {
    for (let folder = folderOf(path); folder !== ''; folder = folderOf(folder)) if (described.has(folder)) return folder;
    const first = path.split('/')[0]!;
    return described.has('') || first === path ? '' : first;
  };
  const groups = Map.groupBy(basis.assets.filter(({ role, name }) => role === 'data' && !describes.test(name)), ({ path }) => homeOf(path));
  return [...groups].map(([folder, files]) => ({
    folder, files,
    documents: basis.assets.filter((asset) => folderOf(asset.path) === folder && describes.test(asset.name) && basis.texts?.has(asset.path) === true).map(({ path }) => ({ path, text: basis.texts!.get(path)! })),
    columns: columnsOf(basis, new Set(files.map(({ path }) => path))),
  }));
}

function columnsOf(basis: Basis, paths: ReadonlySet<string>): Map<string, { rows: number; nulls: number; path: string }> {
  const out = new Map<string, { rows: number; nulls: number; path: string }>();
  for (const { artefact, facts } of basis.report.inspected) {
    const path = artefact.id.split('!/', 1)[0]!;
    if (!paths.has(path)) continue;
    for (const fact of facts) {
      if (fact.kind !== 'column') continue;
      const before = out.get(fact.name.toLowerCase());
      out.set(fact.name.toLowerCase(), { rows: (before?.rows ?? 0) + fact.rows, nulls: (before?.nulls ?? 0) + fact.nulls, path });
    }
  }
  return out;
}

const urlColumn = /^(source[_-]?)?(url|uri|link|href|page[_-]?url|image[_-]?url|target[_-]?uri|permalink)s?$/;
const timeColumn = /(timestamp|crawl|fetch|retriev|access|download|collect|acquir|scrap|captur|date|time)/;
const hashColumn = /^(sha-?(1|224|256|384|512)?|md5|hash|checksum|digest|content[_-]?(hash|digest)|blake\w*)(sum)?$/;
const contentColumn = /^(text|content|body|image|bytes|audio|prompt|messages?|conversations?|question|answer|document|html)$/;

const acquired = /\b(retriev|access|collect|download|acquir|crawl|scrap|snapshot|captur|fetch|obtain|export|record)\w*/i;

/** Checks over every data set under the root. */
function forEach(id: string, title: string, severity: Check['severity'], fix: string, look: (set: DataSet, basis: Basis) => { readonly gap?: string; readonly found?: string; readonly path?: string } | undefined): Check {
  return {
    id, title, severity, fix,
    run(basis): Outcome {
      if (basis.texts === undefined) return noTexts;
      const sets = dataSets(basis);
      if (sets.length === 0) return notApplicable('no data set lies under the root');
      const gaps: Gap[] = [];
      const evidence: string[] = [];
      const words: string[] = [];
      for (const set of sets) {
        const result = look(set, basis);
        if (result?.gap !== undefined) gaps.push({ message: result.gap, artefact: result.path ?? set.folder, key: `${id} ${set.folder}`, absent: result.path === undefined });
        else if (result?.found !== undefined) {
          words.push(result.found);
          evidence.push(result.path ?? set.files[0]!.path);
        }
      }
      if (gaps.length === 0 && evidence.length === 0) return notApplicable('no data set that this is about lies under the root');
      return judged(gaps, listed(words, 4), evidence);
    },
  };
}

const nameOf = ({ folder }: DataSet): string => (folder === '' ? 'the data in the root' : folder);

/** A section or line on a subject, in the documents of a data set. */
function said({ documents }: DataSet, subject: RegExp): { path: string; text: string } | undefined {
  for (const document of documents) {
    const { path, text } = document;
    const section = sectionsOf(path, text).find(({ heading, body }) => subject.test(heading) && saysSomething(body));
    if (section !== undefined) return { path, text: section.heading };
    const line = lineOn(document, subject);
    if (line !== undefined) return { path, text: line };
  }
  return undefined;
}

/** A sentence that matches, wherever it stands. */
function mentions({ documents }: DataSet, pattern: RegExp): { path: string; text: string } | undefined {
  for (const { path, text } of documents) {
    const line = text.split('\n').find((one) => one.length < 4000 && pattern.test(one) && saysSomething(one));
    if (line !== undefined) return { path, text: line.trim().slice(0, 100) };
  }
  return undefined;
}

function column({ columns }: DataSet, pattern: RegExp): { name: string; rows: number; nulls: number; path: string } | undefined {
  const found = [...columns].find(([name]) => pattern.test(name));
  return found === undefined ? undefined : { name: found[0], ...found[1] };
}

/** Dates of acquisition: in a line that speaks of acquiring, or under a key that does. */
function datesOf({ documents }: DataSet): { path: string; date: string }[] {
  return documents.flatMap(({ path, text }) => text.split('\n').slice(0, 50_000).flatMap((line) => (line.length < 20_000 && (acquired.test(line) || /"?(date|time)\w*"?\s*[:=]/i.test(line)) ? [...line.matchAll(/\b(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2})?/g)].map((match) => ({ path, date: match[1]! })) : [])));
}

const addressPattern = /\b(?:https?|ftp|s3|gs|hf|doi|ipfs):\/{0,2}[^\s"'<>)\]]{3,}/i;

export const datasetChecks: readonly Check[] = [
  forEach('DSD-SOURCE', 'The source of every data set is documented', 'high', 'Name the source in the data set\'s card: section "Source" or "source: …".', (set) => {
    const found = said(set, /\b(sources?|origin|provenance|collection|where)\b/i) ?? mentions(set, addressPattern) ?? mentions(set, /source_datasets\s*:/i);
    const url = column(set, urlColumn);
    if (found !== undefined) return { found: `${nameOf(set)}: ${found.text}`, path: found.path };
    return url === undefined ? { gap: `the source of ${nameOf(set)} is not documented` } : { found: `${nameOf(set)}: column ${url.name}`, path: url.path };
  }),
  forEach('DSD-METHOD', 'How every data set was obtained is documented', 'medium', 'Say how: downloaded, scraped, by API, bought, synthetic, from users.', (set) => {
    const found = mentions(set, /\b(download|scrap|crawl|purchas|bought|licen[cs]ed from|via (the|an?) \w{0,20} ?API|through (the|an?) API|synthetic|generat|recorded|annotat|crowd-?sourc|user feedback|exported|collected|donated|surveyed)\w*/i);
    return found === undefined ? { gap: `how ${nameOf(set)} was obtained is not documented` } : { found: `${nameOf(set)}: ${found.text}`, path: found.path };
  }),
  forEach('DSD-USE', 'What every data set is used for in the model is documented', 'medium', 'Say which model and which stage: pre-training, fine-tuning, evaluation, retrieval.', (set) => {
    const found = said(set, /\b(uses?|used (for|in)|usage|purpose|stage)\b/i) ?? mentions(set, /\b(used|use|intended) (for|in|to|as) .{0,60}\b(pre-?train|fine-?tun|train|evaluat|retriev|rag|test|validat)\w*/i);
    return found === undefined ? { gap: `the use of ${nameOf(set)} in a model is not documented` } : { found: `${nameOf(set)}: ${found.text}`, path: found.path };
  }),
  forEach('DSD-URL', 'Records or shards state their source address', 'medium', 'Keep a column or a manifest with the source URL of each record or shard.', (set) => {
    const url = column(set, urlColumn);
    if (url !== undefined && url.nulls > 0) return { gap: `${Math.floor(((url.rows - url.nulls) / Math.max(1, url.rows)) * 1000) / 10} % of ${url.rows} records of ${nameOf(set)} carry a source address (column ${url.name})`, path: url.path };
    if (url !== undefined) return { found: `${nameOf(set)}: ${url.rows} of ${url.rows} records in column ${url.name}`, path: url.path };
    const found = mentions(set, addressPattern);
    return found === undefined ? { gap: `neither records nor documents of ${nameOf(set)} state a source address` } : { found: `${nameOf(set)}: ${found.text}`, path: found.path };
  }),
  forEach('DSD-TIME', 'The time of acquisition is stated', 'medium', 'Write the date of acquisition (YYYY-MM-DD) per record, shard or data set.', (set) => {
    const time = column(set, timeColumn);
    if (time !== undefined && time.nulls > 0) return { gap: `${time.nulls} of ${time.rows} records of ${nameOf(set)} have no time of acquisition (column ${time.name})`, path: time.path };
    if (time !== undefined) return { found: `${nameOf(set)}: column ${time.name}`, path: time.path };
    const [date] = datesOf(set);
    return date === undefined ? { gap: `no time of acquisition is stated for ${nameOf(set)}` } : { found: `${nameOf(set)}: ${date.date}`, path: date.path };
  }),
  forEach('DSD-TIME-IMPLAUSIBLE', 'Times of acquisition are plausible', 'low', 'Correct the dates.', (set, basis) => {
    const dates = datesOf(set);
    if (dates.length === 0) return undefined;
    const wrong = dates.find(({ date }) => date > basis.asOf || date < '1990-01-01' || Number.isNaN(Date.parse(date)));
    return wrong === undefined ? { found: `${nameOf(set)}: ${dates.length} dates up to ${basis.asOf}`, path: dates[0]!.path } : { gap: `the time of acquisition ${wrong.date} of ${nameOf(set)} is implausible, as of ${basis.asOf}`, path: wrong.path };
  }),
  forEach('DSD-RAW-HASH', 'Data that are fetched by address carry a digest of the content', 'medium', 'Add the SHA-256 of what was fetched to each record: else an expired domain can serve other content.', (set, basis) => {
    const files = new Set(set.files.map(({ path }) => path));
    const study = studies(basis, /^url-only|raw-hash/).find((one) => one.study.outcome === 'finding' && files.has(one.path));
    if (study !== undefined) return { gap: `${nameOf(set)}: ${study.study.what}`, path: study.path };
    const url = column(set, urlColumn);
    if (url === undefined || column(set, contentColumn) !== undefined) return undefined;
    const hash = column(set, hashColumn);
    return hash === undefined || hash.nulls > 0 ? { gap: `${nameOf(set)} points at ${url.rows} addresses ${hash === undefined ? 'without digests of their content' : `of which ${hash.nulls} have no digest`}: content that is swapped later cannot be told`, path: url.path } : { found: `${nameOf(set)}: column ${hash.name}`, path: hash.path };
  }),
  forEach('DSD-COVERAGE', 'Every data file is covered by a statement of its source', 'medium', 'Put a card beside the file, or list the file in the manifest.', (set) => {
    const [document] = set.documents;
    if (document === undefined && column(set, urlColumn) === undefined) return { gap: `${set.files.length} data files of ${nameOf(set)} have no statement of their source: ${listed(set.files.map(({ path }) => path), 4)}` };
    const manifest = set.documents.find(({ path }) => /manifest|provenance|sources?\./i.test(path));
    if (manifest !== undefined) {
      const without = set.files.filter(({ name }) => !manifest.text.includes(name));
      if (without.length > 0) return { gap: `${without.length} data files have no entry in ${manifest.path}: ${listed(without.map(({ path }) => path), 4)}`, path: manifest.path };
    }
    return { found: `${nameOf(set)}: ${set.files.length} files`, path: document?.path ?? set.files[0]!.path };
  }),
  forEach('DSD-CUSTODIAN', 'A data custodian is named', 'low', 'Name who controls the data: "Custodian: …" in the card, or governance.custodians in the BOM.', (set, basis) => {
    const found = said(set, /\b(custodian|data (owner|steward|controller)|maintain(er|ed by)|curat(or|ed by))\b/i);
    const bom = basis.boms.find(({ card }) => /custodian/i.test(card));
    if (found !== undefined) return { found: `${nameOf(set)}: ${found.text}`, path: found.path };
    return bom === undefined ? { gap: `no data custodian is named for ${nameOf(set)}` } : { found: `${nameOf(set)}: ${bom.path}`, path: bom.path };
  }),
  forEach('DSD-CLASS', 'Every data set has a class, and its content fits it', 'medium', 'Write "Classification: public | internal | confidential" into the card, and keep to it.', (set, basis) => {
    const label = classOf(basis, set.files[0]!.path);
    if (label === undefined) return { gap: `${nameOf(set)} has no classification` };
    const found = sensitive(basis, set);
    if (/^(public|open|unrestricted|anonym)/.test(label) && found !== undefined) return { gap: `${nameOf(set)} is labelled ${label} and holds ${found.study.what}`, path: found.path };
    return { found: `${nameOf(set)}: ${label}`, path: set.documents[0]?.path ?? set.files[0]!.path };
  }),
  {
    id: 'DSD-USE-MISMATCH', title: 'The model is not shared wider than its data allow', severity: 'medium', fix: 'Have the custodian decide whether the model may be released; keep it internal until then.',
    run(basis) {
      if (basis.texts === undefined) return noTexts;
      const sets = dataSets(basis).map((set) => ({ set, label: classOf(basis, set.files[0]!.path) })).filter(({ label }) => label !== undefined);
      if (sets.length === 0) return notAssessed('no data set under the root states its class');
      const shared = basis.kind === 'release';
      const closed = sets.filter(({ label }) => /^(confidential|secret|restricted|internal|private|personal|sensitive)/.test(label!));
      return judged(shared ? closed.map(({ set, label }) => ({ message: `the root is declared a release, and ${nameOf(set)} is ${label!}`, artefact: set.folder, key: `use ${set.folder}` })) : [], `${sets.length} data sets fit how the root is used (${basis.kind})`, sets.flatMap(({ set }) => set.documents.map(({ path }) => path)));
    },
  },
  {
    id: 'DSD-CONTROL-CONTRADICTED', title: 'Controls that a card declares are not contradicted by the scan', severity: 'high', fix: 'Apply the control that is declared, or take the statement back.',
    run(basis) {
      if (basis.texts === undefined) return noTexts;
      const declared: readonly (readonly [string, RegExp, RegExp])[] = [
        ['personal data removed', /\b(anonymi[sz]ed|pseudonymi[sz]ed|de-?identified|(pii|personal data) (was |were |has been |have been )?(removed|redacted|masked|scrubbed))\b/i, personalQuestion],
        ['secrets removed', /\b(secrets?|credentials?) (was |were |have been )?(removed|redacted|scrubbed)\b/i, secretQuestion],
        ['deduplicated', /\bde-?duplicat(ed|ion)\b/i, /duplicate/],
        ['opt-outs honoured', /\bopt-?outs? (was |were |are |is |have been )?(honou?red|respected|applied)\b/i, /opt-?out/],
      ];
      const gaps: Gap[] = [];
      let stated = 0;
      for (const set of dataSets(basis)) {
        for (const [control, words, question] of declared) {
          const where = mentions(set, words);
          if (where === undefined) continue;
          stated += 1;
          const files = new Set(set.files.map(({ path }) => path));
          const contrary = studies(basis, question).find(({ path, study }) => study.outcome === 'finding' && files.has(path));
          if (contrary !== undefined) gaps.push({ message: `${where.path} declares "${control}"; the scan of ${contrary.path} found: ${contrary.study.what}`, artefact: contrary.path, key: `control ${control}` });
        }
      }
      if (stated === 0) return notApplicable('no card under the root declares such a control');
      if (gaps.length === 0 && studies(basis, /./).length === 0) return notAssessed(`${stated} controls are declared; no study looked at the data`);
      return judged(gaps, `${stated} declared controls were not contradicted`, dataSets(basis).flatMap(({ documents }) => documents.map(({ path }) => path)));
    },
  },
];

function sensitive(basis: Basis, { files }: DataSet): ReturnType<typeof studies>[number] | undefined {
  const paths = new Set(files.map(({ path }) => path));
  return [...studies(basis, personalQuestion), ...studies(basis, secretQuestion)].find(({ path, study }) => study.outcome === 'finding' && paths.has(path));
}

