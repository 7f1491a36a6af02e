// SPDX-License-Identifier: Apache-2.0
import { Option, type Command } from 'commander';
import type { Score } from '../../sbom/score/index.ts';
import { UsageError } from '../model/usage-error.ts';
import { plain } from '../report/terminal.ts';
import { opened } from './bom-validate.ts';
import { exitCodes } from './exit-codes.ts';
import { wholeNumber } from './options.ts';
import { note, toFile, toStdout } from './output.ts';

interface ScoreOptions {
  readonly profile: string;
  readonly format: 'text' | 'json';
  readonly output?: string;
  readonly failUnder?: string;
  readonly all?: boolean;
}

/** Adds `assay bom score`. */
export function register(bom: Command): void {
  bom
    .command('score')
    .description('How much of a list of minimum elements a BOM gives, and which file would fill each gap. What is unknown, a placeholder or contradicted counts for nothing.')
    .argument('<file>', 'a CycloneDX or SPDX 3.0.1 document, from any tool')
    .addOption(new Option('-p, --profile <name>', 'the list').choices(['g7', 'cisa-2025', 'ntia', 'eu-annex-xi', 'owasp']).default('g7'))
    .addOption(new Option('-f, --format <name>', 'form of the result').choices(['text', 'json']).default('text'))
    .option('-o, --output <file>', 'write to a file instead of stdout')
    .option('--all', 'list what is filled too in the text form')
    .option('--fail-under <points>', 'exit code 1 below this many points of 100')
    .action(async (file: string, options: ScoreOptions) => {
      process.exitCode = await scoreOf(file, options);
    });
}

async function scoreOf(file: string, options: ScoreOptions): Promise<number> {
  const least = options.failUnder === undefined ? 0 : wholeNumber(options.failUnder, '--fail-under', 0);
  const { check, readBomFile } = await import('../../sbom/check/index.ts');
  const { profiles, score } = await import('../../sbom/score/index.ts');
  const profile = profiles.find(({ id }) => id === options.profile);
  if (profile === undefined) throw new UsageError(`--profile is ${options.profile}; allowed are ${profiles.map(({ id }) => id).join(', ')}`);
  const read = opened(file, () => readBomFile(file));
  if (read.kind === 'unchecked' || read.kind === 'unreadable') {
    note(`assay: ${plain(file)} cannot be scored: ${plain(read.what)}`);
    return exitCodes.incomplete;
  }
  const result = score(read, profile, check(read).problems);
  const text = options.format === 'json' ? `${JSON.stringify({ schemaVersion: 1, ...result }, undefined, 2)}\n` : asText(result, options.all === true);
  if (options.output === undefined) await toStdout(text);
  else toFile(options.output, text);
  return result.points < least ? exitCodes.findings : exitCodes.done;
}

function asText({ title, source, filled, of, points, elements }: Score, all: boolean): string {
  const out = [`${title} (${source})`, `${filled} of ${of} elements, ${points} of 100 points`];
  let last = '';
  for (const { id, title: name, cluster, state, value, why, fill } of elements) {
    if (state === 'filled' && !all) continue;
    if (cluster !== last) out.push('', cluster);
    last = cluster;
    out.push(`  ${state} ${id}: ${name}${value === undefined ? '' : ` = ${plain(value)}`}${why === undefined ? '' : ` (${plain(why)})`}${fill === undefined ? '' : `\n      from: ${fill}`}`);
  }
  return `${out.join('\n')}\n`;
}
