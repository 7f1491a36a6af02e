// SPDX-License-Identifier: Apache-2.0
import { realpathSync } from 'node:fs';
import type { Command } from 'commander';
import { UsageError } from '../model/usage-error.ts';
import { measure } from '../provenance/manifest.ts';
import { printable } from '../provenance/names.ts';
import { Refused } from '../provenance/refused.ts';
import { writeSignature } from '../provenance/sign.ts';
import { statementOf } from '../provenance/statement.ts';
import type { Root } from '../provenance/tree.ts';
import { count } from '../report/terminal.ts';
import { exitCodes } from './exit-codes.ts';
import { addKeylessSigningOptions, isServiceError, payloadMaker, type KeylessSigningOptions } from './keyless-signing.ts';
import { addModelOptions, keySetOf, measureOptions, modelAt, signatureOf, withCache, type ModelOptions } from './model-options.ts';
import { addSignerOptions, signerFrom, type SignerOptions } from './signers.ts';

export interface SignOptions extends ModelOptions, SignerOptions, KeylessSigningOptions {
  readonly allowSymlinks?: boolean;
}

/** Adds `assay sign`. */
export function register(program: Command): void {
  const command = program.command('sign <PATH>').description('Sign a model: write an OpenSSF Model Signing bundle over every file of it');
  addKeylessSigningOptions(addSignerOptions(addModelOptions(command)))
    .option('--allow-symlinks', 'sign what links lead to, under their names; OMS means to give this up')
    .action(async (path: string, options: SignOptions) => {
      process.exitCode = await runSign(path, options);
    });
}

/** Exit code: 0 signed, 2 a service failed, 3 nothing to sign. Throws `UsageError`. */
export async function runSign(path: string, options: SignOptions): Promise<number> {
  const root = modelAt(path);
  const target = signatureOf(root, path, options.signature);
  if (isModelItself(root, target)) throw new UsageError(`--signature ${target} is the model itself`);
  const make = await payloadMaker(options, () => signerFrom(options, keySetOf(options)));
  try {
    const manifest = await withCache(options.digestCache, (cache) => measure(root, { ...measureOptions(root, path, options), allowSymlinks: options.allowSymlinks === true, cache }));
    const made = await make(Buffer.from(statementOf(manifest), 'utf8'));
    writeSignature(target, made.text);
    if (manifest.outside.length > 0) {
      process.stderr.write(`assay: ${count(manifest.outside.length, 'link')} to files outside the model were followed (${printable(manifest.outside[0]!)} …)\n`);
    }
    if (manifest.uncovered.length > 0) {
      process.stderr.write(`assay: ${manifest.uncovered.length} empty files are not covered, since shards have no place for them (${printable(manifest.uncovered[0]!)} …)\n`);
    }
    const what = `${count(manifest.resources.length, manifest.serialization.method.slice(0, -1))}, ${count(manifest.bytes, 'byte')}`;
    process.stdout.write(`signed ${printable(manifest.model)} (${what}) with ${printable(made.describes)}\nsha256:${manifest.rootDigest}\n${[...made.lines, target].join('\n')}\n`);
    return 0;
  } catch (error) {
    if (isServiceError(error)) {
      process.stderr.write(`assay: ${error.message}\n`);
      return exitCodes.incomplete;
    }
    if (!(error instanceof Refused) || error.refusal.kind !== 'empty') throw error;
    process.stderr.write(`assay: ${error.message}\n`);
    return 3;
  }
}

function isModelItself(root: Root, target: string): boolean {
  try {
    return realpathSync(target) === root.path;
  } catch {
    return false; // not there yet
  }
}
