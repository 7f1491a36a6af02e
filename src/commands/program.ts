// SPDX-License-Identifier: Apache-2.0
import { Command, CommanderError } from 'commander';
import { UsageError } from '../model/usage-error.ts';
import { plain } from '../report/terminal.ts';
import { version } from '../version.ts';
import { exitCodes } from './exit-codes.ts';
import { note } from './output.ts';

/** Modules are loaded only when their command is named: a scan should not pay for signing. */
const commands: Record<string, () => Promise<{ register: (program: Command) => void }>> = {
  scan: () => import('./scan.ts'),
  merge: () => import('./merge.ts'),
  diff: () => import('./diff.ts'),
  rules: () => import('./rules.ts'),
  formats: () => import('./formats.ts'),
  bom: () => import('./bom.ts'),
  conformity: () => import('./conformity.ts'),
  ledger: () => import('./ledger.ts'),
  trace: () => import('./trace.ts'),
  digest: () => import('./digest.ts'),
  keygen: () => import('./keygen.ts'),
  sign: () => import('./sign.ts'),
  verify: () => import('./verify.ts'),
  trust: () => import('./trust.ts'),
  attest: () => import('./attest.ts'),
};

/** Runs one command line and gives its exit code. A user's mistake is a message, never a stack trace. */
export async function run(argv: readonly string[]): Promise<number> {
  const program = new Command('assay')
    .description('Inspects AI artefacts without loading them: finds code, tampering and gaps; signs; writes the AI-BOM.')
    .version(version, '-V, --version')
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({ writeErr: (text) => process.stderr.write(text) })
    .addHelpText('after', '\nExit codes: 0 clean and complete · 1 findings · 2 incomplete · 3 nothing to scan · 4 usage');
  const [name] = argv;
  const wanted = name !== undefined && Object.hasOwn(commands, name) ? [name] : Object.keys(commands);
  for (const one of wanted) (await commands[one]!()).register(program);
  process.exitCode = exitCodes.done;
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return process.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 || error.code === 'commander.help' ? helpCode(argv) : exitCodes.usage;
    if (error instanceof UsageError) {
      note(`assay: ${error.message}`);
      return exitCodes.usage;
    }
    note(unexpected(error));
    return exitCodes.incomplete;
  }
}

/** A bug of ours: the job was not done, which must not look like a verdict. */
function unexpected(error: unknown): string {
  const stack = process.env['ASSAY_DEBUG'] === undefined ? undefined : (error as Error).stack;
  const words = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return plain(`assay: stopped by a bug in assay: ${words}; please report it (ASSAY_DEBUG=1 shows where)`) + (stack === undefined ? '' : `\n${stack}`);
}

/** Asked for, help is a result; shown because nothing was asked, it is a usage error. */
function helpCode(argv: readonly string[]): number {
  return argv.length === 0 ? exitCodes.usage : exitCodes.done;
}
