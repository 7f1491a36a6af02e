// SPDX-License-Identifier: Apache-2.0
import { accessSync, constants, mkdirSync, realpathSync, statSync } from 'node:fs';
import type { Command } from 'commander';
import type { Report } from '../model/report.ts';
import { atLeastSeverity, severities, type Rule, type Severity } from '../model/rule.ts';
import { UsageError } from '../model/usage-error.ts';
import { writeBaseline } from '../report/baseline.ts';
import { count } from '../report/terminal.ts';
import { chosenRules } from '../run/rules.ts';
import { scan, type ScanOptions } from '../run/scan.ts';
import { outputsFrom, projections, showsFacts, type Output } from './formats-of-report.ts';
import { addLimits, limitsFrom, list, repeat, severity, threshold, wholeNumber } from './options.ts';
import { note, toFile, toStdout } from './output.ts';
import { exitCodes } from './exit-codes.ts';
import { progressLine } from './progress.ts';
import type { ScanFlags } from './scan-flags.ts';
import { baselineFrom } from './accepted.ts';
import { withConfig } from './config.ts';

export function register(program: Command): void {
  const command = program.command('scan')
    .description('walk, hash, inspect and judge; the report goes to stdout')
    .argument('<path...>', 'files or folders')
    .option('-f, --format <name[=file]>', `document to write, repeatable: ${Object.keys(projections).join(', ')} (default text)`, repeat)
    .option('-o, --output <file>', 'where the one format without a file of its own goes')
    .option('--fail-on <severity>', 'severity from which the exit code is 1 or 2, or never (default high)')
    .option('--strict', 'the same as --fail-on medium')
    .option('--severity <severity>', 'show findings from there up only')
    .option('-j, --jobs <n>', 'inspecting processes at once (default: one for each core)')
    .option('--exclude <glob>', 'leave out what matches, relative to the root; repeatable', repeat)
    .option('--rules <ids>', 'only these rules, comma-separated', list)
    .option('--skip-rules <ids>', 'all rules but these', list)
    .option('--config <file>', 'options from a JSON file; never read from the scanned folder by itself')
    .option('--baseline <file>', 'findings accepted before do not count')
    .option('--write-baseline <file>', 'write a baseline that accepts all findings of this scan')
    .option('--show-suppressed', 'list what the baseline accepts')
    .option('--facts', 'put all facts into the JSON report')
    .option('--cache-dir <dir>', 'keep facts by digest; whoever can write there can hide findings')
    .option('--no-cache', 'ignore --cache-dir')
    .option('--no-probe', 'do not run ONNX models (in a sealed process) to see how they behave')
    .option('--probe-inputs <dir>', 'real inputs (.npy) for image models: look for a patch that turns them all into one class')
    .option('--study <depth>', 'which data sets are studied as a whole (poisoning, duplicates, leaks between splits): auto (what is known to be one), all (loose texts and records too)')
    .option('--no-study', 'study none')
    .option('--overlay <file>', 'assay.yaml with what files cannot say: data sets, their splits and columns')
    .option('--evidence <dir>', 'write the pictures of findings about data sets there, as SVG files')
    .option('--weights <depth>', 'how much of the weights is weighed: auto (all up to 128 MiB of a file, a sample beyond), full, sample, off')
    .option('--base-model <path>', 'the model that the weights come from: what was changed is compared tensor by tensor')
    .option('--shard <i/n>', 'scan one part of the files; put reports together with assay merge')
    .option('-q, --quiet', 'no messages beside the result')
    .option('-v, --verbose', 'list everything, with evidence')
    .option('--no-progress', 'no progress line')
    .option('--no-color', 'no colour');
  addLimits(command).action(async (paths: string[], flags: ScanFlags) => {
    process.exitCode = await runScan(paths, flags);
  });
}

/** Scans, writes every document asked for, and gives the exit code. */
export async function runScan(paths: readonly string[], given: ScanFlags): Promise<number> {
  const flags = withConfig(given);
  const outputs = outputsFrom(flags.format, flags.output);
  if (flags.severity !== undefined) severity(flags.severity, '--severity'); // a slip is told before the work, not after it
  const progress = progressLine(flags.progress !== false && flags.quiet !== true);
  const options = scanOptions(flags);
  const facts = flags.facts === true || flags.shard !== undefined || outputs.some(showsFacts) ? 'all' : 'needed';
  const stated = flags.overlay === undefined ? {} : { stated: await (await import('../run/overlay.ts')).readOverlay(flags.overlay) };
  const evidence = flags.evidence === undefined ? undefined : usable(flags.evidence, '--evidence');
  const report = await scan(paths, { ...options, ...stated, facts, onProgress: progress.show });
  progress.clear();
  await writeReport(report, outputs, flags);
  if (evidence !== undefined) (await import('./evidence.ts')).writeEvidence(report, evidence);
  if (flags.writeBaseline !== undefined) toFile(flags.writeBaseline, writeBaseline(report));
  if (flags.quiet !== true) note(summaryLine(report));
  return exitCodeOf(report);
}

/** Processes at once: each takes some 60 MB, and more than there are cores gain nothing. */
const mostJobs = 256;

/** Turns flags into options of the library. Throws `UsageError` for values that are none. */
export function scanOptions(flags: ScanFlags): ScanOptions {
  const failOn = threshold(flags.failOn ?? (flags.strict === true ? 'medium' : 'high'));
  return {
    failOn,
    limits: limitsFrom(flags),
    ...(flags.exclude === undefined ? {} : { exclude: flags.exclude }),
    ...(flags.jobs === undefined ? {} : { jobs: wholeNumber(flags.jobs, '--jobs', 1, mostJobs) }),
    ...(flags.rules === undefined ? {} : { rules: flags.rules }),
    ...(flags.probe === undefined ? {} : { probe: flags.probe }),
    ...(flags.probeInputs === undefined ? {} : { probeInputs: folderOf(flags.probeInputs, '--probe-inputs') }),
    ...(flags.study === undefined ? {} : { study: studyOf(flags.study) }),
    ...(flags.weights === undefined ? {} : { weights: weightsOf(flags.weights) }),
    ...(flags.baseModel === undefined ? {} : { baseModel: flags.baseModel }),
    ...(flags.skipRules === undefined ? {} : { skipRules: flags.skipRules }),
    ...(flags.shard === undefined ? {} : { shard: shardOf(flags.shard) }),
    ...(flags.cacheDir === undefined || flags.cache === false ? {} : { cacheDir: usable(flags.cacheDir) }),
    ...(flags.baseline === undefined ? {} : { accepted: baselineFrom(flags.baseline) }),
  };
}

/** Writes each document to its file, the one without to stdout. */
export async function writeReport(report: Report, outputs: readonly Output[], flags: ScanFlags, rules?: readonly Rule[]): Promise<void> {
  const shown: Severity | undefined = flags.severity === undefined ? undefined : severity(flags.severity, '--severity');
  for (const { format, file } of outputs) {
    // The text report counts what it does not show; a BOM leaves nothing out.
    const whole = shown === undefined || format === 'text' || showsFacts({ format });
    const document = await projections[format]!(whole ? report : { ...report, findings: report.findings.filter((one) => atLeastSeverity(one.severity, shown)) }, {
      rules: rules ?? (await chosenRules()),
      color: file === undefined && flags.color !== false && process.stdout.isTTY && process.env['NO_COLOR'] === undefined,
      showSuppressed: flags.showSuppressed === true,
      facts: flags.facts === true || flags.shard !== undefined,
      verbose: flags.verbose === true,
      ...(shown === undefined ? {} : { severity: shown }),
    });
    if (file === undefined) await toStdout(document);
    else toFile(file, document);
  }
}

/** 2 outranks 1: what was not looked at matters more than what was found. */
export function exitCodeOf(report: Report): number {
  return { clean: exitCodes.done, findings: exitCodes.findings, incomplete: exitCodes.incomplete, empty: exitCodes.empty }[report.summary.verdict];
}

/** One line for standard error. */
export function summaryLine({ summary }: Report): string {
  const found = severities.filter((one) => summary.findings[one] > 0).map((one) => `${summary.findings[one]} ${one}`);
  return `assay: ${count(summary.files, 'file')} scanned, ${summary.incomplete} not fully read; findings: ${found.length === 0 ? 'none' : found.join(', ')}`;
}

/** Absolute path of a folder that an option names. */
function folderOf(path: string, option: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) throw new UsageError(`${option} ${path} is no folder`);
  return realpathSync(path);
}

/** A folder that cannot be written would be of no use and say nothing. */
function usable(folder: string, option = '--cache-dir'): string {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.R_OK | constants.W_OK);
  } catch (error) {
    throw new UsageError(`${option} ${folder} cannot be used: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
  return folder;
}

function weightsOf(value: string): NonNullable<ScanOptions['weights']> {
  const depth = (['auto', 'full', 'sample', 'off'] as const).find((one) => one === value);
  if (depth === undefined) throw new UsageError(`--weights is ${value}; allowed are auto, full, sample, off`);
  return depth;
}

function studyOf(value: boolean | string): NonNullable<ScanOptions['study']> {
  const depth = ([true, false, 'auto', 'all'] as const).find((one) => one === value);
  if (depth === undefined) throw new UsageError(`--study is ${value}; allowed are auto, all (and --no-study)`);
  return depth;
}

function shardOf(value: string): { part: number; of: number } {
  const match = /^(\d+)\/(\d+)$/.exec(value);
  const part = Number(match?.[1]);
  const of = Number(match?.[2]);
  if (!(part >= 1 && part <= of)) throw new UsageError(`--shard is ${value}; allowed is I/N with I from 1 to N`);
  return { part, of };
}
