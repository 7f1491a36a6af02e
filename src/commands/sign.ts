// SPDX-License-Identifier: Apache-2.0
import { realpathSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { UsageError } from '../model/usage-error.ts';
import { curveName, isEncrypted, privateKeyFrom } from '../provenance/keys.ts';
import { measure } from '../provenance/manifest.ts';
import { printable } from '../provenance/names.ts';
import { Refused } from '../provenance/refused.ts';
import { keySigner, signManifest, writeSignature } from '../provenance/sign.ts';
import type { Root } from '../provenance/tree.ts';
import { count } from '../report/terminal.ts';
import { addModelOptions, measureOptions, modelAt, readSmall, signatureOf, type ModelOptions } from './model-options.ts';
import { passphraseFrom } from './passphrase.ts';

export interface SignOptions extends ModelOptions {
  readonly key?: string;
  readonly passwordFile?: string;
  /** Known, and refused until they are built. */
  readonly certificate?: string;
  readonly certificateChain?: readonly string[];
  readonly keyless?: boolean;
  readonly signer?: string;
}

/** Adds `assay sign`. */
export function register(program: Command): void {
  const command = program.command('sign <PATH>').description('Sign a model: write an OpenSSF Model Signing bundle over every file of it');
  addModelOptions(command)
    .option('--key <PEM>', 'private EC key (P-256, P-384, P-521): PKCS#8, SEC1, or encrypted PKCS#8')
    .option('--password-file <FILE>', 'passphrase of the key; else $ASSAY_PASSWORD, else asked for on a terminal')
    .addOption(new Option('--certificate <PEM>').hideHelp())
    .addOption(new Option('--certificate-chain <PEM...>').hideHelp())
    .addOption(new Option('--keyless').hideHelp())
    .addOption(new Option('--signer <SIGNER>').hideHelp())
    .action(async (path: string, options: SignOptions) => {
      process.exitCode = await runSign(path, options);
    });
}

/** Exit code: 0 signed, 3 nothing to sign. Throws `UsageError`. */
export async function runSign(path: string, options: SignOptions): Promise<number> {
  refuseUnbuilt(options);
  const root = modelAt(path);
  if (options.key === undefined) throw new UsageError('nothing to sign with; give --key PEM');
  const target = signatureOf(root, path, options.signature);
  if (isModelItself(root, target)) throw new UsageError(`--signature ${target} is the model itself`);
  const pem = readSmall(options.key, '--key');
  const key = privateKeyFrom(pem, options.key, isEncrypted(pem, options.key) ? await passphraseFrom(options.passwordFile, options.key) : undefined);
  try {
    const manifest = await measure(root, measureOptions(root, path, options));
    writeSignature(target, await signManifest(manifest, keySigner(key)));
    if (manifest.uncovered.length > 0) {
      process.stderr.write(`assay: ${manifest.uncovered.length} empty files are not covered, since shards have no place for them (${printable(manifest.uncovered[0]!)} …)\n`);
    }
    const what = `${count(manifest.resources.length, manifest.serialization.method.slice(0, -1))}, ${count(manifest.bytes, 'byte')}`;
    process.stdout.write(`signed ${printable(manifest.model)} (${what}) with ${curveName(key)}\nsha256:${manifest.rootDigest}\n${target}\n`);
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
  if (options.certificate !== undefined || options.certificateChain !== undefined) {
    throw new UsageError('signing with a certificate is not available in this version; sign with --key PEM alone');
  }
  if (options.keyless === true) throw new UsageError('keyless signing is not available in this version; sign with --key PEM');
  if (options.signer !== undefined) throw new UsageError('--signer is not available in this version; sign with --key PEM');
}
