// SPDX-License-Identifier: Apache-2.0
import { Option, type Command } from 'commander';
import type { Converted, Loss, Target } from '../../sbom/convert/index.ts';
import type { Read } from '../../sbom/check/index.ts';
import { UsageError } from '../model/usage-error.ts';
import { plain } from '../report/terminal.ts';
import { opened } from './bom-validate.ts';
import { exitCodes } from './exit-codes.ts';
import { note, toFile, toStdout } from './output.ts';

/** Here in words, so that help does not load what converts. */
const targets = ['cyclonedx-1.4', 'cyclonedx-1.5', 'cyclonedx-1.6', 'cyclonedx-1.7', 'spdx-3.0.1'];

interface ConvertOptions {
  readonly to: Target;
  readonly output?: string;
  readonly losses?: string;
  readonly failOnLoss?: boolean;
}

interface MergeOptions {
  readonly to: Target;
  readonly output?: string;
  readonly losses?: string;
  readonly name: string;
  readonly componentVersion?: string;
}

/** Adds `assay bom convert` and `assay bom merge`. */
export function register(bom: Command): void {
  bom
    .command('convert')
    .description('Write a BOM in another format or version (CycloneDX JSON 1.4 to 1.7, SPDX 3.0.1). What the other cannot say is kept in a property, or listed as lost; the result is valid by its schema.')
    .argument('<file>', 'a BOM from any tool')
    .addOption(new Option('-t, --to <format>', 'format to write').choices(targets).makeOptionMandatory())
    .option('-o, --output <file>', 'write to a file instead of stdout')
    .option('--losses <file>', 'write the list of what was kept and lost as JSON')
    .option('--fail-on-loss', 'exit code 1 when something is lost')
    .action(async (file: string, options: ConvertOptions) => {
      process.exitCode = await convertFile(file, options);
    });
  bom
    .command('merge')
    .description('Write several BOMs as one: their subjects become the parts of a new application. The serial numbers of all are kept.')
    .argument('<file...>', 'BOMs from any tool; SPDX ones are converted first')
    .requiredOption('--name <name>', 'what all of them together are')
    .option('--component-version <version>', 'version of it')
    .addOption(new Option('-t, --to <format>', 'format to write').choices(targets.slice(0, 4)).default('cyclonedx-1.7'))
    .option('-o, --output <file>', 'write to a file instead of stdout')
    .option('--losses <file>', 'write the list of what was kept and lost as JSON')
    .action(async (files: string[], options: MergeOptions) => {
      process.exitCode = await mergeFiles(files, options);
    });
}

type Document = Extract<Read, { document: unknown }>;

async function readable(file: string): Promise<Document | undefined> {
  const { readBomFile, readLimits } = await import('../../sbom/check/index.ts');
  // Several copies of the document are in memory at once, so less is read than where it is only looked at.
  const read = opened(file, () => readBomFile(file, { ...readLimits, values: 3_000_000 }));
  if (read.kind !== 'unchecked' && read.kind !== 'unreadable') {
    const broken = read.problems.find(({ level }) => level === 'error');
    if (broken === undefined) return read;
    note(`assay: ${plain(file)} cannot be converted: ${plain(broken.message)}`);
    return undefined;
  }
  const at = read.kind === 'unreadable' && read.at !== undefined ? ` (line ${read.at.line}, column ${read.at.column})` : '';
  note(`assay: ${plain(file)} cannot be converted: ${plain(read.what)}${at}`);
  return undefined;
}

async function convertFile(file: string, { to, output, losses, failOnLoss }: ConvertOptions): Promise<number> {
  const read = await readable(file);
  if (read === undefined) return exitCodes.incomplete;
  const { convert } = await import('../../sbom/convert/index.ts');
  const result = convert(read, to);
  if (!(await written(file, result, output, losses)) || 'error' in result) return exitCodes.incomplete;
  return failOnLoss === true && result.losses.some(({ how }) => how === 'lost') ? exitCodes.findings : exitCodes.done;
}

async function mergeFiles(files: readonly string[], { to, output, losses, name, componentVersion }: MergeOptions): Promise<number> {
  if (name.trim() === '') throw new UsageError('--name is empty: say what the BOMs are together');
  const reads: Document[] = [];
  for (const file of files) {
    const read = await readable(file);
    if (read === undefined) return exitCodes.incomplete;
    reads.push(read);
  }
  const { sourceDateEpoch } = await import('../../sbom/index.ts');
  const { merge } = await import('../../sbom/convert/index.ts');
  const { version } = await import('../version.ts');
  const epoch = sourceDateEpoch();
  const result = merge(reads, to.slice('cyclonedx-'.length) as '1.7', {
    name, tool: { name: 'assay', version }, ...(componentVersion === undefined ? {} : { version: componentVersion }), ...(epoch === undefined ? {} : { epoch }),
  });
  return (await written(files.join(', '), result, output, losses)) ? exitCodes.done : exitCodes.incomplete;
}

/** Writes the document, and on stderr what it does not say any more. */
async function written(file: string, result: Converted, output: string | undefined, list: string | undefined): Promise<boolean> {
  if ('error' in result) {
    note(`assay: ${plain(file)} cannot be converted: ${plain(result.error.slice(0, 1000))}`);
    return false;
  }
  if (output === undefined) await toStdout(result.text);
  else toFile(output, result.text);
  if (list !== undefined) toFile(list, `${JSON.stringify({ schemaVersion: 1, losses: result.losses }, undefined, 2)}\n`);
  for (const line of asText(result.losses)) note(line);
  return true;
}

/** Lines of the text form; the list in JSON has all. */
const shown = 50;

function asText(losses: readonly Loss[]): string[] {
  const lines = losses.slice(0, shown).map(({ what, how, count, first }) => `${how === 'kept' ? 'kept in a property' : 'lost'}: ${plain(what)}${count === 1 ? '' : `, ${count} times`}${first === '' ? '' : ` [${plain(first)}]`}`);
  return losses.length > shown ? [...lines, `… and ${losses.length - shown} more (--losses writes all)`] : lines;
}
