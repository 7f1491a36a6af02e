// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { UsageError } from '../model/usage-error.ts';
import { inspectedOf, readReport } from '../report/json.ts';
import { assemble } from '../run/assemble.ts';
import { chosenRules } from '../run/rules.ts';
import { answersOf } from '../run/task.ts';
import { outputsFrom } from './formats-of-report.ts';
import { repeat, threshold } from './options.ts';
import { exitCodeOf, writeReport } from './scan.ts';
import type { ScanFlags } from './scan-flags.ts';

export function register(program: Command): void {
  program.command('merge')
    .description('put the reports of all shards together and judge the whole')
    .argument('<report...>', 'JSON reports written with --shard or --facts')
    .option('-f, --format <name[=file]>', 'document to write, repeatable (default text)', repeat)
    .option('-o, --output <file>', 'where the one format without a file of its own goes')
    .option('--fail-on <severity>', 'severity from which the exit code is 1 or 2, or never (default high)')
    .option('--facts', 'put all facts into the JSON report')
    .action(async (paths: string[], flags: ScanFlags) => {
      process.exitCode = await runMerge(paths, flags);
    });
}

/** Judges the facts of several reports as one scan: rules over the collection see all of it. */
export async function runMerge(paths: readonly string[], flags: ScanFlags): Promise<number> {
  const outputs = outputsFrom(flags.format, flags.output);
  const reports = paths.map((path) => {
    try {
      return { path, report: readReport(readFileSync(path, 'utf8'), path) };
    } catch (error) {
      if (error instanceof UsageError) throw error;
      throw new UsageError(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
    }
  });
  const inspected = reports.flatMap(({ path, report }) => inspectedOf(report, path));
  const seen = new Set<string>();
  for (const { artefact } of inspected) {
    if (seen.has(artefact.id)) throw new UsageError(`${artefact.id} is in more than one report; merge each shard once`);
    seen.add(artefact.id);
  }
  const failOn = threshold(flags.failOn ?? 'high');
  const root = reports[0]!.report.root;
  const excluded = Math.max(...reports.map(({ report }) => report.summary.excluded));
  const merged = assemble(answersOf(inspected), { root, rules: await chosenRules(), failOn, excluded });
  await writeReport(merged, outputs, flags);
  return exitCodeOf(merged);
}
