// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { atLeastSeverity } from '../model/rule.ts';
import { UsageError } from '../model/usage-error.ts';
import { diff, type ReportDiff } from '../report/diff.ts';
import { readReport, type JsonReport } from '../report/json.ts';
import { plain } from '../report/terminal.ts';
import { threshold } from './options.ts';
import { toStdout } from './output.ts';
import { exitCodes } from './exit-codes.ts';

interface DiffFlags {
  readonly format?: string;
  readonly failOn?: string;
}

export function register(program: Command): void {
  program.command('diff')
    .description('two JSON reports: findings and artefacts that came, went, changed')
    .argument('<old>', 'JSON report of before')
    .argument('<new>', 'JSON report of now')
    .option('-f, --format <name>', 'text or json (default text)')
    .option('--fail-on <severity>', 'exit code 1 when a finding of this severity or above came, or never (default high)')
    .action(async (old: string, now: string, flags: DiffFlags) => {
      process.exitCode = await runDiff(old, now, flags);
    });
}

export async function runDiff(oldPath: string, newPath: string, flags: DiffFlags): Promise<number> {
  const format = flags.format ?? 'text';
  if (format !== 'text' && format !== 'json') throw new UsageError(`--format is ${format}; allowed are text and json`);
  const failOn = threshold(flags.failOn ?? 'high');
  const result = diff(read(oldPath), read(newPath));
  await toStdout(format === 'json' ? `${JSON.stringify(result, undefined, 2)}\n` : lines(result));
  const worse = [...result.findings.added, ...result.findings.changed.map((pair) => pair.new)];
  return worse.some((finding) => atLeastSeverity(finding.severity, failOn)) ? exitCodes.findings : exitCodes.done;
}

function read(path: string): JsonReport {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
  return readReport(text, path);
}

function lines({ artefacts, findings }: ReportDiff): string {
  const out = [
    ...findings.added.map((one) => `+ ${one.severity} ${one.rule} ${plain(one.artefact)}: ${plain(one.message)}`),
    ...findings.removed.map((one) => `- ${one.severity} ${one.rule} ${plain(one.artefact)}: ${plain(one.message)}`),
    ...findings.changed.map((pair) => `~ ${pair.old.severity} → ${pair.new.severity} ${pair.new.rule} ${plain(pair.new.artefact)}`),
    ...artefacts.added.map((one) => `+ ${plain(one.path)}`),
    ...artefacts.removed.map((one) => `- ${plain(one.path)}`),
    ...artefacts.changed.map((pair) => `~ ${plain(pair.new.path)} ${changes(pair.old, pair.new)}`),
  ];
  return out.length === 0 ? 'no difference\n' : `${out.join('\n')}\n`;
}

function changes(old: JsonReport['artefacts'][number], now: JsonReport['artefacts'][number]): string {
  const parts: string[] = [];
  if (old.sha256 !== now.sha256) parts.push(`sha256 ${old.sha256 ?? 'unknown'} → ${now.sha256 ?? 'unknown'}`);
  if (old.size !== now.size) parts.push(`${old.size} → ${now.size} bytes`);
  if (old.format !== now.format) parts.push(`${plain(old.format)} → ${plain(now.format)}`);
  if (old.coverage !== now.coverage) parts.push(`${old.coverage} → ${now.coverage}`);
  return parts.join(', ');
}
