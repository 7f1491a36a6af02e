// SPDX-License-Identifier: Apache-2.0
import { closeSync, existsSync, fsyncSync, openSync, rmSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { UsageError } from '../model/usage-error.ts';
import { encryptedPem, keyTypes, makePair, plainPem } from '../provenance/keygen.ts';
import { hintOf, keyName } from '../provenance/keys.ts';
import { newPassphrase } from './passphrase.ts';

export interface KeygenOptions {
  readonly output: string;
  readonly type: string;
  readonly format: string;
  readonly password: boolean;
  readonly passwordFile?: string;
}

/** Adds `assay keygen`. */
export function register(program: Command): void {
  program.command('keygen').description('Make a key pair to sign with: NAME.pem, encrypted, and NAME.pub')
    .option('-o, --output <NAME>', 'where: NAME.pem and NAME.pub; neither may be there', 'assay-key')
    .option('--type <TYPE>', `${keyTypes.join(', ')}; the last three need --oms-profile extended`, 'p256')
    .option('--format <FORMAT>', 'pkcs8 (PEM that OpenSSL reads, scrypt), cosign', 'pkcs8')
    .option('--password-file <FILE>', 'passphrase of the new key; else $ASSAY_PASSWORD, else asked for on a terminal')
    .option('--no-password', 'leave the private key unencrypted (pkcs8 only)')
    .action(async (options: KeygenOptions) => {
      process.exitCode = await runKeygen(options);
    });
}

/** Exit code: 0 made. Throws `UsageError`. */
export async function runKeygen({ output, type, format, password, passwordFile }: KeygenOptions): Promise<number> {
  const known = keyTypes.find((one) => one === type);
  if (known === undefined) throw new UsageError(`--type is ${type}; allowed are ${keyTypes.join(', ')}`);
  if (format !== 'pkcs8' && format !== 'cosign') throw new UsageError(`--format is ${format}; allowed are pkcs8 and cosign`);
  if (!password && (passwordFile !== undefined || format === 'cosign')) {
    throw new UsageError(`--no-password is given ${format === 'cosign' ? 'for a cosign key, which is always encrypted' : 'beside --password-file'}`);
  }
  const [secret, open] = [`${output}.pem`, `${output}.pub`];
  for (const path of [secret, open]) if (existsSync(path)) throw new UsageError(`${path} is there already; a key is never written over`);
  const passphrase = password ? await newPassphrase(passwordFile, secret) : undefined;
  if (password && (passphrase ?? '') === '') throw new UsageError('the new key has no passphrase; give --password-file or $ASSAY_PASSWORD, or --no-password to leave it unencrypted');
  const pair = makePair(known);
  const pem = passphrase === undefined ? plainPem(pair.privateKey)
    : format === 'cosign' ? (await import('../provenance/cosign-key.ts')).sealCosignKey(pair.privateKey, passphrase) : encryptedPem(pair.privateKey, passphrase);
  create(secret, pem, 0o600);
  try {
    create(open, pair.publicPem, 0o644);
  } catch (error) {
    rmSync(secret, { force: true }); // half a pair is of no use
    throw error;
  }
  process.stdout.write(`${keyName(pair.privateKey)} key, sha256:${hintOf(pair.privateKey)}\n${secret}\n${open}\n`);
  return 0;
}

/** Creates a file that was not there. The mode is set when it is made, so that nobody reads it in between. */
function create(path: string, text: string, mode: number): void {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'wx', mode);
    writeFileSync(fd, text);
    fsyncSync(fd);
  } catch (error) {
    throw new UsageError(`${path} cannot be written: ${(error as NodeJS.ErrnoException).code ?? String(error)}`, { cause: error });
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
