// SPDX-License-Identifier: Apache-2.0
import type { Command } from 'commander';
import { scanners } from '../../scanners/index.ts';
import { UsageError } from '../model/usage-error.ts';
import { rules } from '../rules/index.ts';
import { toStdout } from './output.ts';

export function register(program: Command): void {
  program.command('formats')
    .description('what is understood')
    .option('-f, --format <name>', 'text or json (default text)')
    .action(async (flags: { format?: string }) => {
      await runFormats(flags.format ?? 'text');
    });
}

export async function runFormats(format: string): Promise<void> {
  if (format !== 'text' && format !== 'json') throw new UsageError(`--format is ${format}; allowed are text and json`);
  const rows = scanners.map((scanner) => ({
    id: scanner.id,
    title: scanner.title,
    extensions: scanner.extensions,
    says: scanner.says,
    rules: rules.filter((rule) => rule.reads.some((kind) => scanner.says.includes(kind))).map((rule) => rule.id),
  }));
  if (format === 'json') return toStdout(`${JSON.stringify(rows, undefined, 2)}\n`);
  const width = Math.max(...rows.map(({ id }) => id.length));
  await toStdout(rows.map(({ id, title, extensions }) => `${id.padEnd(width)}  ${title}${extensions.length === 0 ? '' : ` (${extensions.join(' ')})`}\n`).join(''));
}
