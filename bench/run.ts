// SPDX-License-Identifier: Apache-2.0
// `npm run bench [-- --gib 4] [--rounds 5] [--dir FOLDER]`: Assay's whole scan, start-up included, against the limit:
// OpenSSL's SHA-256 of the same bytes on the same cores, in the same run. Ratios are the result; seconds are of the moment.
import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { corpora } from './corpus.ts';
import { paired } from './measure.ts';

const { values } = parseArgs({
  options: { gib: { type: 'string', default: '1' }, rounds: { type: 'string', default: '3' }, dir: { type: 'string', default: join(tmpdir(), 'assay-bench') } },
});
const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
if (!existsSync(cli)) {
  console.error('there is no dist/: run npm run build first, since what users run is what is measured');
  process.exit(4);
}
const at = corpora(values.dir, Number(values.gib));
const rounds = Number(values.rounds);
const cores = availableParallelism();

const scan = (path: string): string[] => [process.execPath, cli, 'scan', path, '-q', '--fail-on', 'never', '-f', 'json', '-o', join(values.dir, 'report.json')];
const openssl = (path: string): string[] => ['openssl', 'dgst', '-sha256', path];
const opensslAll = (folder: string): string[] => ['sh', '-c', `find "$0" -type f -print0 | xargs -0 -n 64 -P ${cores} openssl dgst -sha256`, folder];

console.log(`${cpus()[0]?.model ?? 'unknown processor'}, ${cores} cores, Node ${process.versions.node}, ${rounds} rounds, medians\n`);
console.log('| corpus | assay scan | openssl dgst -sha256 | ratio | largest process | all processes |');
console.log('|---|---|---|---|---|---|');
const cases: [string, string, string[]][] = [
  [`one safetensors, ${values.gib} GiB`, at.large, openssl(at.large)],
  ['one torch zip, 1 GiB', at.torch, openssl(at.torch)],
  [`${count(at.mixed)} mixed files, 394 MB`, at.mixed, opensslAll(at.mixed)],
  [`${count(at.pickles)} pickles, 5 MB`, at.pickles, opensslAll(at.pickles)],
];
for (const [name, path, theirs] of cases) {
  await paired(1, ['cat', ...(path === at.mixed || path === at.pickles ? ['/dev/null'] : [path])], theirs); // warms the page cache
  const result = await paired(rounds, scan(path), theirs);
  console.log(`| ${name} | ${result.ours.seconds.toFixed(2)} s | ${result.theirs.seconds.toFixed(2)} s | ${result.ratio.toFixed(2)} | ${mb(result.ours.largestMB)} | ${mb(result.ours.togetherMB)} |`);
}

function mb(value: number | undefined): string {
  return value === undefined ? 'not known' : `${value} MB`;
}

function count(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((item) => item.isFile()).length;
}
