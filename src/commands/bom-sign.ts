// SPDX-License-Identifier: Apache-2.0
import type { KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Option, type Command } from 'commander';
import type { Read } from '../../sbom/check/index.ts';
import { UsageError } from '../model/usage-error.ts';
import { Fault } from '../provenance/json.ts';
import type { VerifyOptions } from '../provenance/verification.ts';
import { count } from '../report/terminal.ts';
import { exitCodes } from './exit-codes.ts';
import { modelAt, readSmall, signatureOf } from './model-options.ts';
import { toFile, toStdout } from './output.ts';
import { addSignerOptions, signerFrom, type SignerOptions } from './signers.ts';

interface BomSignOptions extends SignerOptions {
  readonly form: 'jsf' | 'dsse';
  readonly output?: string;
}

/** Adds `assay bom sign`. */
export function register(bom: Command): void {
  const command = bom
    .command('sign')
    .description('Sign a BOM: in the document (CycloneDX, JSF), or beside it (any, DSSE).')
    .argument('<file>', 'a CycloneDX or SPDX 3.0.1 document')
    .addOption(new Option('--form <form>', 'jsf: in the document, which is written anew; dsse: FILE.sig beside it, as assay sign does').choices(['jsf', 'dsse']).default('jsf'))
    .option('-o, --output <file>', 'where the signed document or the signature goes (default: FILE, or FILE.sig)');
  addSignerOptions(command)
    .addHelpText('after', '\nCheck it with assay bom verify FILE --key PEM. Exit codes: 0 signed · 4 usage')
    .action(async (file: string, options: BomSignOptions) => {
      process.exitCode = await sign(file, options);
    });
}

const largestBom = 128 * 2 ** 20;

async function sign(file: string, options: BomSignOptions): Promise<number> {
  const signer = await signerFrom(options, 'extended');
  const bytes = Buffer.from(readSmall(file, 'the BOM', largestBom));
  const read = await soundBom(bytes, file);
  const by = signer.describes;
  if (options.form === 'dsse') {
    const [{ measure }, { signManifest, writeSignature }] = await Promise.all([import('../provenance/manifest.ts'), import('../provenance/sign.ts')]);
    const target = options.output ?? `${file}.sig`;
    const manifest = await measure(modelAt(file), { serialization: { method: 'files', hash: 'sha256' }, ignore: [], ignoreGit: false, profile: 'spec' });
    writeSignature(target, await signManifest(manifest, signer));
    await toStdout(`signed ${file} with ${by}\n${target}\n`);
    return exitCodes.done;
  }
  if (read.kind !== 'cyclonedx') throw new UsageError(`${file} is SPDX, which has no place for a signature; give --form dsse for one beside it`);
  const { signJsf } = await import('../provenance/jsf.ts');
  const target = options.output ?? file;
  toFile(target, await faultsAsUsage(file, () => signJsf(bytes, signer)));
  await toStdout(`signed ${file} with ${by}\n${target}\n`);
  return exitCodes.done;
}

/** A BOM that all readers read alike: with a key that stands twice, what was signed would depend on who reads it. */
async function soundBom(bytes: Buffer, file: string): Promise<Extract<Read, { document: unknown }>> {
  const { readBom } = await import('../../sbom/check/index.ts');
  const read = readBom(bytes);
  if (read.kind === 'unchecked' || read.kind === 'unreadable') throw new UsageError(`${file} cannot be read as a BOM: ${read.what}`);
  if (read.problems.length > 0) throw new UsageError(`${file} ${read.problems[0]!.message}`);
  return read;
}

async function faultsAsUsage<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Fault) throw new UsageError(`${file}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** Who is to have signed a BOM. As commander gives it. */
export interface BomTrustOptions {
  readonly key?: string;
  readonly certificateChain?: readonly string[];
  readonly signature?: string;
}

/** Adds the options of `BomTrustOptions`. */
export function addBomTrust(command: Command): Command {
  return command
    .option('--key <PEM>', 'demand a signature by this public key, in the document or beside it')
    .option('--certificate-chain <PEM...>', 'in place of --key: trusted CA certificates')
    .option('--signature <FILE>', 'the signature beside the BOM (default: FILE.sig, when the document holds none)');
}

/** What is wrong with the signature that is demanded; undefined when it holds, or none is demanded. */
export async function bomSignatureProblem(file: string, { key, certificateChain, signature }: BomTrustOptions): Promise<string | undefined> {
  if (key === undefined && certificateChain === undefined) {
    if (signature !== undefined) throw new UsageError('--signature is given without --key or --certificate-chain');
    return undefined;
  }
  if (key !== undefined && certificateChain !== undefined) throw new UsageError('--key and --certificate-chain are both given; allowed is one');
  const [{ publicKeyFrom }, { keyOfChain, rootsFrom }] = await Promise.all([import('../provenance/keys.ts'), import('../provenance/certificates.ts')]);
  const trusted: VerifyOptions['key'] = key === undefined
    ? certificateChain!.flatMap((path) => rootsFrom(readSmall(path, '--certificate-chain'), path)) : publicKeyFrom(readSmall(key, '--key'), key, 'extended');
  try {
    const bytes = readFileSync(file);
    if (signature !== undefined || !Object.hasOwn((await soundBom(bytes, file)).document, 'signature')) return await problemBeside(file, trusted, signature);
    const { verifyJsf } = await import('../provenance/jsf.ts');
    verifyJsf(bytes, isKey(trusted) ? trusted : (chain) => keyOfChain(chain, trusted, new Date(), 'extended'));
    return undefined;
  } catch (error) {
    if (error instanceof Fault || error instanceof UsageError) return error.message; // no signature, or a document that nobody can sign
    throw error;
  }
}

function isKey(trusted: VerifyOptions['key']): trusted is KeyObject {
  return !Array.isArray(trusted);
}

async function problemBeside(file: string, key: VerifyOptions['key'], given: string | undefined): Promise<string | undefined> {
  const { verify } = await import('../provenance/verify.ts');
  const root = modelAt(file);
  const { verified, problems } = await verify(root, { key, keys: 'extended', signature: signatureOf(root, file, given) });
  return verified ? undefined : `${problems[0]!.detail}${problems.length === 1 ? '' : ` (${count(problems.length, 'problem')})`}`;
}
