// SPDX-License-Identifier: Apache-2.0
import { basename } from 'node:path';
import type { Command } from 'commander';
import { UsageError } from '../model/usage-error.ts';
import { rootsFrom } from '../provenance/certificates.ts';
import { publicKeyFrom } from '../provenance/keys.ts';
import { nameWithin } from '../provenance/tree.ts';
import type { Verification, VerifyOptions } from '../provenance/verification.ts';
import { payloadSignedBy, verify } from '../provenance/verify.ts';
import { count } from '../report/terminal.ts';
import { addAttestationOptions, wantsAttestations, withAttestations, type AttestationOptions } from './attestations.ts';
import { addIdentityOptions, establishedLines, keylessFrom, witnessesFrom, type IdentityOptions } from './identity-options.ts';
import { cacheHelp, collect, ignoreNames, keySetOf, onlyNames, modelAt, readSmall, signatureOf, withCache } from './model-options.ts';

export interface VerifyCommandOptions extends AttestationOptions, IdentityOptions {
  readonly bundle?: string;
  readonly signature?: string;
  readonly key?: string;
  readonly ignore?: readonly string[];
  readonly ignoreUnsignedFiles?: boolean;
  readonly only?: readonly string[];
  readonly format?: string;
  readonly certificateChain?: readonly string[];
  readonly at?: string;
  readonly digestCache?: string;
  readonly omsProfile?: string;
}

/** Adds `assay verify`. */
export function register(program: Command): void {
  const command = addIdentityOptions(program.command('verify <PATH>'))
    .description('Verify a signed model: the signature, and every file it lists')
    .option('--bundle <FILE>', 'verify a single file, or sha256:HEX in its place, against any Sigstore bundle rather than a model\'s signature')
    .option('--signature <FILE>', 'the signature (default: PATH/model.sig, or FILE.sig for a single file)')
    .option('--key <PEM>', 'public EC key of the signer')
    .option('--certificate-chain <PEM...>', 'trusted CA certificates, in place of --key, for a signature made with a certificate')
    .option('--at <TIME>', 'when the certificates have to be valid, for example 2026-03-01T12:00:00Z (default: now); whoever gives it vouches for it')
    .option('--oms-profile <PROFILE>', 'spec, or extended to accept Ed25519 and RSA keys too', 'spec')
    .option('--ignore <PATH>', 'allow this file or folder to be there unsigned; repeatable', collect)
    .option('--ignore-unsigned-files', 'allow any file to be there unsigned; listed files are still checked')
    .option('--only <PATH>', 'look at this file or folder of the model and at no other; repeatable', collect)
    .option('--digest-cache <DIR>', cacheHelp)
    .option('--format <FORMAT>', 'text, json', 'text');
  addAttestationOptions(command)
    .action(async (path: string, options: VerifyCommandOptions) => {
      process.exitCode = await runVerify(path, options);
    });
}

/** Exit code: 0 verified, 1 not verified. Throws `UsageError`. */
export async function runVerify(path: string, options: VerifyCommandOptions): Promise<number> {
  const format = options.format ?? 'text';
  if (format !== 'text' && format !== 'json') throw new UsageError(`--format is ${format}; allowed are text and json`);
  if (options.bundle !== undefined) {
    refuseBesideBundle(options);
    return (await import('./verify-blob.ts')).runVerifyBlob(path, { ...options, bundle: options.bundle }, format);
  }
  const root = modelAt(path);
  const key = trustedBy(options);
  const signature = signatureOf(root, path, options.signature);
  const attested = wantsAttestations(options);
  const trust = { key, keys: keySetOf(options), ...timeFrom(options), ...('policy' in key ? {} : witnessesFrom(options)) };
  const checked = await withCache(options.digestCache, (cache) => verify(root, {
    ...trust,
    cache,
    signature,
    signatureName: nameWithin(root, signature),
    ignore: ignoreNames(root, options.ignore ?? []),
    ignoreUnsigned: options.ignoreUnsignedFiles === true,
    ...(options.only === undefined ? {} : { only: onlyNames(root, options.only) }),
  }));
  const result = attested ? await withAttestations(checked, options, { root, path, statement: checked.statement, payloadOf: (bundle) => payloadSignedBy(bundle, trust) }) : checked;
  process.stdout.write(format === 'json' ? `${JSON.stringify({ model: root.name, signature: basename(signature), ...result, statement: undefined }, null, 2)}\n` : asText(result));
  return result.verified ? 0 : 1;
}

function trustedBy(options: VerifyCommandOptions): VerifyOptions['key'] {
  const { key, certificateChain, omsProfile = 'spec' } = options;
  const keyless = keylessFrom(options);
  if (keyless !== undefined) {
    if (key === undefined && certificateChain === undefined) return keyless;
    throw new UsageError(`--identity and --${key === undefined ? 'certificate-chain' : 'key'} are both given; allowed is one`);
  }
  if (certificateChain !== undefined) {
    if (key !== undefined) throw new UsageError('--key and --certificate-chain are both given; allowed is one');
    return certificateChain.flatMap((path) => rootsFrom(readSmall(path, '--certificate-chain'), path));
  }
  if (key === undefined) throw new UsageError('nothing to verify with; give the signer\'s public key with --key PEM, or --identity and --issuer');
  return publicKeyFrom(readSmall(key, '--key'), key, keySetOf({ omsProfile }));
}

/** `--at`: a full date and time with its zone, since half a time would mean another one elsewhere. */
function timeFrom({ at, certificateChain, trustedRoot, timestampChain }: VerifyCommandOptions): { at?: Date } {
  if (at === undefined) return {};
  if (trustedRoot !== undefined || timestampChain !== undefined) throw new UsageError('--at is given beside --trusted-root or --timestamp-chain, which prove the time');
  if (certificateChain === undefined) throw new UsageError('--at is given without --certificate-chain; only certificates have a time');
  const time = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/.test(at) ? new Date(at) : undefined;
  if (time === undefined || Number.isNaN(time.getTime())) throw new UsageError(`--at is ${at}; allowed is a date, or a time such as 2026-03-01T12:00:00Z`);
  return { at: time };
}

const mostLines = 50;

function asText({ verified, problems, notes, rootDigest, files, checked, established }: Verification): string {
  const held = checked === undefined ? `verified: ${count(files ?? 0, 'file')}` : `verified in part: ${checked} of ${count(files ?? 0, 'file')}`;
  const first = verified ? `${held}, sha256:${rootDigest}` : `not verified: ${count(problems.length, 'problem')}`;
  return `${[first, ...(established === undefined ? [] : establishedLines(established)), ...some(problems), ...some(notes)].join('\n')}\n`;
}

function some(all: readonly { readonly kind: string; readonly detail: string }[]): string[] {
  const lines = all.slice(0, mostLines).map(({ kind, detail }) => `  ${kind}: ${detail}`);
  return all.length > mostLines ? [...lines, `  … and ${all.length - mostLines} more (--format json lists all)`] : lines;
}

/** A bundle is of one file: what is said of a model's files has no place there. */
function refuseBesideBundle(options: VerifyCommandOptions): void {
  for (const name of ['signature', 'certificateChain', 'at', 'only', 'ignore', 'ignoreUnsignedFiles'] as const) {
    if (options[name] !== undefined) throw new UsageError(`--bundle and --${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} are both given; allowed is one`);
  }
}
