// SPDX-License-Identifier: Apache-2.0
import { createHash, type KeyObject } from 'node:crypto';
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { Option, type Command } from 'commander';
import type { Basis, RootKind } from '../conformity/basis.ts';
import type { Conformity } from '../conformity/conformity.ts';
import type { Alias, Role } from '../conformity/profile.ts';
import type { CheckedDeclaration } from '../conformity/statements.ts';
import type { View } from '../conformity/views.ts';
import type { Report } from '../model/report.ts';
import { UsageError } from '../model/usage-error.ts';
import { publicKeyFrom } from '../provenance/keys.ts';
import { plain } from '../report/terminal.ts';
import { exitCodes } from './exit-codes.ts';
import { addIdentityOptions, type IdentityOptions } from './identity-options.ts';
import { collect, readSmall } from './model-options.ts';
import { note, toFile, toStdout } from './output.ts';

const formats = ['text', 'json', 'html', 'markdown', 'cyclonedx', 'cyclonedx-1.6', 'oscal'] as const;
type Format = (typeof formats)[number];

/** Options that say what is judged: shared by the report, `init` and `verify`. As commander gives them. */
export interface SubjectOptions extends IdentityOptions {
  readonly role?: readonly string[];
  readonly kind?: string;
  readonly profile?: string;
  readonly declaration?: string;
  readonly declarationKey?: readonly string[];
  readonly key?: readonly string[];
  readonly certificateChain?: readonly string[];
  readonly ledger?: string;
  readonly ledgerKey?: readonly string[];
  readonly bom?: readonly string[];
  readonly baseline?: string;
  readonly at?: string;
  readonly release?: string;
  readonly probe?: boolean;
}

interface ReportOptions extends SubjectOptions {
  readonly format?: readonly string[];
  readonly output?: string;
  readonly view: View;
  readonly failOn: 'shall' | 'any' | 'never';
}

function addSubjectOptions(command: Command): Command {
  return addIdentityOptions(command)
    .option('--role <ROLE>', 'role held: developer, system-operator, data-custodian; repeatable or comma-separated (default: developer and system-operator)', collect)
    .addOption(new Option('--kind <KIND>', 'what the root is').choices(['release', 'deploy', 'training', 'data', 'development', 'unknown']))
    .addOption(new Option('--profile <NAME>', 'whose numbers are shown').choices(['etsi-en-304-223', 'etsi-ts-104-223', 'uk-ai-cop-2025']))
    .option('--declaration <FILE>', 'what people declare (YAML); never read from the scanned folder by itself')
    .option('--declaration-key <PEM>', 'public key that the declaration must be signed with; repeatable', collect)
    .option('--key <PEM>', 'public key that the root must be signed with; repeatable', collect)
    .option('--certificate-chain <PEM...>', 'certificate authorities whose signers count, as --key does')
    .option('--ledger <FILE>', 'releases recorded with assay ledger')
    .option('--ledger-key <PEM>', 'public key that its entries must be signed with; repeatable', collect)
    .option('--bom <FILE>', 'BOM that lies elsewhere; repeatable', collect)
    .option('--baseline <FILE>', 'findings accepted before, as for assay scan')
    .option('--at <DATE>', 'judge dates as of YYYY-MM-DD (default: SOURCE_DATE_EPOCH, else the clock; the report says which)')
    .option('--release <VERSION>', 'version of the subject')
    .option('--no-probe', 'do not run ONNX models');
}

/** Adds `assay conformity`. */
export function register(program: Command): void {
  program.enablePositionalOptions();
  const command = addSubjectOptions(program.command('conformity')
    .summary('evidence for ETSI EN 304 223, provision by provision; init and verify declarations')
    .description('What was evidenced, attested, found missing or not assessed for each of the 72 provisions of ETSI EN 304 223. Evidence, not a certificate. A folder that is called like a command below is named as ./NAME.')
    .enablePositionalOptions()
    .argument('<path>', 'a folder, or a JSON report of assay scan --facts'))
    .option('-f, --format <name[=file]>', `document to write, repeatable: ${formats.join(', ')} (default text)`, collect)
    .option('-o, --output <file>', 'where the one format without a file of its own goes')
    .addOption(new Option('--view <READER>', 'for whom').choices(['all', 'vendor', 'integrator', 'operator', 'assessor']).default('all'))
    .addOption(new Option('--fail-on <WHAT>', 'exit code 1 on a gap in a "shall", in any provision, or never').choices(['shall', 'any', 'never']).default('shall'))
    .addHelpText('after', '\nExit codes: 0 no gap · 1 gap · 2 the scan is incomplete · 3 nothing there · 4 usage')
    .action(async (path: string, options: ReportOptions) => {
      process.exitCode = await runConformity(path, options);
    });
  addSubjectOptions(command.command('init')
    .description('Write a declaration with the questions that are open for the roles held.')
    .argument('<path>', 'a folder, or a JSON report of assay scan --facts'))
    .option('-o, --output <file>', 'where it goes (default stdout)')
    .action(async (path: string, options: SubjectOptions & { output?: string }) => {
      process.exitCode = await runInit(path, options);
    });
  command.command('verify')
    .description('Check a declaration: dates, digests of the documents cited, the subject, the signature.')
    .argument('<declaration>', 'a YAML declaration')
    .argument('[path]', 'the folder that it is about; without it the digest of the subject is not compared')
    .option('--declaration-key <PEM>', 'public key that the declaration must be signed with; repeatable', collect)
    .option('--ledger <FILE>', 'ledger in the folder, which is no part of the subject')
    .option('--at <DATE>', 'judge dates as of YYYY-MM-DD (default: SOURCE_DATE_EPOCH, else the clock)')
    .addOption(new Option('-f, --format <name>', 'form of the result').choices(['text', 'json']).default('text'))
    .addHelpText('after', '\nExit codes: 0 every statement counts · 1 some do not · 4 usage')
    .action(async (file: string, path: string | undefined, options: VerifyOptions, self: Command) => {
      process.exitCode = await runVerifyDeclaration(file, path, { ...options, ...self.optsWithGlobals<VerifyOptions>(), format: options.format });
    });
}

/** Judges, writes every document asked for, and gives the exit code. */
export async function runConformity(path: string, options: ReportOptions): Promise<number> {
  const outputs = outputsFrom(options.format ?? ['text'], options.output);
  const { basis, result } = await judged(path, options);
  if (basis.assets.length === 0) {
    note('assay: nothing to judge, no file was found');
    return exitCodes.empty;
  }
  for (const { format, file } of outputs) {
    const document = await written(result, format, options.view);
    if (file === undefined) await toStdout(document);
    else toFile(file, document);
  }
  return exitCodeOf(result, options.failOn);
}

/** An incomplete scan comes first, as with assay scan: what was not read matters more than what was found. */
function exitCodeOf(result: Conformity, failOn: 'shall' | 'any' | 'never'): number {
  if (failOn === 'never') return exitCodes.done;
  if (!result.scan.complete) return exitCodes.incomplete;
  const forces = failOn === 'shall' ? ['shall'] as const : ['shall', 'should'] as const;
  return forces.some((force) => result.counts[force].gap + result.counts[force].contradicted > 0) ? exitCodes.findings : exitCodes.done;
}

async function written(result: Conformity, format: Format, view: View): Promise<string> {
  if (format === 'json') return `${JSON.stringify({ ...result, view }, undefined, 2)}\n`;
  if (format === 'cyclonedx' || format === 'cyclonedx-1.6') return (await import('../conformity/export/cyclonedx.ts')).conformityCyclonedx(result, format === 'cyclonedx' ? '1.7' : '1.6');
  if (format === 'oscal') return (await import('../conformity/export/oscal.ts')).conformityOscal(result);
  const [{ viewOf }, { blocksAsHtml, blocksAsMarkdown, blocksAsText }] = await Promise.all([import('../conformity/views.ts'), import('../report/blocks.ts')]);
  const blocks = viewOf(result, view);
  if (format === 'html') return blocksAsHtml(`Assay conformity: ${result.subject.name}`, blocks);
  return format === 'markdown' ? blocksAsMarkdown(blocks) : blocksAsText(blocks);
}

function outputsFrom(given: readonly string[], output: string | undefined): { format: Format; file?: string }[] {
  const outputs = given.map((one) => {
    const cut = one.indexOf('=');
    const name = cut === -1 ? one : one.slice(0, cut);
    const format = formats.find((known) => known === name);
    if (format === undefined) throw new UsageError(`there is no format ${name}; allowed are ${formats.join(', ')}`);
    const file = cut === -1 ? undefined : one.slice(cut + 1);
    if (file === '') throw new UsageError('a format has = but no file after it; write -f json=conformity.json');
    return { format, ...(file === undefined ? {} : { file }) };
  });
  const open = outputs.filter(({ file }) => file === undefined);
  if (open.length > 1) throw new UsageError(`${open.map(({ format }) => format).join(' and ')} would both go to stdout; give all but one a file: -f NAME=FILE`);
  if (output !== undefined && open.length !== 1) throw new UsageError('-o takes the one format that has no file of its own; write -f NAME=FILE');
  return outputs.map((one) => (one.file === undefined && output !== undefined ? { ...one, file: output } : one));
}

/** Scans or reads, gathers, and judges. */
export async function judged(path: string, options: SubjectOptions): Promise<{ basis: Basis; result: Conformity; declaration?: CheckedDeclaration }> {
  const when = asOf(options.at);
  const { report, root, facts } = await reportOf(path, options, when.date);
  const [{ assetsOf, textsOf }, { subjectOf }, { assess }, inputs, signing, { chosenRules }] = await Promise.all([
    import('../conformity/gather.ts'), import('../conformity/subject.ts'), import('../conformity/assess.ts'), import('./conformity-inputs.ts'), import('./conformity-signatures.ts'), import('../run/rules.ts'),
  ]);
  const rules = await chosenRules();
  const assets = assetsOf(report.inspected, root);
  const texts = root === undefined ? undefined : textsOf(root, assets);
  const parsed = options.declaration === undefined ? undefined : await declarationAt(options.declaration);
  const own = [options.declaration, options.declaration === undefined ? undefined : `${options.declaration}.sig`, options.ledger].flatMap((one) => within(root, one));
  const subject = subjectOf(parsed?.subject.name ?? report.root, options.release ?? parsed?.subject.version, assets, new Set(own));
  const boms = await inputs.bomsOf(root, assets, texts, options.bom ?? []);
  const history = options.ledger === undefined ? undefined : { ...(await import('../ledger/ledger.ts')).readLedger(options.ledger, keysFrom(options.ledgerKey, '--ledger-key')), path: shownAs(root, options.ledger) };
  const kind = (options.kind ?? parsed?.kind ?? 'unknown') as RootKind;
  const basis: Basis = {
    report, rules, assets, texts, hasFacts: facts, allRules: report.tool.ruleset === (await rulesetOf(rules)), boms, subject, kind,
    incomplete: incompleteOf(report),
    advisories: inputs.advisoriesOf(boms, texts),
    signatures: await signing.signaturesOf(root, { assets, trusted: signing.trustedFrom(keysFrom(options.key, '--key'), options), ignore: subject.excluded.filter((one) => one !== 'model.sig'), at: new Date(`${when.date}T00:00:00Z`) }),
    signers: parsed?.signers ?? [],
    ...(history === undefined ? {} : { history }), ...(parsed === undefined ? {} : { declaration: { ...parsed, path: shownAs(root, parsed.path) } }),
    roles: rolesFrom(options.role) ?? (parsed !== undefined && parsed.roles.length > 0 ? parsed.roles : ['developer', 'system-operator']),
    deployed: parsed?.deployed ?? true,
    asOf: when.date, asOfFrom: when.from,
  };
  const alias = (options.profile ?? parsed?.profile ?? 'etsi-en-304-223') as Alias;
  const declaration = parsed === undefined ? undefined : await checkedDeclaration(parsed, when.date, subject.digest, true, keysFrom(options.declarationKey, '--declaration-key'));
  const shown = declaration === undefined || basis.declaration === undefined ? undefined : { ...declaration, declaration: basis.declaration };
  const result = assess(basis, { alias, ...(shown === undefined ? {} : { declaration: shown }) });
  return { basis, result, ...(declaration === undefined ? {} : { declaration }) };
}

async function rulesetOf(rules: Basis['rules']): Promise<string> {
  const { assemble } = await import('../run/assemble.ts');
  return assemble([], { root: '', rules, failOn: 'high' }).tool.ruleset;
}

/** A scan of the folder, or the report that was given. */
async function reportOf(path: string, options: SubjectOptions, today: string): Promise<{ report: Report; root?: string; facts: boolean }> {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw new UsageError(`${path} is not there; name a folder, or a JSON report of assay scan`);
  if (stat.isFile() && path.endsWith('.json')) {
    const { readReport } = await import('../report/json.ts');
    const text = readFileSync(path, 'utf8');
    if (/"artefacts"\s*:/.test(text) && /"schemaVersion"/.test(text)) {
      const read = readReport(text, path);
      const facts = read.artefacts.every((one) => one.facts !== undefined);
      const inspected = read.artefacts.map((one) => ({ artefact: { id: one.path, size: one.size, format: one.format, digests: one.sha256 === undefined ? {} : { sha256: one.sha256 } }, coverage: one.coverage, facts: one.facts ?? [] }));
      return { report: { tool: read.tool, root: read.root, ...(read.shard === undefined ? {} : { shard: read.shard }), failOn: read.failOn, summary: read.summary, inspected, findings: read.findings }, facts };
    }
  }
  if (!stat.isDirectory()) throw new UsageError(`${path} is neither a folder nor a JSON report of assay scan`);
  const { scan } = await import('../run/scan.ts');
  const accepted = options.baseline === undefined ? undefined : (await import('../report/baseline.ts')).readBaseline(readSmall(options.baseline, '--baseline'), options.baseline, today);
  const report = await scan([path], { facts: 'all', ...(options.probe === false ? { probe: false } : {}), ...(accepted === undefined ? {} : { accepted }) });
  return { report, root: realpathSync(path), facts: true };
}

/** Why a report does not cover everything. What a baseline accepts was not read all the same. */
function incompleteOf({ inspected, findings, summary, shard }: Report): string[] {
  const gaps = new Map(findings.filter(({ rule, severity }) => rule === 'scan-gap' && severity !== 'info' && severity !== 'low').map(({ artefact, message }) => [artefact, message]));
  return [
    ...(shard === undefined ? [] : [`only part ${shard} was scanned`]), ...(summary.excluded > 0 ? [`${summary.excluded} entries were left out`] : []),
    ...inspected.filter(({ artefact, coverage }) => coverage === 'partial' || coverage === 'failed' || gaps.has(artefact.id)).map(({ artefact, facts }) => {
      const gap = facts.find((fact) => fact.kind === 'gap');
      return `${artefact.id}: ${gaps.get(artefact.id) ?? gap?.what ?? 'not read to its end'}`;
    }),
  ];
}

function rolesFrom(given: readonly string[] | undefined): Role[] | undefined {
  if (given === undefined) return undefined;
  const known: readonly Role[] = ['developer', 'system-operator', 'data-custodian'];
  return [...new Set(given.flatMap((one) => one.split(',')))].map((one) => {
    const role = known.find((name) => name === one.trim());
    if (role === undefined) throw new UsageError(`--role is ${one}; allowed are ${known.join(', ')}`);
    return role;
  });
}

export function keysFrom(paths: readonly string[] | undefined, option: string): KeyObject[] {
  return (paths ?? []).map((path) => publicKeyFrom(readSmall(path, option), path));
}

/** The date by which dates are judged, and where it is from. */
export function asOf(at: string | undefined): { date: string; from: Basis['asOfFrom'] } {
  if (at !== undefined) {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(at) || Number.isNaN(Date.parse(at))) throw new UsageError(`--at is ${at}; allowed is a date YYYY-MM-DD`);
    return { date: at, from: '--at' };
  }
  const epoch = process.env['SOURCE_DATE_EPOCH'];
  if (epoch !== undefined && /^\d{1,11}$/.test(epoch)) return { date: new Date(Number(epoch) * 1000).toISOString().slice(0, 10), from: 'SOURCE_DATE_EPOCH' };
  return { date: new Date().toISOString().slice(0, 10), from: 'the clock' };
}

/** How a file beside the root is named in documents: they hold no path of somebody's machine. */
function shownAs(root: string | undefined, file: string): string {
  return within(root, file)[0] ?? basename(file);
}

/** The path under the root of a file that lies there; nothing otherwise. */
function within(root: string | undefined, file: string | undefined): string[] {
  if (root === undefined || file === undefined) return [];
  let real: string;
  try {
    real = join(realpathSync(dirname(resolve(file))), basename(file));
  } catch {
    return []; // its folder is not there: reading it says so
  }
  const path = relative(root, real);
  return path === '' || path.startsWith('..') ? [] : [path.split(sep).join('/')];
}

async function declarationAt(path: string): ReturnType<typeof import('../conformity/declaration.ts')['parseDeclaration']> {
  const { parseDeclaration } = await import('../conformity/declaration.ts');
  const text = readSmall(path, '--declaration');
  return parseDeclaration(text, path, createHash('sha256').update(text, 'utf8').digest('hex'));
}

async function checkedDeclaration(declaration: Awaited<ReturnType<typeof declarationAt>>, date: string, subjectDigest: string | undefined, hasSubject: boolean, keys: readonly KeyObject[]): Promise<CheckedDeclaration> {
  const [{ checkDeclaration, hashDocuments }, { declarationSignature }] = await Promise.all([import('../conformity/statements.ts'), import('./conformity-signatures.ts')]);
  return checkDeclaration(declaration, { asOf: date, subjectDigest, hasSubject, signature: await declarationSignature(declaration.path, keys), documents: await hashDocuments(declaration) });
}

async function runInit(path: string, options: SubjectOptions & { output?: string }): Promise<number> {
  const { basis, result } = await judged(path, options);
  if (basis.assets.length === 0) {
    note('assay: nothing to judge, no file was found');
    return exitCodes.empty;
  }
  const { questionnaire } = await import('../conformity/questionnaire.ts');
  const text = questionnaire(result);
  if (options.output === undefined) await toStdout(text);
  else toFile(options.output, text);
  return exitCodes.done;
}

interface VerifyOptions {
  readonly declarationKey?: readonly string[];
  readonly ledger?: string;
  readonly at?: string;
  readonly format: 'text' | 'json';
}

async function runVerifyDeclaration(file: string, path: string | undefined, options: VerifyOptions): Promise<number> {
  const when = asOf(options.at);
  const parsed = await declarationAt(file);
  let digest: string | undefined;
  if (path !== undefined) {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) throw new UsageError(`${path} is no folder`);
    const [{ scan }, { assetsOf }, { subjectOf }] = await Promise.all([import('../run/scan.ts'), import('../conformity/gather.ts'), import('../conformity/subject.ts')]);
    const root = realpathSync(path);
    const report = await scan([path], { facts: 'all', probe: false });
    digest = subjectOf(parsed.subject.name, undefined, assetsOf(report.inspected, root), new Set([file, `${file}.sig`, options.ledger].flatMap((one) => within(root, one)))).digest;
  }
  const checked = await checkedDeclaration(parsed, when.date, digest, path !== undefined, keysFrom(options.declarationKey, '--declaration-key'));
  const bad = [...checked.attestations, ...checked.exceptions].filter(({ faults }) => faults.length > 0).length;
  const ok = bad === 0 && checked.faults.length === 0;
  if (options.format === 'json') {
    await toStdout(`${JSON.stringify({
      schemaVersion: 1, verified: ok, asOf: { date: when.date, from: when.from }, signature: checked.signature, subject: path === undefined ? 'not compared' : digest ?? 'unknown', faults: checked.faults,
      attestations: checked.attestations.map(({ attestation, faults }) => ({ provision: attestation.provision, state: attestation.state, counts: faults.length === 0, faults })),
      exceptions: checked.exceptions.map(({ exception, faults }) => ({ component: exception.component, counts: faults.length === 0, faults })),
    }, undefined, 2)}\n`);
  } else {
    const lines = [
      ok ? `every statement counts: ${checked.attestations.length} attestations, ${checked.exceptions.length} exceptions` : `not every statement counts: ${bad} of ${checked.attestations.length + checked.exceptions.length} do not`,
      `dates judged as of ${when.date} (${when.from})`, `signature: ${checked.signature.state}, ${checked.signature.detail}`, `subject: ${path === undefined ? 'not compared, no folder was given' : digest === undefined ? 'could not be hashed as a whole' : `sha256:${digest}`}`,
      ...checked.faults.map(({ kind, detail }) => `  ${kind}: ${detail}`),
      ...checked.attestations.flatMap(({ attestation, faults }) => faults.filter((one) => !checked.faults.includes(one)).map(({ kind, detail }) => `  ${attestation.provision} ${kind}: ${detail}`)),
      ...checked.exceptions.flatMap(({ exception, faults }) => faults.filter((one) => !checked.faults.includes(one)).map(({ kind, detail }) => `  exception of ${exception.component} ${kind}: ${detail}`)),
    ];
    await toStdout(`${lines.map(plain).join('\n')}\n`);
  }
  return ok ? exitCodes.done : exitCodes.findings;
}
