// SPDX-License-Identifier: Apache-2.0
import { createReadStream, existsSync, realpathSync, statSync } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { basename, join, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { finderOf, margin, reportOf, spread, type Affected, type Finder, type Hit, type Node } from '../conformity/trace.ts';
import { folderOf } from '../conformity/asset.ts';
import type { Inspected } from '../model/artefact.ts';
import { UsageError } from '../model/usage-error.ts';
import { count, plain } from '../report/terminal.ts';
import { exitCodes } from './exit-codes.ts';
import { collect, readSmall } from './model-options.ts';
import { note, toStdout } from './output.ts';

interface TraceOptions {
  readonly url?: readonly string[];
  readonly domain?: readonly string[];
  readonly sha256?: readonly string[];
  readonly from?: readonly string[];
  readonly bom?: readonly string[];
  readonly ledger?: string;
  readonly format: 'text' | 'json';
}

/** Adds `assay trace`. */
export function register(program: Command): void {
  program.command('trace')
    .description('Is what was reported (an address, a domain, a digest) in our data, and which models were made from it?')
    .argument('[path...]', 'folders with data and models')
    .option('--url <URL>', 'reported address; repeatable', collect)
    .option('--domain <NAME>', 'reported domain, with everything below it; repeatable', collect)
    .option('--sha256 <HEX>', 'reported digest of a file or record; repeatable', collect)
    .option('--from <FILE>', 'a list of them, one a line; # begins a comment; repeatable', collect)
    .option('--bom <FILE>', 'BOM to look in too; repeatable', collect)
    .option('--ledger <FILE>', 'ledger: names the releases that held the affected files')
    .addOption(new Option('-f, --format <name>', 'form of the result').choices(['text', 'json']).default('text'))
    .addHelpText('after', '\nExit codes: 0 not found · 1 found · 2 not found, but something could not be searched · 3 nothing to search · 4 usage')
    .action(async (paths: string[], options: TraceOptions) => {
      process.exitCode = await trace(paths, options);
    });
}

/** Reports that one run looks for. */
const mostReports = 10_000;

function findersFrom(options: TraceOptions): Finder[] {
  const lines = [
    ...options.url ?? [], ...options.domain ?? [], ...options.sha256 ?? [],
    ...(options.from ?? []).flatMap((file) => readSmall(file, '--from').split(/\r?\n/).map((line) => line.replace(/(^|\s)#.*$/, '').trim()).filter((line) => line !== '')),
  ];
  if (lines.length === 0) throw new UsageError('nothing to look for; give --url, --domain, --sha256 or --from FILE');
  if (lines.length > mostReports) throw new UsageError(`${lines.length} reports are given, allowed are ${mostReports}`);
  return lines.map((line) => {
    const report = reportOf(line);
    if (report === undefined) throw new UsageError(`${line.slice(0, 100)} is no address, domain or SHA-256 digest`);
    return finderOf(report);
  });
}

interface Searched {
  readonly hits: Hit[];
  /** Files whose content could not be searched, with the reason. */
  readonly unsearched: { readonly path: string; readonly why: string }[];
}

async function trace(paths: readonly string[], options: TraceOptions): Promise<number> {
  const finders = findersFrom(options);
  if (paths.length === 0 && options.bom === undefined) throw new UsageError('nowhere to look; give folders, or --bom FILE');
  const nodes: Node[] = [];
  const found: Searched = { hits: [], unsearched: [] };
  let files = 0;
  for (const path of paths) files += await searchFolder(path, paths.length > 1 ? `${basename(resolve(path))}/` : '', finders, nodes, found);
  for (const bom of options.bom ?? []) await searchBom(bom, finders, nodes, found);
  if (files === 0 && options.bom === undefined) {
    note('assay: nothing to search, no file was found');
    return exitCodes.empty;
  }
  const holders = holdersOf(found.hits, nodes);
  const { datasets } = holders;
  const models = spread(nodes, datasets, holders.models);
  const releases = options.ledger === undefined ? [] : await releasesWith(options.ledger, found.hits);
  if (options.format === 'json') await toStdout(`${JSON.stringify({ schemaVersion: 1, found: found.hits.length > 0, searched: files, hits: found.hits, datasets, models, releases, unsearched: found.unsearched }, undefined, 2)}\n`);
  else await toStdout(asText(found, datasets, models, releases, files));
  if (found.hits.length > 0) return exitCodes.findings;
  return found.unsearched.length > 0 ? exitCodes.incomplete : exitCodes.done;
}

function asText({ hits, unsearched }: Searched, datasets: readonly Affected[], models: readonly Affected[], releases: readonly string[], files: number): string {
  const out = [hits.length === 0 ? `not found in ${count(files, 'file')}` : `found in ${count(new Set(hits.map(({ path }) => path)).size, 'file')} of ${files}`];
  for (const { report, path, where, count: times } of hits.slice(0, 500)) out.push(`  ${plain(report.value)}: ${plain(path)}, ${plain(where)}${times > 1 ? ` and ${times - 1} more` : ''}`);
  const section = (title: string, list: readonly Affected[]): void => {
    if (list.length > 0) out.push(`${title}: ${list.length}`, ...list.flatMap(({ name, path, why }) => [`  ${plain(name)} (${plain(path === '' ? '.' : path)})`, ...why.map((step) => `    ${plain(step)}`)]));
  };
  section('affected data sets', datasets);
  section('affected models', models);
  if (releases.length > 0) out.push('releases that held these files:', ...releases.map((one) => `  ${plain(one)}`));
  if (unsearched.length > 0) out.push(`not searched: ${count(unsearched.length, 'file')}`, ...unsearched.slice(0, 20).map(({ path, why }) => `  ${plain(path)}: ${plain(why)}`));
  return `${out.join('\n')}\n`;
}

/** Formats that are text, in which an address stands as it is. */
const textual = /^(csv|jsonl|json|yaml|card|jinja|html|text)$/;
const textName = /\.(csv|tsv|jsonl|ndjson|json|txt|md|ya?ml|html?|xml|warc|wet|wat|log|rst|py)$/i;

async function searchFolder(path: string, prefix: string, finders: readonly Finder[], nodes: Node[], found: Searched): Promise<number> {
  const { scan } = await import('../run/scan.ts');
  if (!existsSync(path)) throw new UsageError(`${path} is not there`);
  const report = await scan([path], { facts: 'all', probe: false });
  const root = realpathSync(path);
  const digests = new Map(finders.filter(({ report: { kind } }) => kind === 'sha256').map((one) => [one.report.value, one]));
  const isFile = statSync(root).isFile();
  let files = 0;
  for (const { artefact, facts } of report.inspected) {
    const byDigest = digests.get(artefact.digests.sha256 ?? '');
    if (byDigest !== undefined) found.hits.push({ report: byDigest.report, path: prefix + artefact.id, where: 'the file itself', count: 1, sha256: artefact.digests.sha256! });
    if (artefact.id.includes('!/') || facts.some((fact) => fact.kind === 'link' && fact.role === 'symlink')) continue;
    files += 1;
    const text = artefact.format.split('+').some((one) => textual.test(one)) || textName.test(artefact.id.replace(/\.gz$/i, ''));
    const place = isFile ? root : join(root, artefact.id);
    const name = prefix + artefact.id;
    const digest = artefact.digests.sha256 === undefined ? {} : { sha256: artefact.digests.sha256 };
    if (text || /\.gz$/i.test(artefact.id)) await searchText(place, name, finders, found, digest, /\.gz$/i.test(artefact.id));
    else if (await searchRows(place, artefact.format, artefact.id, name, finders, found, digest)) continue;
    else if (!isModelFile(artefact.format) && artefact.size > 0) found.unsearched.push({ path: name, why: `the content of ${artefact.format} is not searched; only its digest was compared` });
  }
  nodes.push(...nodesOf(report.inspected, prefix, basename(root)));
  return files;
}

function isModelFile(format: string): boolean {
  return /safetensors|gguf|onnx|torch|pickle|numpy|npz/.test(format);
}

/** Bytes of unpacked text after which a compressed file is left. */
const mostUnpacked = 8 * 2 ** 30;

async function searchText(place: string, name: string, finders: readonly Finder[], found: Searched, digest: { sha256?: string }, packed: boolean): Promise<void> {
  const hits = new Map<Finder, { line: number; count: number }>();
  let line = 1;
  let rest = '';
  let bytes = 0;
  const look = (text: string, last: boolean): void => {
    const lower = text.toLowerCase();
    // What begins in the margin is looked for with the next piece, which has what stands behind it.
    const end = last ? text.length : text.length - margin;
    for (const finder of finders) {
      let at = finder.find(text, lower);
      let offset = 0;
      while (at !== -1 && at + offset < end) {
        const known = hits.get(finder);
        if (known === undefined) hits.set(finder, { line: line + newlines(text, at + offset), count: 1 });
        else known.count += 1;
        offset += at + 1;
        at = finder.find(text.slice(offset), lower.slice(offset));
        if (known !== undefined && known.count >= 10_000) break;
      }
    }
  };
  try {
    const file = createReadStream(place, { highWaterMark: 1 << 20 });
    const stream = packed ? file.pipe(createGunzip()) : file;
    if (packed) file.on('error', (error) => (stream as NodeJS.ReadableStream & { destroy(error: Error): void }).destroy(error));
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > mostUnpacked) {
        found.unsearched.push({ path: name, why: `only the first ${mostUnpacked} bytes were searched` });
        break;
      }
      const text = rest + chunk.toString('latin1'); // addresses, domains and digests are ASCII; other text only has to keep its place
      if (text.length <= margin * 2) {
        rest = text;
        continue;
      }
      look(text, false);
      const keep = text.length - margin;
      line += newlines(text, keep);
      rest = text.slice(keep);
    }
    look(rest, true);
  } catch (error) {
    found.unsearched.push({ path: name, why: `it cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}` });
  }
  for (const [{ report }, { line: at, count: times }] of hits) found.hits.push({ report, path: name, where: `line ${at}`, count: times, ...digest });
}

function newlines(text: string, end: number): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at !== -1 && at < end; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}

/** Searches a table through the reader of its format; false where there is none. */
async function searchRows(place: string, format: string, id: string, name: string, finders: readonly Finder[], found: Searched, digest: { sha256?: string }): Promise<boolean> {
  const [{ scanners }, { FileSource }, { Budget, defaultLimits }] = await Promise.all([import('../../scanners/index.ts'), import('../bytes/file.ts'), import('../bytes/limits.ts')]);
  const reader = scanners.find((one) => one.rows !== undefined && format.split('+').includes(one.id));
  if (reader?.rows === undefined) return false;
  const { size } = statSync(place);
  const source = FileSource.open(place, new Budget(defaultLimits, size));
  const hits = new Map<string, { finder: Finder; where: string; count: number }>();
  try {
    const sample = { name: basename(id), size, head: await source.read(0, Math.min(size, 65_536)), tail: await source.read(Math.max(0, size - 67_584), size) };
    for await (const batch of reader.rows(source, sample, () => true)) {
      for (const [i, row] of batch.rows.entries()) {
        for (const [c, cell] of row.entries()) {
          const text = typeof cell === 'string' ? cell : typeof cell === 'object' && cell !== null && !(cell instanceof Uint8Array) ? JSON.stringify(cell, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)) : '';
          if (text === '') continue;
          const lower = text.toLowerCase();
          for (const finder of finders) {
            if (finder.find(text, lower) === -1) continue;
            const known = hits.get(finder.report.value);
            if (known === undefined) hits.set(finder.report.value, { finder, where: `row ${batch.first + i + 1}, column ${batch.columns[c] ?? c}`, count: 1 });
            else known.count += 1;
          }
        }
      }
    }
  } catch (error) {
    found.unsearched.push({ path: name, why: `its rows could not all be read: ${(error as Error).message}` });
  } finally {
    source.close();
  }
  for (const { finder, where, count: times } of hits.values()) found.hits.push({ report: finder.report, path: name, where, count: times, ...digest });
  return true;
}

/** Models and data sets under a root: by their cards, by configurations that name a base, by the folders of data files. */
function nodesOf(inspected: readonly Inspected[], prefix: string, rootName: string): Node[] {
  const folders = new Map<string, { kind?: 'dataset' | 'model'; names: Set<string>; madeFrom: Map<string, Node['madeFrom'][number]> }>();
  const at = (folder: string): { kind?: 'dataset' | 'model'; names: Set<string>; madeFrom: Map<string, Node['madeFrom'][number]> } => {
    let known = folders.get(folder);
    if (known === undefined) folders.set(folder, known = { names: new Set(), madeFrom: new Map() });
    return known;
  };
  for (const { artefact, facts } of inspected) {
    const folder = folderOf(artefact.id.split('!/', 1)[0]!);
    for (const fact of facts) {
      if (fact.kind === 'claim' && fact.field === 'card' && (fact.value === 'model' || fact.value === 'dataset')) at(folder).kind = fact.value;
      else if (fact.kind === 'claim' && (fact.field === 'name' || fact.field === 'repository')) at(folder).names.add(fact.value);
      else if (fact.kind === 'link' && (fact.role === 'dataset' || fact.role === 'base-model')) {
        const node = at(folder);
        node.kind ??= 'model';
        node.madeFrom.set(`${fact.role} ${fact.target}`, { name: fact.target, role: fact.role });
      } else if (fact.kind === 'tensor' && !/csv|jsonl|parquet/.test(artefact.format)) at(folder).kind ??= 'model';
    }
  }
  return [...folders].flatMap(([folder, { kind, names, madeFrom }]): Node[] => (kind === undefined ? [] : [{ kind, path: prefix + folder, names: [...new Set([folder === '' ? rootName : folder, folder.split('/').at(-1)!, ...names])].filter((name) => name !== ''), madeFrom: [...madeFrom.values()] }]));
}

/** What holds what was found: data sets, and models in whose own files it stands. A file in neither makes its folder a data set. */
function holdersOf(hits: readonly Hit[], nodes: readonly Node[]): { datasets: Affected[]; models: Affected[] } {
  const out = new Map<string, { kind: Node['kind']; affected: Affected }>();
  for (const { report, path } of hits) {
    const file = path.split('!/', 1)[0]!;
    const above = nodes.filter((one) => one.path === file || one.path === '' || one.path.endsWith('/') || file.startsWith(`${one.path}/`)).toSorted((a, b) => b.path.length - a.path.length)[0];
    const isData = /\.(csv|tsv|jsonl|ndjson|parquet|arrow|feather|warc|tfrecords?|npy)(\.\w+)?$/i.test(file);
    // Data in a folder below a model's are a set of their own.
    const own = above !== undefined && (above.kind === 'dataset' || !isData || above.path === folderOf(file));
    const where = own ? above.path : folderOf(file);
    const why = `${report.value} is in ${path}`;
    const known = out.get(where);
    if (known === undefined) out.set(where, { kind: own ? above.kind : 'dataset', affected: { name: (own ? above.names[0] : undefined) ?? (where === '' ? '.' : where), path: where, why: [why] } });
    else if (known.affected.why.length < 5) out.set(where, { ...known, affected: { ...known.affected, why: [...known.affected.why, why] } });
  }
  const of = (kind: Node['kind']): Affected[] => [...out.values()].filter((one) => one.kind === kind).map(({ affected }) => affected);
  return { datasets: of('dataset'), models: of('model') };
}

async function searchBom(path: string, finders: readonly Finder[], nodes: Node[], found: Searched): Promise<void> {
  const [{ readBomFile }, { isObject, objects }] = await Promise.all([import('../../sbom/check/index.ts'), import('../../sbom/check/lint.ts')]);
  if (!existsSync(path)) throw new UsageError(`--bom ${path} is not there`);
  const read = readBomFile(path);
  if (read.kind === 'unchecked' || read.kind === 'unreadable') throw new UsageError(`--bom ${path} cannot be read as a BOM: ${read.what}`);
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const { document } = read;
  const subject = isObject(document['metadata']) && isObject(document['metadata']['component']) ? [document['metadata']['component']] : [];
  const all = read.kind === 'cyclonedx' ? [...subject, ...objects(document['components'])] : objects(document['@graph']);
  const names = new Map(all.map((one) => [text(one['bom-ref']) || text(one['spdxId']), text(one['name'])]));
  for (const one of all) {
    const name = text(one['name']);
    const own = JSON.stringify({ ...one, components: undefined, modelCard: undefined });
    const lower = own.toLowerCase();
    for (const finder of finders) if (finder.find(own, lower) !== -1) found.hits.push({ report: finder.report, path: `${path}#${name}`, where: 'an entry of the BOM', count: 1 });
    const card = isObject(one['modelCard']) && isObject(one['modelCard']['modelParameters']) ? one['modelCard']['modelParameters'] : {};
    const datasets = objects(card['datasets']).map((set) => names.get(text(set['ref'])) ?? text(set['name'])).filter((set) => set !== '');
    const ancestors = isObject(one['pedigree']) ? objects(one['pedigree']['ancestors']).map((base) => text(base['purl']) || text(base['name'])) : [];
    const type = text(one['type']);
    const isData = type === 'data' || text(one['@type'] ?? one['type']) === 'dataset_DatasetPackage';
    if (isData || type === 'machine-learning-model' || datasets.length + ancestors.length > 0) {
      nodes.push({ kind: isData ? 'dataset' : 'model', path: `${path}#${name}`, names: [name, text(one['purl'])].filter((each) => each !== ''), madeFrom: [...datasets.map((each) => ({ name: each, role: 'dataset' as const })), ...ancestors.map((each) => ({ name: each, role: 'base-model' as const }))] });
    }
  }
}

async function releasesWith(ledger: string, hits: readonly Hit[]): Promise<string[]> {
  const { readLedger } = await import('../ledger/ledger.ts');
  const digests = new Set(hits.flatMap(({ sha256 }) => sha256 ?? []));
  return readLedger(ledger, []).releases.flatMap(({ sequence, name, version, time, files }) => {
    const held = Object.entries(files).filter(([, sha256]) => digests.has(sha256)).map(([path]) => path);
    return held.length === 0 ? [] : [`entry ${sequence}: ${name} ${version} (${time.slice(0, 10)}): ${held.slice(0, 5).join(', ')}`];
  });
}
