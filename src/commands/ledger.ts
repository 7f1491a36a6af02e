// SPDX-License-Identifier: Apache-2.0
import { createHash, createPublicKey } from 'node:crypto';
import { lstatSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { Option, type Command } from 'commander';
import { roleOf } from '../conformity/asset.ts';
import { changedFiles, type History, type Release } from '../conformity/history.ts';
import { atLeastSeverity } from '../model/rule.ts';
import { UsageError } from '../model/usage-error.ts';
import { isEncrypted, privateKeyFrom } from '../provenance/keys.ts';
import { count, plain } from '../report/terminal.ts';
import { keysFrom } from './conformity.ts';
import { exitCodes } from './exit-codes.ts';
import { collect, readSmall } from './model-options.ts';
import { note, toStdout } from './output.ts';
import { passphraseFrom } from './passphrase.ts';

interface AddOptions {
  readonly ledger: string;
  readonly key: string;
  readonly passwordFile?: string;
  readonly release: string;
  readonly name?: string;
  readonly bom?: readonly string[];
  readonly event: Release['event'];
  readonly by: string;
  readonly note: string;
  readonly probe?: boolean;
}

interface ReadOptions {
  readonly ledger: string;
  readonly key?: readonly string[];
  readonly head?: string;
  readonly format: 'text' | 'json';
}

/** Adds `assay ledger add`, `verify` and `show`. */
export function register(program: Command): void {
  program.enablePositionalOptions();
  const ledger = program.command('ledger').description('An append-only, signed record of releases: digests, BOM, verdict. Makes silent changes, unlogged changes and stale evaluations visible.').enablePositionalOptions();
  ledger.command('add')
    .description('Scan a folder and append a signed entry for it.')
    .argument('<path>', 'folder of the release')
    .requiredOption('--ledger <FILE>', 'the ledger; made when it is not there')
    .requiredOption('--key <PEM>', 'private EC key to sign the entry with')
    .option('--password-file <FILE>', 'passphrase of the key')
    .requiredOption('--release <VERSION>', 'version of the release')
    .option('--name <NAME>', 'name of the subject (default: the folder)')
    .option('--bom <FILE>', 'BOM of the release that lies elsewhere; repeatable', collect)
    .addOption(new Option('--event <EVENT>', 'what is recorded').choices(['release', 'change', 'evaluation', 'disposal']).default('release'))
    .option('--by <NAME>', 'who records it', '')
    .option('--note <TEXT>', 'why: what changed in prompts, settings, weights', '')
    .option('--no-probe', 'do not run ONNX models')
    .action(async (path: string, options: AddOptions) => {
      process.exitCode = await add(path, options);
    });
  ledger.command('verify')
    .description('Check the chain and the signatures, and compare a folder with the last entry.')
    .argument('[path]', 'folder to compare with the last entry')
    .requiredOption('--ledger <FILE>', 'the ledger')
    .option('--key <PEM>', 'public key of those who may sign entries; repeatable', collect)
    .option('--head <SHA256>', 'digest of the last entry as you noted it: tells a ledger that was cut short')
    .addOption(new Option('-f, --format <name>', 'form of the result').choices(['text', 'json']).default('text'))
    .addHelpText('after', '\nExit codes: 0 it holds · 1 it does not, or the folder differs · 2 signatures were not checked · 3 no entry · 4 usage')
    .action(async (path: string | undefined, options: ReadOptions) => {
      process.exitCode = await verify(path, options);
    });
  ledger.command('show')
    .description('List the entries and what changed between them.')
    .requiredOption('--ledger <FILE>', 'the ledger')
    .option('--key <PEM>', 'public key of those who may sign entries; repeatable', collect)
    .addOption(new Option('-f, --format <name>', 'form of the result').choices(['text', 'json']).default('text'))
    .action(async (options: ReadOptions) => {
      process.exitCode = await show(options);
    });
}

/** What is under a folder now. The ledger itself is no part of it. */
async function stateOf(path: string, ledger: string, probe: boolean): Promise<{ files: Record<string, string>; digest: string | undefined; report: Awaited<ReturnType<typeof import('../run/scan.ts')['scan']>>; assets: ReturnType<typeof import('../conformity/gather.ts')['assetsOf']> }> {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) throw new UsageError(`${path} is no folder; a release is recorded as a folder`);
  const [{ scan }, { assetsOf }, { subjectOf }] = await Promise.all([import('../run/scan.ts'), import('../conformity/gather.ts'), import('../conformity/subject.ts')]);
  const root = realpathSync(path);
  const report = await scan([path], { facts: 'all', ...(probe ? {} : { probe: false }) });
  const assets = assetsOf(report.inspected, root);
  const place = relative(root, join(realpathSync(dirname(resolve(ledger))), basename(ledger))).split(sep).join('/');
  const subject = subjectOf(report.root, undefined, assets, new Set([place]));
  const files = Object.fromEntries(assets.filter((one) => one.sha256 !== undefined && !subject.excluded.includes(one.path)).map((one) => [one.path, one.sha256!]));
  return { files, digest: subject.digest, report, assets };
}

async function add(path: string, options: AddOptions): Promise<number> {
  if (options.release.trim() === '') throw new UsageError('--release is empty; give the version');
  const pem = readSmall(options.key, '--key');
  const key = privateKeyFrom(pem, options.key, isEncrypted(pem, options.key) ? await passphraseFrom(options.passwordFile, options.key) : undefined);
  const there = lstatSync(options.ledger, { throwIfNoEntry: false });
  if (there !== undefined && !there.isFile()) throw new UsageError(`the ledger ${options.ledger} is not a file`);
  const { files, digest, report, assets } = await stateOf(path, options.ledger, options.probe !== false);
  if (assets.length === 0) {
    note('assay: nothing to record, no file was found');
    return exitCodes.empty;
  }
  if (digest === undefined) throw new UsageError(`${path} cannot be recorded: not every file could be read to its end (assay scan says which)`);
  const of = (wanted: (name: string) => boolean): Record<string, string> => Object.fromEntries(Object.entries(files).filter(([name]) => wanted(name)));
  const { append } = await import('../ledger/ledger.ts');
  const { sequence, head } = await append(options.ledger, {
    name: options.name ?? report.root, version: options.release, time: now(), event: options.event, subject: digest, files,
    boms: { ...of((name) => /\b(s?bom|cdx|spdx)\b.*\.json$/i.test(name)), ...Object.fromEntries((options.bom ?? []).map((one) => [basename(one), digestOf(one)])) },
    evaluations: of((name) => roleOf(name, '') === 'evaluation'),
    verdict: report.summary.verdict, findings: report.summary.findings,
    open: report.findings.filter(({ suppressed, severity }) => suppressed === undefined && atLeastSeverity(severity, 'high')).map(({ fingerprint }) => fingerprint).slice(0, 500),
    tool: `assay ${report.tool.version}`, ruleset: report.tool.ruleset, by: options.by, note: options.note,
  }, key, createPublicKey(key));
  await toStdout(`entry ${sequence}: ${plain(options.name ?? report.root)} ${plain(options.release)}, ${count(Object.keys(files).length, 'file')}, verdict ${report.summary.verdict}\nsubject sha256:${digest}\nhead sha256:${head}\n`);
  return exitCodes.done;
}

function digestOf(path: string): string {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex');
  } catch (error) {
    throw new UsageError(`--bom ${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
}

/** The time of an entry; SOURCE_DATE_EPOCH sets the clock, so that a run can be repeated. */
function now(): string {
  const epoch = process.env['SOURCE_DATE_EPOCH'];
  const time = epoch !== undefined && /^\d{1,11}$/.test(epoch) ? new Date(Number(epoch) * 1000) : new Date();
  return `${time.toISOString().slice(0, 19)}Z`;
}

async function verify(path: string | undefined, options: ReadOptions): Promise<number> {
  const { readLedger } = await import('../ledger/ledger.ts');
  const history = readLedger(options.ledger, keysFrom(options.key, '--key'));
  const faults = [...history.faults];
  if (options.head !== undefined && options.head.replace(/^sha256:/, '') !== history.head) faults.push(`its head is sha256:${history.head}, expected is ${options.head}: entries were removed or added since`);
  const last = history.releases.at(-1);
  let differences: ReturnType<typeof changedFiles> | undefined;
  if (path !== undefined && last !== undefined) {
    const state = await stateOf(path, options.ledger, false);
    differences = changedFiles(last.files, state.files);
    for (const [what, names] of Object.entries(differences) as [keyof typeof differences, string[]][]) for (const name of names) faults.push(`${name} ${{ added: 'came', removed: 'went', changed: 'changed' }[what]} since entry ${last.sequence} (${last.version}), without an entry`);
  }
  if (options.format === 'json') await toStdout(`${JSON.stringify({ schemaVersion: 1, state: history.state, entries: history.releases.length, head: history.head, signers: history.signers, faults, ...(differences === undefined ? {} : { differences }) }, undefined, 2)}\n`);
  else {
    const held = { verified: 'chain and signatures hold', 'chain-only': 'the chain holds; signatures were not checked, give --key', broken: 'broken' }[history.state];
    await toStdout(`${[`${plain(options.ledger)}: ${held}; ${count(history.releases.length, 'entry', 'entries')}`, `head sha256:${history.head}`, ...faults.slice(0, 200).map((fault) => `  ${plain(fault)}`)].join('\n')}\n`);
  }
  if (faults.length > 0) return exitCodes.findings;
  if (last === undefined) return exitCodes.empty;
  return history.state === 'verified' ? exitCodes.done : exitCodes.incomplete;
}

async function show(options: ReadOptions): Promise<number> {
  const { readLedger } = await import('../ledger/ledger.ts');
  const history = readLedger(options.ledger, keysFrom(options.key, '--key'));
  if (options.format === 'json') await toStdout(`${JSON.stringify({ schemaVersion: 1, ...history, releases: history.releases.map((one, i) => ({ ...one, remarks: remarks(history, i) })) }, undefined, 2)}\n`);
  else {
    const out = [`${plain(options.ledger)}: ${history.state}, head sha256:${history.head}`, ...history.faults.map((fault) => `  ${plain(fault)}`)];
    for (const [i, one] of history.releases.entries()) {
      out.push(`${one.sequence}  ${one.time}  ${one.event}  ${plain(one.name)} ${plain(one.version)}  sha256:${one.subject.slice(0, 16)}…  ${one.verdict}${one.by === '' ? '' : `  by ${plain(one.by)}`}${one.note === '' ? '' : `: ${plain(one.note)}`}`);
      for (const remark of remarks(history, i)) out.push(`     ${plain(remark)}`);
    }
    await toStdout(`${out.join('\n')}\n`);
  }
  return history.faults.length > 0 ? exitCodes.findings : history.releases.length === 0 ? exitCodes.empty : exitCodes.done;
}

const mostNames = 12;

/** What changed since the entry before, and what is odd about it. */
function remarks({ releases }: History, index: number): string[] {
  const [now_, before] = [releases[index]!, releases[index - 1]];
  if (before === undefined) return [];
  const { added, removed, changed } = changedFiles(before.files, now_.files);
  const names = [...changed.map((path) => `~ ${path}`), ...added.map((path) => `+ ${path}`), ...removed.map((path) => `- ${path}`)];
  const out = names.slice(0, mostNames);
  if (names.length > mostNames) out.push(`… and ${names.length - mostNames} more files`);
  const steering = [...changed, ...added, ...removed].filter((path) => ['prompt', 'configuration', 'tokenizer'].includes(roleOf(path, '')));
  const weights = [...changed, ...added, ...removed].filter((path) => ['weights', 'tokenizer'].includes(roleOf(path, '')));
  if (names.length > 0 && before.version === now_.version && before.name === now_.name) out.push('! changed without a new version');
  if (steering.length > 0 && now_.note.trim() === '') out.push(`! ${steering.length} prompt or configuration files changed without a note`);
  if (weights.length > 0 && !Object.entries(now_.evaluations).some(([path, digest]) => before.evaluations[path] !== digest)) out.push('! weights or tokenizer changed without a new evaluation');
  return out;
}
