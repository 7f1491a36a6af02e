// SPDX-License-Identifier: Apache-2.0
import { realpathSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { UsageError } from '../model/usage-error.ts';
import { measure } from '../provenance/manifest.ts';
import { printable } from '../provenance/names.ts';
import { Refused } from '../provenance/refused.ts';
import { signManifest, writeSignature } from '../provenance/sign.ts';
import type { Root } from '../provenance/tree.ts';
import { count } from '../report/terminal.ts';
import { addModelOptions, keySetOf, measureOptions, modelAt, signatureOf, type ModelOptions } from './model-options.ts';
import { addSignerOptions, signerFrom, type SignerOptions } from './signers.ts';

export interface SignOptions extends ModelOptions, SignerOptions {
  /** Known, and refused until it is built. */
  readonly keyless?: boolean;
}

/** Adds `assay sign`. */
export function register(program: Command): void {
  const command = program.command('sign <PATH>').description('Sign a model: write an OpenSSF Model Signing bundle over every file of it');
  addSignerOptions(addModelOptions(command))
    .addOption(new Option('--keyless').hideHelp())
    .action(async (path: string, options: SignOptions) => {
      process.exitCode = await runSign(path, options);
    });
}

/** Exit code: 0 signed, 3 nothing to sign. Throws `UsageError`. */
export async function runSign(path: string, options: SignOptions): Promise<number> {
  refuseUnbuilt(options);
  const root = modelAt(path);
  const target = signatureOf(root, path, options.signature);
  if (isModelItself(root, target)) throw new UsageError(`--signature ${target} is the model itself`);
  const signer = await signerFrom(options, keySetOf(options));
  try {
    const manifest = await measure(root, measureOptions(root, path, options));
    writeSignature(target, await signManifest(manifest, signer));
    if (manifest.uncovered.length > 0) {
      process.stderr.write(`assay: ${manifest.uncovered.length} empty files are not covered, since shards have no place for them (${printable(manifest.uncovered[0]!)} …)\n`);
    }
    const what = `${count(manifest.resources.length, manifest.serialization.method.slice(0, -1))}, ${count(manifest.bytes, 'byte')}`;
    process.stdout.write(`signed ${printable(manifest.model)} (${what}) with ${printable(signer.describes)}\nsha256:${manifest.rootDigest}\n${target}\n`);
    return 0;
  } catch (error) {
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

/** Better a clear no than a signature of another kind than asked for. */
function refuseUnbuilt(options: SignOptions): void {
  if (options.keyless === true) throw new UsageError('keyless signing is not available in this version; sign with --key PEM');
}
