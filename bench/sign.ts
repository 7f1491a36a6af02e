// SPDX-License-Identifier: Apache-2.0
// `node bench/sign.ts [--rounds 5] [--dir FOLDER] [--prefix 'chrt -r 5']`: whole runs of `assay sign`, start-up included, in turn
// with OpenSSL's SHA-256 of the same bytes. Where the limit is said of one core, OpenSSL gets one.
import { execFileSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { corpora } from './corpus.ts';
import { paired } from './measure.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, dir: { type: 'string', default: join(tmpdir(), 'assay-bench') }, prefix: { type: 'string', default: '' } },
});
const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
if (!existsSync(cli)) {
  console.error('there is no dist/: run npm run build first, since what users run is what is measured');
  process.exit(4);
}
const at = corpora(values.dir, 4);
const four = join(values.dir, 'four');
mkdirSync(four, { recursive: true });
const files = [1, 2, 3, 4].map((number) => join(four, `part-${number}.bin`));
for (const file of files) if (!existsSync(file)) linkSync(at.torch, file);
const key = join(values.dir, 'sign-key');
if (!existsSync(`${key}.pem`)) execFileSync(process.execPath, [cli, 'keygen', '-o', key, '--no-password']);

const prefix = values.prefix === '' ? [] : values.prefix.split(' ');
const sign = (path: string, ...more: string[]): string[] => [...prefix, process.execPath, cli, 'sign', path, '--key', `${key}.pem`, '--signature', join(values.dir, 'bench.sig'), ...more];
const cores = availableParallelism();
const cases: [name: string, ours: string[], theirs: string[]][] = [
  [`2,000 files, 394 MB, against ${cores} cores`, sign(at.mixed), [...prefix, 'sh', '-c', `find "$0" -type f -print0 | xargs -0 -n 64 -P ${cores} openssl dgst -sha256`, at.mixed]],
  ['four files of 1 GiB, against 1 core', sign(four), [...prefix, 'openssl', 'dgst', '-sha256', ...files]],
  ['one file of 4 GiB in shards, against 1 core', sign(at.large, '--serialization', 'shards'), [...prefix, 'openssl', 'dgst', '-sha256', at.large]],
];
console.log('| corpus | assay sign | openssl dgst -sha256 | faster by |');
console.log('|---|---|---|---|');
for (const [name, ours, theirs] of cases) {
  await paired(1, ours, theirs); // warms the page cache
  const result = await paired(Number(values.rounds), ours, theirs);
  console.log(`| ${name} | ${result.ours.seconds.toFixed(2)} s | ${result.theirs.seconds.toFixed(2)} s | ${(1 / result.ratio).toFixed(2)} |`);
}
