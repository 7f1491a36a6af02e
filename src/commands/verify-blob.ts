// SPDX-License-Identifier: Apache-2.0
import { basename } from 'node:path';
import { UsageError } from '../model/usage-error.ts';
import type { BlobVerification } from '../provenance/keyless/blob.ts';
import { publicKeyFrom } from '../provenance/keys.ts';
import { printable } from '../provenance/names.ts';
import { establishedLines, keylessFrom, trustedRootOf, type IdentityOptions } from './identity-options.ts';
import { readSmall } from './model-options.ts';

interface BlobOptions extends IdentityOptions {
  readonly bundle: string;
  readonly key?: string;
}

/** `verify --bundle`: a single file, or its digest, against any Sigstore bundle. Exit code: 0 verified, 1 not verified. */
export async function runVerifyBlob(path: string, options: BlobOptions, format: 'text' | 'json'): Promise<number> {
  if (options.timestampChain !== undefined) throw new UsageError('--timestamp-chain is given with --bundle; give the timestamp authorities in --trusted-root');
  const { artefactAt, verifyBlob } = await import('../provenance/keyless/blob.ts');
  const artefact = artefactAt(path);
  const keyless = keylessFrom(options);
  if (keyless !== undefined && options.key !== undefined) throw new UsageError('--key and --identity are both given; allowed is one');
  if (keyless === undefined && options.key === undefined) throw new UsageError('nothing to verify with; give --identity, --issuer and --trusted-root, or the signer\'s public key with --key PEM');
  const root = trustedRootOf(options);
  const trusted = keyless ?? { key: publicKeyFrom(readSmall(options.key!, '--key'), options.key!, 'extended'), ...(root === undefined ? {} : { root }) };
  const result = await verifyBlob(artefact, options.bundle, trusted);
  process.stdout.write(format === 'json' ? `${JSON.stringify({ bundle: basename(options.bundle), ...result }, null, 2)}\n` : asText(result));
  return result.verified ? 0 : 1;
}

function asText(result: BlobVerification): string {
  const { verified, artefact, sha256, predicateType, established, problems, notes } = result;
  const lines = [
    verified ? `verified: ${printable(artefact)}${artefact.startsWith('sha256:') ? '' : `, sha256:${sha256}`}` : `not verified: ${printable(artefact)}`,
    ...(predicateType === undefined ? [] : [`  statement: ${printable(predicateType)}`]),
    ...(established === undefined ? [] : establishedLines(established)),
    ...[...problems, ...notes].map(({ kind, detail }) => `  ${kind}: ${detail}`),
  ];
  return `${lines.join('\n')}\n`;
}
