// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { constants, realpathSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { Option, type Command } from 'commander';
import type { Verified } from '../../sbom/compare/verify.ts';
import { count, plain } from '../report/terminal.ts';
import { walk } from '../run/walk.ts';
import { UsageError } from '../model/usage-error.ts';
import { addBomTrust, bomSignatureProblem, type BomTrustOptions } from './bom-sign.ts';
import { opened } from './bom-validate.ts';
import { exitCodes } from './exit-codes.ts';
import { note, toStdout } from './output.ts';

interface VerifyOptions extends BomTrustOptions {
  readonly format: 'text' | 'json';
  readonly ignoreExtra?: boolean;
}

/** Adds `assay bom verify`. */
export function register(bom: Command): void {
  addBomTrust(bom.command('verify'))
    .description('Check the signature of a BOM, hash the files of a folder again and compare them with it: missing, extra, changed.')
    .argument('<file>', 'a CycloneDX or SPDX 3.0.1 document')
    .argument('[path]', 'the file or folder that it describes; may be left out when only the signature is to be checked')
    .addOption(new Option('-f, --format <name>', 'form of the result').choices(['text', 'json']).default('text'))
    .option('--ignore-extra', 'allow files that the BOM does not list')
    .addHelpText('after', '\nExit codes: 0 as listed · 1 not as listed · 2 something could not be compared · 3 the BOM lists no files · 4 usage')
    .action(async (file: string, path: string | undefined, options: VerifyOptions) => {
      process.exitCode = await verify(file, path, options);
    });
}

async function verify(file: string, path: string | undefined, options: VerifyOptions): Promise<number> {
  const demandsSignature = options.key !== undefined || options.certificateChain !== undefined;
  if (path === undefined && !demandsSignature) throw new UsageError('nothing to compare the BOM with; give PATH, or --key PEM for its signature alone');
  const unsigned = await bomSignatureProblem(file, options);
  if (unsigned !== undefined) {
    await toStdout(options.format === 'json' ? `${JSON.stringify({ schemaVersion: 1, verdict: 'not signed as demanded', signature: unsigned }, undefined, 2)}\n` : `not verified: ${plain(unsigned)}\n`);
    return exitCodes.findings;
  }
  if (path === undefined) {
    await toStdout(options.format === 'json' ? `${JSON.stringify({ schemaVersion: 1, verdict: 'signed' }, undefined, 2)}\n` : 'verified: the signature of the BOM holds\n');
    return exitCodes.done;
  }
  const { readBomFile } = await import('../../sbom/check/index.ts');
  const { inventoryOf } = await import('../../sbom/compare/inventory.ts');
  const { nodeAlgorithm, verifyFiles } = await import('../../sbom/compare/verify.ts');
  const read = opened(file, () => readBomFile(file));
  if (read.kind === 'unchecked' || read.kind === 'unreadable') {
    note(`assay: ${plain(file)} cannot be verified: ${plain(read.what)}`);
    return exitCodes.incomplete;
  }
  const inventory = inventoryOf(read);
  if (!inventory.items.some(({ isFile }) => isFile)) {
    note(`assay: ${plain(file)} lists no files, so there is nothing to compare`);
    return exitCodes.empty;
  }
  const itself = realpathSync(file);
  const { jobs, others } = walk([path]);
  // A link is there by its name, without bytes of its own to compare.
  const links = new Set(others.map(({ artefact }) => artefact.id));
  const present = jobs.filter((job) => job.path !== itself).map(({ id, path: where }) => {
    const place = typeof where === 'string' ? where : Buffer.from(where.base64, 'base64');
    return { path: id, digest: (algorithm: string) => digestOf(place, nodeAlgorithm(algorithm)!) };
  });
  const result = await verifyFiles({ ...inventory, items: inventory.items.map((item) => (links.has(item.name) ? { ...item, hasNoBytes: Object.keys(item.hashes).length === 0 } : item)) }, present);
  const differences = result.differences.filter(({ kind }) => kind !== 'extra' || options.ignoreExtra !== true);
  const wrong = differences.filter(({ kind }) => kind !== 'unchecked' && kind !== 'unreadable');
  const verdict = wrong.length > 0 ? 'different' : differences.length > 0 ? 'incomplete' : 'verified';
  await toStdout(options.format === 'json' ? `${JSON.stringify({ schemaVersion: 1, verdict, same: result.same, differences }, undefined, 2)}\n` : asText(verdict, { ...result, differences }));
  return verdict === 'verified' ? exitCodes.done : wrong.length > 0 && differences.every(({ kind }) => kind !== 'unreadable') ? exitCodes.findings : exitCodes.incomplete;
}

/** The file as the walk saw it: one that has become a link meanwhile is not followed. */
async function digestOf(path: string | Buffer, algorithm: string): Promise<string> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const hash = createHash(algorithm);
    const block = Buffer.allocUnsafe(2 ** 20);
    for (;;) {
      const { bytesRead } = await handle.read(block, 0, block.length);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(block.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
}

const shown = 200;

function asText(verdict: string, { same, differences }: Verified): string {
  const lines = differences.slice(0, shown).map(({ kind, path, detail }) => `  ${kind} ${plain(path)}: ${plain(detail)}`);
  if (differences.length > shown) lines.push(`  … and ${differences.length - shown} more (--format json lists all)`);
  return `${[`${verdict}: ${count(same, 'file')} as listed, ${count(differences.length, 'difference')}`, ...lines].join('\n')}\n`;
}
