// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Report } from '../model/report.ts';
import { UsageError } from '../model/usage-error.ts';
import { attestationOf, attestationTypes, svrOf, vsaOf, type AttestationType, type Verdict } from '../provenance/attestation.ts';
import { readBundle } from '../provenance/bundle.ts';
import { Fault } from '../provenance/json.ts';
import { measure, rootDigest, type Manifest } from '../provenance/manifest.ts';
import { isUnder, printable } from '../provenance/names.ts';
import { Refused } from '../provenance/refused.ts';
import { writeSignature } from '../provenance/sign.ts';
import { parseStatement, type Statement } from '../provenance/statement.ts';
import { walk, type Root } from '../provenance/tree.ts';
import { exitCodes } from './exit-codes.ts';
import { addKeylessSigningOptions, isServiceError, payloadMaker, type KeylessSigningOptions, type Made } from './keyless-signing.ts';
import { addModelOptions, keySetOf, measureOptions, modelAt, readSmall, signatureOf, type ModelOptions } from './model-options.ts';
import { list } from './options.ts';
import { note, toStdout } from './output.ts';
import { addSignerOptions, signerFrom, type SignerOptions } from './signers.ts';
import { policyOf, propertiesOf, type ScanResult } from './verdict.ts';

export interface AttestOptions extends ModelOptions, SignerOptions, KeylessSigningOptions {
  readonly type?: readonly string[];
  readonly report?: string;
  readonly bom?: readonly string[];
  readonly failOn?: string;
  readonly resourceUri?: string;
  readonly output?: string;
}

/** Adds `assay attest`. */
export function register(program: Command): void {
  const command = program.command('attest <PATH>')
    .description('Scan a model and sign what came of it: a verdict (SVR, VSA) or a BOM, over the root digest that its signature names')
    .option('--type <TYPES>', `what to attest, comma-separated: ${attestationTypes.join(', ')} (default: svr)`, list)
    .option('--report <FILE>', 'a JSON report of assay scan over the same bytes, in place of a scan')
    .option('--bom <FILE...>', 'a BOM of the same bytes to attest, in place of one that is made here')
    .option('--fail-on <SEVERITY>', 'severity from which a finding fails the model: high, medium, low, info (default: high)')
    .option('--resource-uri <URI>', 'what the verdict is about, for a VSA (default: pkg:generic/NAME)')
    .option('-o, --output <PREFIX>', 'where: PREFIX.TYPE.sigstore.json (default: beside PATH, under its name)');
  addKeylessSigningOptions(addSignerOptions(addModelOptions(command)))
    .addHelpText('after', '\nExit codes: 0 attested · 1 attested, or not, that the model failed · 2 the scan was incomplete · 3 nothing there · 4 usage')
    .action(async (path: string, options: AttestOptions) => {
      process.exitCode = await runAttest(path, options);
    });
}

/** Where the attestation of a model lies when nobody says otherwise: beside it, so that no signature has to leave it out. */
export function attestationPath(path: string, type: AttestationType, prefix = resolve(path)): string {
  return `${prefix}.${type}.sigstore.json`;
}

/** Exit code as of a scan. Throws `UsageError`. */
export async function runAttest(path: string, options: AttestOptions): Promise<number> {
  const types = typesFrom(options.type ?? ['svr']);
  const root = modelAt(path);
  const make = await payloadMaker(options, () => signerFrom(options, keySetOf(options)));
  try {
    return await attest(root, path, types, make, options);
  } catch (error) {
    if (isServiceError(error)) {
      note(`assay: ${error.message}`);
      return exitCodes.incomplete;
    }
    if (!(error instanceof Refused) || error.refusal.kind !== 'empty') throw error;
    note(`assay: ${error.message}`);
    return exitCodes.empty;
  }
}

async function attest(root: Root, path: string, types: readonly AttestationType[], make: (payload: Buffer) => Promise<Made>, options: AttestOptions): Promise<number> {
  const before = stampsOf(root, path, options);
  const measured = await measureAs(root, path, options);
  const needsScan = types.some((type) => type === 'svr' || type === 'vsa' || bomFor(type, options) === undefined);
  const result = needsScan ? await resultFor(root, path, measured, options) : undefined;
  if (!sameStamps(before, stampsOf(root, path, options))) throw new UsageError(`${printable(root.name)} changed while it was looked at; nothing was attested`);
  const verdict = result === undefined ? undefined : verdictOf(result, root, measured, options);
  const written: string[] = [];
  let by = 'nothing';
  for (const type of types) {
    if (type === 'svr' && verdict?.passed !== true) {
      note('assay: no SVR was written: it can only say what held, and the model did not pass (a VSA can say that it failed)');
      continue;
    }
    const predicate = type === 'svr' ? svrOf(verdict!) : type === 'vsa' ? vsaOf(verdict!) : await bomPredicate(type, root, measured, result, options);
    const target = attestationPath(path, type, options.output);
    const made = await make(attestationOf(type, root.name, measured.rootDigest, predicate));
    writeSignature(target, made.text);
    by = made.describes;
    written.push(target);
  }
  const words = verdict === undefined ? '' : verdict.passed ? ', passed' : `, ${result!.verdict === 'incomplete' ? 'incomplete' : 'failed'}`;
  await toStdout(`attested ${printable(root.name)} (${types.join(', ')}${words}) with ${printable(by)}\nsha256:${measured.rootDigest}\n${written.map((one) => `${one}\n`).join('')}`);
  return verdict === undefined || verdict.passed ? exitCodes.done : result!.verdict === 'incomplete' ? exitCodes.incomplete : exitCodes.findings;
}

interface Measured {
  readonly rootDigest: string;
  readonly manifest: Manifest;
  /** Of the signature file, when there is one. */
  readonly signature?: { readonly name: string; readonly sha256: string };
}

/**
 * Hashes the model as its signature did, so that both name one root digest; without a signature, as the options say. The signature
 * is not verified: what counts is that its list is the one found here.
 */
async function measureAs(root: Root, path: string, options: AttestOptions): Promise<Measured> {
  const place = signatureOf(root, path, options.signature);
  if (!existsSync(place)) {
    const manifest = await measure(root, measureOptions(root, path, options));
    return { rootDigest: manifest.rootDigest, manifest };
  }
  let statement: Statement;
  try {
    statement = parseStatement(readBundle(place).payload);
  } catch (error) {
    if (error instanceof Fault) throw new UsageError(`the signature ${place} cannot be read: ${error.message}`, { cause: error });
    throw error;
  }
  if (statement.rootDigest === undefined) throw new UsageError(`the signature ${place} has a form that is only read; sign again first`);
  const ignore = statement.ignorePaths ?? options.ignore ?? [];
  const ignoreGit = statement.ignorePaths === undefined; // where it records any, it records these too, unless they were signed
  const manifest = await measure(root, { ...measureOptions(root, path, { ...options, ignore: [] }), serialization: statement.serialization, ignore, ignoreGit, allowSymlinks: statement.allowSymlinks });
  const listed = (name: string): string => (root.kind === 'file' && (name === '.' || name.startsWith('.:')) ? `${root.name}${name.slice(1)}` : name);
  const signed = new Map(statement.resources.map(({ name, digest }) => [listed(name), digest]));
  const same = signed.size === manifest.resources.length && manifest.resources.every(({ name, digest }) => signed.get(name) === digest);
  if (!same || rootDigest(statement.resources) !== statement.rootDigest) {
    throw new UsageError(`${printable(root.name)} is not what ${place} lists; verify it, or sign it again before it is attested`);
  }
  return { rootDigest: statement.rootDigest, manifest, signature: { name: basename(place), sha256: createHash('sha256').update(readFileSync(place)).digest('hex') } };
}

/** Every file by its identity, before and after: the change time is in it, which nobody can set back. */
function stampsOf(root: Root, path: string, options: AttestOptions): Map<string, string> {
  const { ignore, ignoreGit, signature } = measureOptions(root, path, options);
  const tree = walk(root, new Set([...(ignoreGit ? ['.git'] : []), ...ignore]), signature, true);
  return new Map(tree.files.map(({ name, stamp }) => [name, stamp]));
}

function sameStamps(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean {
  return one.size === other.size && [...one].every(([name, stamp]) => other.get(name) === stamp);
}

/** A scan, or the report of one, that saw every file of the manifest with the bytes that were hashed. */
async function resultFor(root: Root, path: string, { manifest }: Measured, options: AttestOptions): Promise<ScanResult> {
  const result = options.report === undefined ? await scanned(path, options) : await reported(options.report, options);
  const { method, hash } = manifest.serialization;
  const plain = method === 'files' && hash === 'sha256' ? manifest : await measure(root, { ...measureOptions(root, path, options), serialization: { method: 'files', hash: 'sha256' }, ignore: manifest.ignorePaths, ignoreGit: false, allowSymlinks: manifest.allowSymlinks, profile: 'spec' });
  for (const { name, digest } of plain.resources) {
    const seen = result.digests.get(name === '.' ? root.name : name);
    if (seen !== digest) throw new UsageError(`${printable(name)} was ${seen === undefined ? 'not scanned to its end' : 'scanned with other bytes'}; nothing was attested`);
  }
  return result;
}

async function scanned(path: string, options: AttestOptions): Promise<ScanResult> {
  const [{ scan }, { attestThreshold }] = await Promise.all([import('../run/scan.ts'), import('./verdict.ts')]);
  const report: Report = await scan([path], { failOn: attestThreshold(options.failOn) });
  const digests = report.inspected.flatMap(({ artefact }) => (artefact.digests.sha256 === undefined ? [] : [[artefact.id, artefact.digests.sha256] as const]));
  return { ...report.summary, failOn: report.failOn, tool: report.tool, findings: report.summary.findings, digests: new Map(digests), report };
}

async function reported(file: string, options: AttestOptions): Promise<ScanResult> {
  if (options.failOn !== undefined) throw new UsageError('--fail-on is given beside --report, which says by itself what failed it');
  const [{ readReport }, { atLeastSeverity }] = await Promise.all([import('../report/json.ts'), import('../model/rule.ts')]);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`--report ${file} cannot be read: ${(error as NodeJS.ErrnoException).code}`, { cause: error });
  }
  const { summary, failOn, tool, artefacts, findings, shard } = readReport(text, file);
  if (shard !== undefined) throw new UsageError(`--report ${file} is of one part of the files (${shard}); put the parts together with assay merge`);
  const failing = failOn !== 'never' && findings.some(({ severity, suppressed }) => suppressed === undefined && atLeastSeverity(severity, failOn));
  if (failing && summary.verdict === 'clean') throw new UsageError(`--report ${file} contradicts itself: it is clean and lists findings of severity ${failOn} or above`);
  return { ...summary, failOn, tool, digests: new Map(artefacts.flatMap(({ path, sha256 }) => (sha256 === undefined ? [] : [[path, sha256] as const]))) };
}

function verdictOf(result: ScanResult, root: Root, measured: Measured, options: AttestOptions): Verdict {
  const properties = propertiesOf(result);
  const { signature } = measured;
  return {
    passed: result.verdict === 'clean' && properties.length > 0,
    properties,
    policy: policyOf(result),
    version: result.tool.version,
    time: now(),
    resourceUri: options.resourceUri ?? `pkg:generic/${encodeURIComponent(root.name)}`,
    inputs: signature === undefined ? [] : [{ uri: signature.name, digest: { sha256: signature.sha256 } }],
  };
}

/** SOURCE_DATE_EPOCH sets the clock, so that a run can be repeated. */
function now(): string {
  const epoch = process.env['SOURCE_DATE_EPOCH'];
  const time = epoch !== undefined && /^\d{1,11}$/.test(epoch) ? new Date(Number(epoch) * 1000) : new Date();
  return time.toISOString().replace(/\.\d{3}Z$/, 'Z');
}

function typesFrom(given: readonly string[]): AttestationType[] {
  const types = given.map((name) => {
    const type = attestationTypes.find((one) => one === name);
    if (type === undefined) throw new UsageError(`--type is ${name}; allowed are ${attestationTypes.join(', ')}`);
    return type;
  });
  return [...new Set(types)];
}

/** The BOM that was given for a type, by its content. */
function bomFor(type: AttestationType, options: AttestOptions): { readonly file: string; readonly text: string } | undefined {
  if (type === 'svr' || type === 'vsa') return undefined;
  for (const file of options.bom ?? []) {
    const text = readSmall(file, '--bom', 128 * 2 ** 20);
    const isCycloneDx = /"bomFormat"\s*:\s*"CycloneDX"/.test(text.slice(0, 65_536));
    if (isCycloneDx === (type === 'cyclonedx')) return { file, text };
  }
  return undefined;
}

async function bomPredicate(type: 'cyclonedx' | 'spdx', root: Root, { manifest }: Measured, result: ScanResult | undefined, options: AttestOptions): Promise<unknown> {
  const given = bomFor(type, options);
  const { bomDifferences } = await import('./attested-bom.ts');
  const text = given?.text ?? await madeHere(type, result);
  const files = new Map(manifest.serialization.method === 'files' && manifest.serialization.hash === 'sha256' ? manifest.resources.map(({ name, digest }) => [name === '.' ? root.name : name, digest]) : []);
  const names = manifest.resources.map(({ name }) => (manifest.serialization.method === 'files' ? name : name.replace(/:\d+:\d+$/, '')));
  const place = (name: string): string => (root.kind === 'file' ? root.path : `${root.path}/${name}`);
  const differences = await bomDifferences(text, [...new Set(names)], (name) => files.get(name), place);
  const wrong = differences.filter(({ kind, path: name }) => kind !== 'unchecked' && !(kind === 'missing' && isUnder(name, new Set(manifest.ignorePaths))));
  if (wrong.length > 0) throw new UsageError(`the BOM${given === undefined ? '' : ` ${given.file}`} is not of these bytes: ${printable(wrong[0]!.path)}: ${wrong[0]!.detail}${wrong.length === 1 ? '' : ` (and ${wrong.length - 1} more)`}`);
  return JSON.parse(text) as unknown;
}

async function madeHere(type: 'cyclonedx' | 'spdx', result: ScanResult | undefined): Promise<string> {
  if (result?.report === undefined) throw new UsageError(`a BOM (${type}) cannot be made from a JSON report; give it with --bom`);
  const { cyclonedx, sourceDateEpoch, spdx } = await import('../../sbom/index.ts');
  const epoch = sourceDateEpoch();
  const given = epoch === undefined ? {} : { epoch };
  return type === 'spdx' ? spdx(result.report, given) : cyclonedx(result.report, { specVersion: '1.7', ...given });
}
