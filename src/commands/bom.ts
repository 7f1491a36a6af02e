// SPDX-License-Identifier: Apache-2.0
import { Option, type Command } from 'commander';
import { cyclonedx, sourceDateEpoch, spdx } from '../../sbom/index.ts';
import type { Overlay } from '../../sbom/overlay.ts';
import type { Report } from '../model/report.ts';
import { UsageError } from '../model/usage-error.ts';
import { rules } from '../rules/index.ts';
import { scan } from '../run/scan.ts';
import { baselineFrom } from './accepted.ts';
import { register as registerConvert } from './bom-convert.ts';
import { register as registerDiff } from './bom-diff.ts';
import { register as registerScore } from './bom-score.ts';
import { register as registerSign } from './bom-sign.ts';
import { opened, register as registerValidate } from './bom-validate.ts';
import { register as registerVerify } from './bom-verify.ts';
import { note, toFile, toStdout } from './output.ts';

const specVersions = { cyclonedx: '1.7', 'cyclonedx-1.6': '1.6' } as const;
const formats = [...Object.keys(specVersions), 'spdx', 'html', 'markdown'];

interface BomOptions {
  readonly format: keyof typeof specVersions | 'spdx' | 'html' | 'markdown';
  readonly output?: string;
  readonly name?: string;
  readonly overlay?: string;
  readonly baseline?: string;
}

/** Adds `assay bom PATH`. */
export function register(program: Command): void {
  program.enablePositionalOptions(); // here too: else `bom validate -f` is read as `bom -f`
  const command = program
    .command('bom')
    .summary('write the AI-BOM; validate, score, diff, verify, convert, merge and sign BOMs')
    .description('Write an AI bill of materials for a model or dataset: a file, a folder or an archive. A folder that is called like a command below is named as ./NAME.')
    .enablePositionalOptions() // what follows the name of a command below belongs to that command
    .argument('<path>', 'what to describe')
    .addOption(new Option('-f, --format <name>', 'document format').choices(formats).default('cyclonedx'))
    .option('-o, --output <file>', 'write to a file instead of stdout')
    .option('--name <name>', 'name of the model or dataset, or organisation/name; outranks what its files say')
    .option('--baseline <file>', 'findings accepted before are written as not affecting, with the reason (VEX)')
    .option('--overlay <file>', 'what no file says: author, system, data flow, contacts (YAML or JSON, see docs/bom.md)')
    .action(async (path: string, options: BomOptions) => {
      process.exitCode = await bom(path, options);
    });
  registerValidate(command);
  registerScore(command);
  registerDiff(command);
  registerVerify(command);
  registerConvert(command);
  registerSign(command);
}

/** Exit code: 0 written, 3 nothing to describe. Whether findings fail a build is for `assay scan` to say. */
async function bom(path: string, { format, output, name, overlay: file, baseline }: BomOptions): Promise<number> {
  if (path === '-') throw new UsageError('a BOM of stdin cannot be written: give a file or folder');
  if (name?.trim() === '') throw new UsageError('--name is empty: give the name of the model or dataset');
  const epoch = sourceDateEpoch();
  const overlay = file === undefined ? undefined : await overlayIn(file);
  const report: Report = await scan([path], baseline === undefined ? {} : { accepted: baselineFrom(baseline) });
  if (report.inspected.length === 0) {
    note('assay: nothing to describe, no file was found');
    return 3;
  }
  const given = { ...(name === undefined ? {} : { name }), ...(epoch === undefined ? {} : { epoch }), ...(overlay === undefined ? {} : { overlay }) };
  const advice = (id: string): string | undefined => rules.find((rule) => rule.id === id)?.fix;
  const document = format === 'spdx' ? spdx(report, given)
    : format === 'html' || format === 'markdown' ? (await import('../../sbom/people/index.ts')).forPeople(report, format, { advice, ...given })
      : cyclonedx(report, { specVersion: specVersions[format], advice, ...given });
  if (output === undefined) await toStdout(document);
  else toFile(output, document);
  return 0;
}

/** The file is named by the user; an assay.yaml in the scanned folder is only a file of it, since whoever made the folder wrote it. */
async function overlayIn(file: string): Promise<Overlay> {
  const { readOverlay } = await import('../../sbom/overlay.ts');
  const { readFileSync, statSync } = await import('node:fs');
  const text = opened(file, () => {
    const { size } = statSync(file);
    if (size > 4 << 20) throw new UsageError(`the overlay ${file} has ${size} bytes, allowed ${4 << 20}`);
    return readFileSync(file, 'utf8');
  });
  return readOverlay(text, file);
}
