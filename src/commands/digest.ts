// SPDX-License-Identifier: Apache-2.0
import type { Command } from 'commander';
import { measure } from '../provenance/manifest.ts';
import { Refused } from '../provenance/refused.ts';
import { addModelOptions, measureOptions, modelAt, withCache, type ModelOptions } from './model-options.ts';

export interface DigestOptions extends ModelOptions {
  readonly list?: boolean;
}

/** Adds `assay digest`. */
export function register(program: Command): void {
  const command = program.command('digest <PATH>').description('Print the root digest of a model: the one that a signature names');
  addModelOptions(command)
    .option('--list', 'also print the digest of each file or shard')
    .action(async (path: string, options: DigestOptions) => {
      process.exitCode = await runDigest(path, options);
    });
}

/** Exit code: 0 printed, 3 nothing there. Throws `UsageError`. */
export async function runDigest(path: string, options: DigestOptions): Promise<number> {
  const root = modelAt(path);
  try {
    const manifest = await withCache(options.digestCache, (cache) => measure(root, { ...measureOptions(root, path, options), cache }));
    const lines = [`sha256:${manifest.rootDigest}`];
    if (options.list === true) lines.push(...manifest.resources.map(({ digest, name }) => `${digest}  ${quoted(name)}`));
    process.stdout.write(`${lines.join('\n')}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof Refused) || error.refusal.kind !== 'empty') throw error;
    process.stderr.write(`assay: ${error.message}\n`);
    return 3;
  }
}

/** A name with a line break in it must not pass for two lines. */
function quoted(name: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return /[\u0000-\u001f\u007f]/.test(name) ? JSON.stringify(name) : name;
}
