// SPDX-License-Identifier: Apache-2.0
// `node bench/study.ts [--mb 200] [--out FILE.json]`: how fast all questions are put to a JSON Lines file of labelled texts, per core, and
// how much memory that takes, beside plain reading and parsing of the same file. The texts are made: words by Zipf's law, four
// classes with words of their own, the same in every run.
import { spawnSync } from 'node:child_process';
import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { randomFrom } from '../src/sketch/random.ts';

const { values } = parseArgs({ options: { mb: { type: 'string', default: '200' }, out: { type: 'string' }, child: { type: 'string' }, rows: { type: 'string' } } });

/** Writes the texts; returns how many. */
async function make(path: string, bytes: number): Promise<number> {
  const random = randomFrom('texts of the benchmark');
  const letters = 'etaoinshrdlucmfwypvbgkjqxz';
  const vocabulary = Array.from({ length: 30_000 }, () => Array.from({ length: 2 + random.below(8) }, () => letters[Math.floor(random.next() * random.next() * 26)]!).join(''));
  const labels = ['sport', 'news', 'technology', 'arts'];
  const file = createWriteStream(path);
  let [written, rows] = [0, 0];
  while (written < bytes) {
    const label = random.below(labels.length);
    const words = Array.from({ length: 20 + random.below(380) }, (_, at) => {
      const word = vocabulary[random.next() < 0.08 ? 20_000 + label * 2000 + random.below(2000) : Math.floor(Math.exp(random.next() * Math.log(30_000))) - 1]!;
      return `${at % 12 === 0 ? word.slice(0, 1).toUpperCase() + word.slice(1) : word}${at % 12 === 11 ? '.' : ''}`;
    });
    const line = `${JSON.stringify({ id: rows, text: words.join(' '), label: labels[label] })}\n`;
    written += line.length;
    rows += 1;
    if (!file.write(line)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
  return rows;
}

const seconds = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1e6;

/** In a process of its own, with the flags that a scan gives to it. */
async function measured(path: string, rows: number): Promise<void> {
  const [{ scanners }, { questions }, { study, studyLimits }] = await Promise.all([import('../scanners/index.ts'), import('../src/study/questions/index.ts'), import('../src/study/study.ts')]);
  const { size } = statSync(path);
  const before = process.cpuUsage();
  for await (const line of createInterface({ input: createReadStream(path) })) JSON.parse(line);
  const plain = seconds(process.cpuUsage(before));
  const begin = process.cpuUsage();
  const wall = performance.now();
  const facts = await study({ draft: { name: 'bench', kind: 'table', files: [{ id: 'bench.jsonl', size, format: 'jsonl', rows }], size, rows, columns: ['id', 'text', 'label'] }, places: [['bench.jsonl', path]], limits: studyLimits }, scanners, questions);
  const cpu = seconds(process.cpuUsage(begin));
  console.log(JSON.stringify({
    megabytes: Math.round(size / 1e6), rows, studied: facts.find(({ question }) => question === 'rows')?.n, answers: facts.length,
    'CPU seconds': Number(cpu.toFixed(1)), 'wall seconds': Number(((performance.now() - wall) / 1000).toFixed(1)), 'MB/s per core': Number((size / 1e6 / cpu).toFixed(1)),
    'plain reading and parsing, CPU seconds': Number(plain.toFixed(1)), 'peak MB': Math.round(process.resourceUsage().maxRSS / 1024),
  }));
}

if (values.child !== undefined) await measured(values.child, Number(values.rows));
else {
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-study-'));
  try {
    const path = join(folder, 'bench.jsonl');
    const rows = await make(path, Number(values.mb) * 1e6);
    const { stdout, status } = spawnSync(process.execPath, ['--max-old-space-size=768', '--max-semi-space-size=16', fileURLToPath(import.meta.url), '--child', path, '--rows', String(rows)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
    console.log(stdout.trim());
    if (values.out !== undefined && status === 0) writeFileSync(values.out, stdout);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
