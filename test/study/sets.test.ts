import { join } from 'node:path';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { json } from '../../src/report/json.ts';
import { html } from '../../src/report/html.ts';
import { text } from '../../src/report/text.ts';
import { scan } from '../../src/run/scan.ts';
import { readStated } from '../../src/study/stated.ts';
import { findSets, placeOf } from '../../src/study/sets.ts';
import { isFormula } from '../../src/study/questions/formulas.ts';
import type { Inspected } from '../../src/model/artefact.ts';
import type { FactOf } from '../../src/model/fact.ts';
import type { Report } from '../../src/model/report.ts';
import { fixtures, samples } from '../support/samples.ts';
import { folder } from '../support/folder.ts';

function studies(report: Report): FactOf<'study'>[] {
  return report.inspected.flatMap(({ facts }) => facts.filter((fact) => fact.kind === 'study'));
}

async function put(files: Record<string, string | Uint8Array>, options: Parameters<typeof scan>[1] = {}): Promise<FactOf<'study'>[]> {
  const root = folder();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(root, name, '..'), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  return studies(await scan([root], { runner: 'inline', ...options }));
}

const of = (facts: readonly FactOf<'study'>[], question: string): FactOf<'study'>[] => facts.filter((fact) => fact.question === question);
const lines = (n: number, row: (i: number) => unknown): string => Array.from({ length: n }, (_, i) => `${JSON.stringify(row(i))}\n`).join('');

test('split and shard are taken out of a name, and the rest names the set', () => {
  expect(placeOf('data/train-00000-of-00002.parquet')).toEqual({ key: 'data', split: 'train' });
  expect(placeOf('imdb_test.csv')).toEqual({ key: 'imdb', split: 'test' });
  expect(placeOf('x/validation/part-7.jsonl')).toEqual({ key: 'x', split: 'validation' });
  expect(placeOf('reviews.csv')).toEqual({ key: 'reviews.csv', split: undefined });
  expect(placeOf('a.zip!/dev.csv.gz!/dev.csv')).toEqual({ key: 'a.zip', split: 'validation' });
});

test('twelve lists of URLs are found, and tables with a URL column are left alone', async () => {
  const report = await scan([join(fixtures, 'datasets')], { runner: 'inline' });
  const hit = new Set(report.findings.filter(({ rule }) => rule === 'dataset-url-only').map(({ artefact }) => artefact.split('/')[0]));
  expect([...hit].toSorted((a, b) => (a! < b! ? -1 : 1))).toEqual(['url-address', 'url-json', 'url-jsonl', 'url-laion', 'url-md5', 'url-only-column', 'url-plain-http', 'url-shortened', 'url-some-digests', 'url-tsv', 'url-video', 'url-wiki']);
  expect(report.findings.find(({ artefact }) => artefact.startsWith('url-md5'))?.severity).toBe('medium');
});

test('the sealed process says what this process says, however many run', async () => {
  const path = join(fixtures, 'datasets');
  const inline = json(await scan([path], { runner: 'inline' }), { facts: true });
  expect(json(await scan([path], { jobs: 1 }), { facts: true })).toBe(inline);
  expect(json(await scan([path], { jobs: 2 }), { facts: true })).toBe(inline);
  const needed = await scan([path], { facts: 'needed' });
  expect(json(needed)).toBe(json(await scan([path], { runner: 'inline' })));
}, 60_000);

test('without study nothing is studied, and models are never', async () => {
  expect(studies(await scan([join(fixtures, 'datasets/formulas')], { runner: 'inline', study: false }))).toEqual([]);
  // What the weighing says of weights is a study too; it is turned off here, so that what is left would be a study of rows.
  for (const models of ['safetensors', 'gguf', 'onnx']) expect(studies(await scan([join(fixtures, models)], { runner: 'inline', weights: 'off' })), models).toEqual([]);
});

test('splits by file are one set; conversations become prompt and response', async () => {
  const row = (i: number): unknown => ({ conversations: [{ from: 'human', value: `what is ${i} in words, and why is that so` }, { from: 'gpt', value: `it is the number ${i}, of course, and nothing else` }] });
  const facts = await put({ 'chat/train.jsonl': lines(40, row), 'chat/test.jsonl': lines(20, row) });
  const [rows] = of(facts, 'rows');
  expect(rows).toMatchObject({ of: 'chat', n: 60, outcome: 'assessed' });
  expect(rows!.what).toContain('splits train, test');
  expect(rows!.what).toContain('conversations.prompt is prompt; conversations.response is response');
});

test('preferences, alpaca and classes are recognised by name and content', async () => {
  const sentence = (i: number): string => `some words about ${i} that differ from row to row, to be read`;
  const facts = await put({
    'dpo.jsonl': lines(40, (i) => ({ prompt: sentence(i), chosen: sentence(i + 1), rejected: sentence(i + 2) })),
    'alpaca.json': JSON.stringify(Array.from({ length: 40 }, (_, i) => ({ instruction: sentence(i), input: '', output: sentence(i + 3) }))),
    'reviews.csv': `review,sentiment\n${Array.from({ length: 40 }, (_, i) => `"${sentence(i)}",${i % 2 === 0 ? 'positive' : 'negative'}`).join('\n')}\n`,
  });
  const what = Object.fromEntries(of(facts, 'rows').map((fact) => [fact.of, fact.what]));
  expect(what['dpo.jsonl']).toContain('prompt is prompt; chosen is chosen; rejected is rejected');
  expect(what['alpaca.json']).toContain('instruction is prompt; output is response');
  expect(what['reviews.csv']).toContain('review is text; sentiment is label');
});

test('texts in folders of classes are a set, source code and cards are none', async () => {
  const mail = (i: number): string => `Subject: mail ${i}\n\nhello there, this is text number ${i}\n`;
  const files = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`corpus/${i % 2 === 0 ? 'ham' : 'spam'}/${i}.txt`, mail(i)]));
  const facts = await put({ ...files, 'README.md': '# a card', 'requirements.txt': 'torch\n' });
  expect(of(facts, 'rows')).toMatchObject([{ of: 'corpus', n: 60 }]);
  expect(of(facts, 'rows')[0]!.what).toContain('label is label');
});

test('numbered parts of a heap of texts are no classes', async () => {
  const root = folder(Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`docs/part-0${i % 2}/${i}.txt`, `text number ${i} of a heap that was cut in two\n`])));
  const report = await scan([root], { runner: 'inline', probe: false });
  const rows = of(studies(report), 'rows');
  expect(rows).toHaveLength(2);
  for (const { what } of rows) expect(what).not.toContain('label is');
});

test('numbered batches of a class are the class; folders numbered alike are classes', () => {
  const inspected = (folders: readonly string[]): Inspected[] => folders.flatMap((name) => Array.from({ length: 30 }, (_, i): Inspected => ({ artefact: { id: `mail/${name}/${i}.txt`, size: 100, format: 'unknown', digests: {} }, coverage: 'unsupported', facts: [] })));
  const labels = (folders: readonly string[]): string[] => [...new Set(findSets(inspected(folders)).flatMap(({ files }) => files.flatMap(({ label }) => label ?? [])))].toSorted();
  expect(labels(['easy-ham-1', 'easy-ham-2', 'spam-1', 'spam-2'])).toEqual(['easy-ham', 'spam']);
  expect(labels(['class1', 'class2', 'class3'])).toEqual(['class1', 'class2', 'class3']);
  expect(labels(['spam-1', 'ham'])).toEqual(['ham', 'spam-1']);
});

test('a series of a long table is no label, and when a row was made is where it comes from', async () => {
  const series = ['farming', 'mining', 'trade', 'schools'];
  const facts = await put({
    'long.json': JSON.stringify(Array.from({ length: 160 }, (_, i) => ({ month: `2020-${1 + Math.floor(i / 4)}`, count: (i * 7919) % 501, rate: ((i * 31) % 97) / 10, series: series[i % 4]! }))),
    'chunks.jsonl': lines(120, (i) => ({ content: `some words about ${i} that differ from row to row, to be read by people`, category: i % 3 === 0 ? 'guide' : 'api', lastModified: `2026-07-08T17:27:5${i % 9}.672Z` })),
  });
  const what = Object.fromEntries(of(facts, 'rows').map((fact) => [fact.of, fact.what]));
  expect(what['long.json']).not.toContain('is label');
  expect(what['chunks.jsonl']).toContain('category is label; lastModified is source');
});

test('a table inside an archive is read there', async () => {
  const { gzipSync } = await import('node:zlib');
  const facts = await put({ 'train.csv.gz': gzipSync(`text,label\n${Array.from({ length: 50 }, (_, i) => `"a text of words, number ${i}",${i % 2}`).join('\n')}\n`) });
  expect(of(facts, 'rows')).toMatchObject([{ n: 50, outcome: 'assessed' }]);
});

test('what is stated goes before what is guessed, and a slip is told', async () => {
  const stated = await readStated('datasets:\n  - name: mine\n    files: a.csv\n    columns: {grade: label, note: text}\n', 'assay.yaml');
  const facts = await put({ 'a.csv': `note,grade\n${Array.from({ length: 30 }, (_, i) => `n${i},${i}`).join('\n')}\n` }, { stated });
  expect(of(facts, 'rows')).toMatchObject([{ of: 'mine' }]);
  expect(of(facts, 'rows')[0]!.what).toContain('note is text as stated; grade is label as stated');
  await expect(readStated('datasets:\n  - files: a.csv\n    columns: {x: lable}\n', 'f.yaml')).rejects.toThrow('column x of datasets[0] in f.yaml has the role lable');
  await expect(readStated('datasets: 3\n', 'f.yaml')).rejects.toThrow('is neither a list nor a mapping');
});

test('encodings are read, and mixed ones told', async () => {
  const table = `name,age\n${Array.from({ length: 30 }, (_, i) => `Zoë ${i},${i}`).join('\n')}\n`;
  const facts = await put({ 'a/u8.csv': `\uFEFF${table}`, 'b/u16.csv': Buffer.from(`\uFEFF${table}`, 'utf16le'), 'c/l1.csv': Buffer.from(table, 'latin1'), 'd/u16.jsonl': Buffer.from(`\uFEFF${lines(30, (i) => ({ name: `Zoë ${i}` }))}`, 'utf16le') });
  expect(of(facts, 'rows').map(({ n }) => n)).toEqual([30, 30, 30, 30]);
});

test('formulas are those that parse as one', () => {
  for (const yes of ['=1+1', '=A1', '=SUM(A1:A9)', '=HYPERLINK("http://x","y")', '@SUM(1+1)', '+SUM(1,2)', "=cmd|'/C calc'!A0", "-2+3+cmd|'/C calc'!A0", '\t=1+1', '=IF(A1=1,"a","b")', '=IMPORTXML("http://x/","//a")']) expect(isFormula(yes), yes).toBe(true);
  for (const no of ['-5', '+49 30 1234', '@user', '- item', '=)', '=> see below', '== Heading ==', '=', '-1,234.50', '+5 %', '--- a/file.c', '@property', '-k --key', '-1e5', '+1 (555) 123-4567', '-foo(bar)']) expect(isFormula(no), no).toBe(false);
});

test('answers are kept by digest: the same set is not studied twice, a changed one is', async () => {
  const root = folder();
  const cacheDir = folder();
  const rows = (n: number): string => `name,score\n${Array.from({ length: n }, (_, i) => `n${i},${i}`).join('\n')}\n`;
  writeFileSync(join(root, 'a.csv'), rows(40));
  const first = json(await scan([root], { runner: 'inline', cacheDir }), { facts: true });
  expect(json(await scan([root], { runner: 'inline', cacheDir, limits: { timeout: 300 } }), { facts: true })).toBe(first);
  for (const item of readdirSync(cacheDir, { recursive: true, withFileTypes: true })) {
    const path = join(item.parentPath, item.name);
    if (item.isFile()) writeFileSync(path, readFileSync(path, 'utf8').replace('40 rows of 2 columns', 'forty rows of 2 columns'));
  }
  expect(json(await scan([root], { runner: 'inline', cacheDir }))).toContain('forty rows');
  writeFileSync(join(root, 'a.csv'), rows(41));
  expect(json(await scan([root], { runner: 'inline', cacheDir }))).toContain('41 rows');
});

test('a folder of the datasets library is one set, its splits by folder', async () => {
  const stream = readFileSync(join(fixtures, 'arrow/huggingface.arrow'));
  const facts = await put({ 'ds/train/data-00000-of-00001.arrow': stream, 'ds/test/data-00000-of-00001.arrow': stream, 'ds/train/state.json': '{"_split":"train"}', 'ds/train/dataset_info.json': '{"features":{}}', 'ds/dataset_dict.json': '{"splits":["train","test"]}' });
  expect(of(facts, 'rows')).toMatchObject([{ of: 'ds', n: 48, detail: { label: 'label', text: 'text' } }]);
  expect(of(facts, 'rows')[0]!.what).toContain('splits train, test');
});

test('reports name what was asked, and show no text as markup', async () => {
  const root = folder();
  writeFileSync(join(root, 'a<b>.csv'), `name,"<img src=x onerror=alert(1)>"\n${Array.from({ length: 30 }, (_, i) => `n${i},"=HYPERLINK(""http://x"",""<script>"")"`).join('\n')}\n`);
  const report = await scan([root], { runner: 'inline' });
  const page = html(report, []);
  expect(page).toContain('<h2>Studies</h2>');
  expect(page).not.toMatch(/<script|<img src=x/);
  expect(text(report, { rules: [] })).toContain('found formula-injection');
  expect(JSON.parse(json(report)).artefacts[0].studies.length).toBeGreaterThan(1);
});

test('samples that no question finds anything in have no study that crashed', async () => {
  const tables = samples().filter((path) => /\.(?:csv|tsv|jsonl|ndjson|json|parquet|arrow|feather)$/.test(path));
  for (const sample of tables) {
    const facts = studies(await scan([join(fixtures, sample)], { runner: 'inline' }));
    expect(facts.filter(({ what }) => what.includes('bug in assay')), sample).toEqual([]);
  }
}, 120_000);
