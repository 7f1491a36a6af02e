// SPDX-License-Identifier: Apache-2.0
import { Option, type Command } from 'commander';
import type { Checked, Level, Lint, ReadLimits } from '../../sbom/check/index.ts';
import { UsageError } from '../model/usage-error.ts';
import { count, plain } from '../report/terminal.ts';
import { exitCodes } from './exit-codes.ts';
import { wholeNumber } from './options.ts';
import { toFile, toStdout } from './output.ts';

interface ValidateOptions {
  readonly format: 'text' | 'json' | 'sarif';
  readonly output?: string;
  readonly failOn: Level | 'never';
  readonly maxSize?: string;
  readonly notes?: boolean;
}

/** Adds `assay bom validate`. */
export function register(bom: Command): void {
  bom
    .command('validate')
    .description('Check any BOM (CycloneDX JSON 1.2 to 1.7, SPDX 3.0.1 JSON-LD): official schema, and what no schema can say.')
    .argument('<file...>', 'BOM files, from any tool')
    .addOption(new Option('-f, --format <name>', 'form of the result').choices(['text', 'json', 'sarif']).default('text'))
    .option('-o, --output <file>', 'write to a file instead of stdout')
    .addOption(new Option('--fail-on <level>', 'exit code 1 from this level up').choices(['error', 'warning', 'note', 'never']).default('error'))
    .option('--notes', 'list notes too in the text form')
    .option('--max-size <bytes>', 'largest file that is read')
    .addHelpText('after', '\nExit codes: 0 valid · 1 problems, or no BOM · 2 a format that is not checked, or a limit reached · 4 usage')
    .action(async (files: string[], options: ValidateOptions) => {
      process.exitCode = await validate(files, options);
    });
}

async function validate(files: readonly string[], options: ValidateOptions): Promise<number> {
  const { check, lints, readBomFile, readLimits } = await import('../../sbom/check/index.ts');
  const limits: ReadLimits = options.maxSize === undefined ? readLimits : { ...readLimits, size: wholeNumber(options.maxSize, '--max-size') };
  const results = files.map((file): Result => ({ file, ...check(opened(file, () => readBomFile(file, limits))) }));
  const { sarifOf } = await import('../../sbom/check/sarif.ts');
  const { version } = await import('../version.ts');
  const text = options.format === 'sarif' ? sarifOf(results, lints, version) : options.format === 'json' ? asJson(results) : asText(results, lints, options.notes === true);
  if (options.output === undefined) await toStdout(text);
  else toFile(options.output, text);
  return exitCode(results, options.failOn);
}

type Result = Checked & { readonly file: string };

/** Errors of the file system are the user's to mend. */
export function opened<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined || !/^E[A-Z]+$/.test(code)) throw error;
    throw new UsageError(`${file} cannot be read: ${code}`);
  }
}

/** Not checked outranks problems: whoever asked must not take silence for a yes. */
function exitCode(results: readonly Result[], failOn: Level | 'never'): number {
  if (results.some(({ state }) => state === 'unchecked' || state === 'limit')) return exitCodes.incomplete;
  if (failOn === 'never') return exitCodes.done;
  const ranks: readonly Level[] = ['error', 'warning', 'note'];
  const least = ranks.indexOf(failOn);
  return results.some(({ problems }) => problems.some(({ level }) => ranks.indexOf(level) <= least)) ? exitCodes.findings : exitCodes.done;
}

/** Problems shown of one file in the text form. */
const shown = 200;

function asText(results: readonly Result[], lints: ReadonlyMap<string, Lint>, notes: boolean): string {
  const out: string[] = [];
  for (const { file, format, state, what, at, problems, cut } of results) {
    const name = plain(file);
    if (state === 'unchecked' || state === 'limit') {
      out.push(`${name}: not checked: ${plain(what ?? '')}${at === undefined ? '' : ` (line ${at.line}, column ${at.column})`}`);
      continue;
    }
    const listed = problems.filter(({ level }) => notes || level !== 'note');
    for (const { code, level, pointer, message, position } of listed.slice(0, shown)) {
      out.push(`${name}:${position.line}:${position.column}: ${level} ${code}: ${plain(message)}${pointer === '' ? '' : ` [${plain(pointer)}]`}`);
    }
    if (listed.length > shown) out.push(`${name}: … and ${listed.length - shown} more (--format json lists all)`);
    for (const id of new Set(listed.map(({ code }) => code))) out.push(`  ${id}: ${lints.get(id)?.fix ?? ''}`);
    const by = (level: Level): number => problems.filter((one) => one.level === level).length;
    const sum = `${count(by('error'), 'error')}, ${count(by('warning'), 'warning')}, ${count(by('note'), 'note')}${cut ? ', and more' : ''}`;
    out.push(`${name}: ${format === undefined ? 'no BOM that can be read' : `${format}, ${by('error') === 0 ? 'valid' : 'not valid'}`}: ${sum}`);
  }
  return `${out.join('\n')}\n`;
}

function asJson(results: readonly Result[]): string {
  const files = results.map(({ file, format, state, what, at, problems, cut }) => ({
    file,
    ...(format === undefined ? {} : { format }),
    state,
    ...(what === undefined ? {} : { what }),
    ...(at === undefined ? {} : { at }),
    valid: state === 'checked' ? problems.every(({ level }) => level !== 'error') : null,
    ...(cut ? { cut } : {}),
    problems: problems.map(({ code, level, pointer, message, position }) => ({ lint: code, level, pointer, line: position.line, column: position.column, message })),
  }));
  return `${JSON.stringify({ schemaVersion: 1, files }, undefined, 2)}\n`;
}
