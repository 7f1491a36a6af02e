// SPDX-License-Identifier: Apache-2.0
// `node bench/poisonbench/index.ts [--seeds 20]`: the whole benchmark, texts and tables first, then pictures, one after the other. The tables
// of docs/poisonbench.md and docs/poisonbench-images.md are written anew, and the results as JSON beside the cache.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: { seeds } } = parseArgs({ options: { seeds: { type: 'string', default: '20' } } });
const results = join(homedir(), '.cache', 'assay-poisonbench');
mkdirSync(results, { recursive: true });
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
let failed = 0;
for (const [script, out, table] of [['text.ts', 'text.json', 'poisonbench.md'], ['images.ts', 'images.json', 'poisonbench-images.md']] as const) {
  const { status } = spawnSync(process.execPath, [here(script), '--seeds', seeds, '--clean', seeds, '--out', join(results, out), '--table', here(`../../docs/${table}`)], { stdio: 'inherit' });
  if (status !== 0) failed += 1;
}
process.exitCode = failed === 0 ? 0 : 1;
