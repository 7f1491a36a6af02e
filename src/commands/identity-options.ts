// SPDX-License-Identifier: Apache-2.0
import type { Command } from 'commander';
import { UsageError } from '../model/usage-error.ts';
import { rootsFrom } from '../provenance/certificates.ts';
import { anchored, type Policy } from '../provenance/keyless/identity.ts';
import { trustedRootFrom, whereToGetOne, type TrustedRoot } from '../provenance/keyless/trust.ts';
import type { Established } from '../provenance/keyless/witness.ts';
import { printable } from '../provenance/names.ts';
import type { Keyless, VerifyOptions } from '../provenance/verification.ts';
import { readSmall } from './model-options.ts';

/** Who must have signed, and who may witness it. As commander gives them. */
export interface IdentityOptions {
  readonly identity?: string;
  readonly identityRegexp?: string;
  readonly issuer?: string;
  readonly trustedRoot?: string;
  readonly timestampChain?: readonly string[];
}

/** Adds the options of `IdentityOptions`. */
export function addIdentityOptions(command: Command): Command {
  return command
    .option('--identity <TEXT>', 'who must have signed, for a keyless signature: an e-mail address or a URI, compared exactly')
    .option('--identity-regexp <PATTERN>', 'in place of --identity, a pattern that has to match all of it')
    .option('--issuer <URL>', 'who must have vouched for the identity, compared exactly')
    .option('--trusted-root <FILE>', 'certificate authorities, logs and timestamp authorities that are trusted, as Sigstore writes them; none is fetched')
    .option('--timestamp-chain <PEM...>', 'a timestamp authority that is trusted, up to its root: demands a timestamp, at whose time certificates have to be valid');
}

/** The identity that is demanded; undefined when none is. Throws `UsageError` for half of one. */
export function keylessFrom(options: IdentityOptions): Keyless | undefined {
  const { identity, identityRegexp, issuer } = options;
  if (identity === undefined && identityRegexp === undefined && issuer === undefined) return undefined;
  if (identity !== undefined && identityRegexp !== undefined) throw new UsageError('--identity and --identity-regexp are both given; allowed is one');
  if (issuer === undefined) throw new UsageError('--identity is given without --issuer; who vouched for an identity has to be demanded too');
  const who = identity ?? (identityRegexp === undefined ? undefined : patternFrom(identityRegexp));
  if (who === undefined) throw new UsageError('--issuer is given without --identity; whoever it vouches for would be accepted');
  if (who === '' || issuer === '') throw new UsageError(`${who === '' ? '--identity' : '--issuer'} is empty`);
  if (options.timestampChain !== undefined) throw new UsageError('--timestamp-chain is given for a keyless signature, whose timestamp authorities stand in --trusted-root');
  const policy: Policy = { identity: who, issuer };
  const root = trustedRootOf(options);
  if (root === undefined) throw new UsageError(`a keyless signature is verified with --trusted-root FILE, and none is fetched; ${whereToGetOne}`);
  return { policy, root };
}

function patternFrom(pattern: string): RegExp {
  try {
    return anchored(pattern);
  } catch (error) {
    throw new UsageError(`--identity-regexp ${pattern} is not a regular expression: ${(error as Error).message}`, { cause: error });
  }
}

/** The trusted root that is named; undefined when none is. */
export function trustedRootOf({ trustedRoot }: IdentityOptions): TrustedRoot | undefined {
  return trustedRoot === undefined ? undefined : trustedRootFrom(readSmall(trustedRoot, '--trusted-root'), trustedRoot);
}

/** Who may witness a signature by key or certificate; empty when that is not demanded. */
export function witnessesFrom(options: IdentityOptions): Pick<VerifyOptions, 'witnesses'> {
  const root = trustedRootOf(options);
  if (options.timestampChain === undefined) return root === undefined ? {} : { witnesses: root };
  if (root !== undefined) throw new UsageError('--trusted-root and --timestamp-chain are both given; allowed is one');
  return { witnesses: options.timestampChain.flatMap((path) => rootsFrom(readSmall(path, '--timestamp-chain'), path)) };
}

/** What was established, in lines for a person. */
export function establishedLines({ signer, times, entries }: Established): string[] {
  return [
    ...(signer === undefined ? [] : [`  signer: ${printable(signer.identity)}, vouched for by ${printable(signer.issuer)}`]),
    ...times.map(({ source, time }) => `  time: ${time}, by a ${source}`),
    ...entries.map(({ log, index, by }) => `  log: ${printable(log)}, entry ${index}, by ${by}`),
  ];
}
