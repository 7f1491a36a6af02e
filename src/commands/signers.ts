// SPDX-License-Identifier: Apache-2.0
import type { Command } from 'commander';
import { UsageError } from '../model/usage-error.ts';
import { isCosign, isEncrypted, openPrivateKey, type KeySet } from '../provenance/keys.ts';
import { keySigner, withCertificate, type Signer } from '../provenance/signer.ts';
import { readSmall } from './model-options.ts';
import { wholeNumber } from './options.ts';
import { passphraseFrom } from './passphrase.ts';

/** What signs: common to `sign`, `attest` and `bom sign`. As commander gives them. */
export interface SignerOptions {
  readonly key?: string;
  readonly passwordFile?: string;
  readonly certificate?: string;
  readonly certificateChain?: readonly string[];
  readonly signer?: string;
  readonly signerTimeout?: string;
}

/** Adds the options of `SignerOptions`. */
export function addSignerOptions(command: Command): Command {
  return command
    .option('--key <PEM>', 'private key (EC on P-256, P-384, P-521): PKCS#8, SEC1, encrypted PKCS#8, or a cosign key')
    .option('--password-file <FILE>', 'passphrase of the key, or PIN of the token; else $ASSAY_PASSWORD, else asked for on a terminal')
    .option('--certificate <PEM>', "the signer's certificate, which is put into the signature in place of the key's name")
    .option('--certificate-chain <PEM...>', 'certificates above it, from the signer\'s up; repeatable')
    .option('--signer <SIGNER>', 'in place of --key: exec:CMD, a command that signs; vault:KEY, a transit key of Vault or OpenBao; or pkcs11:URI, a key on a token')
    .option('--signer-timeout <SECONDS>', 'how long a command may take to sign', '60');
}

/** Gets ready whatever signs. Throws `UsageError`, also when nothing was given. */
export async function signerFrom(options: SignerOptions, set: KeySet): Promise<Signer> {
  const { key, signer, certificate, certificateChain } = options;
  if (key !== undefined && signer !== undefined) throw new UsageError('--key and --signer are both given; allowed is one');
  if (certificate === undefined && certificateChain !== undefined) throw new UsageError('--certificate-chain is given without --certificate, which names the signer\'s own');
  const bare = key !== undefined ? await fromFile(key, options, set) : signer !== undefined ? await fromName(signer, options, set) : undefined;
  if (bare === undefined) throw new UsageError('nothing to sign with; give --key PEM');
  if (certificate === undefined) return bare;
  const { chainFor, rootsFrom } = await import('../provenance/certificates.ts');
  const [leaf, ...more] = rootsFrom(readSmall(certificate, '--certificate'), certificate);
  const above = (certificateChain ?? []).flatMap((path) => rootsFrom(readSmall(path, '--certificate-chain'), path));
  return withCertificate(bare, chainFor(bare.publicKey, leaf!, [...more, ...above], new Date()));
}

async function fromFile(path: string, options: SignerOptions, set: KeySet): Promise<Signer> {
  const pem = readSmall(path, '--key');
  const passphrase = isEncrypted(pem, path) ? await passphraseFrom(options.passwordFile, path, isCosign(pem, path)) : undefined;
  return keySigner(await openPrivateKey(pem, path, passphrase, set));
}

async function fromName(name: string, options: SignerOptions, set: KeySet): Promise<Signer> {
  const kind = name.slice(0, name.indexOf(':') + 1);
  const rest = name.slice(kind.length);
  if (kind === 'exec:') {
    const { execSigner } = await import('../provenance/exec-signer.ts');
    return execSigner(rest, wholeNumber(options.signerTimeout ?? '60', '--signer-timeout', 1, 86_400), set);
  }
  if (kind === 'vault:') {
    const { vaultFrom, vaultSigner } = await import('../provenance/vault-signer.ts');
    const vault = vaultFrom(process.env);
    if (vault.address.startsWith('http:') && !/^http:\/\/(127(\.\d+){3}|localhost|\[::1\])(:|\/|$)/.test(vault.address)) {
      process.stderr.write(`assay: ${vault.address} is not encrypted: whoever is on the way can read the token\n`);
    }
    return vaultSigner(rest, vault, set);
  }
  if (kind === 'pkcs11:') {
    const { pkcs11Signer } = await import('../provenance/pkcs11/signer.ts');
    return pkcs11Signer(rest, set, (file, token) => passphraseFrom(file ?? options.passwordFile, token));
  }
  throw new UsageError(`--signer is ${name}; allowed are exec:CMD, vault:KEY and pkcs11:URI`);
}
