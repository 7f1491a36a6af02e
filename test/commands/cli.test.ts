import { execFile, execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { folder } from '../support/folder.ts';
import { fixtures, project } from '../support/samples.ts';
import { complaints } from '../support/validate.ts';

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function assay(...args: string[]): Promise<Ended> {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [join(project, 'src/cli.ts'), ...args], { maxBuffer: 1 << 28 });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}

const pickle = join(fixtures, 'pickle/os-system.pkl');
const evil = readFileSync(pickle);

test('a pickle that runs a command fails the scan with code 1, and says what it would run', async () => {
  const ended = await assay('scan', pickle);
  expect(ended).toMatchObject({ code: 1 });
  expect(ended.stdout).toMatch(/^FINDINGS {2}os-system\.pkl/);
  expect(ended.stdout).toContain('os.system');
  expect(ended.stdout).toContain('Fix:');
  expect(ended.stderr).toMatch(/1 file scanned, 0 not fully read; findings: 1 critical/);
});

test('the same with --fail-on never ends with 0', async () => {
  expect((await assay('scan', pickle, '--fail-on', 'never', '-q')).code).toBe(0);
});

test('a folder with nothing in it is not clean: code 3', async () => {
  const ended = await assay('scan', folder());
  expect(ended).toMatchObject({ code: 3 });
  expect(ended.stdout).toMatch(/^NOTHING TO SCAN/);
});

test('files that nothing reads are not clean either', async () => {
  expect((await assay('scan', folder({ 'notes.txt': 'hello' }))).code).toBe(3);
});

test.for([
  [['scan', 'missing-file'], /missing-file cannot be read: there is no such file or folder/],
  [['scan', '-'], /standard input/],
  [['scan'], /missing required argument/],
  [['scan', '.', '-f', 'pdf'], /no format pdf; allowed are/],
  [['scan', '.', '-f', 'json', '-f', 'sarif'], /both go to stdout/],
  [['scan', '.', '--fail-on', 'awful'], /--fail-on is awful; allowed are critical/],
  [['scan', '.', '--jobs', '0'], /--jobs is 0; allowed is a whole number from 1/],
  [['scan', '.', '--rules', 'no-such-rule'], /no rule no-such-rule/],
  [['scan', '.', '--skip-rules', 'scan-gap'], /cannot be skipped/],
  [['scan', '.', '--max-read', 'much'], /--max-read is much/],
  [['scan', '.', '--config', 'nowhere.json'], /configuration nowhere.json/],
  [['scan', '.', '--baseline', 'nowhere.json'], /baseline nowhere.json is not there/],
  [['scan', '.', '--baseline', '.'], /baseline . cannot be read: EISDIR/],
  [['scan', '.', '--jobs', '100000'], /--jobs is 100000; allowed is a whole number from 1 to 256/],
  [['scan', '.', '--rules', ''], /list of rules is empty/],
  [['scan', '.', '--severity', 'awful'], /--severity is awful/],
  [['scan', '.', '--cache-dir', 'package.json'], /--cache-dir package.json cannot be used: EEXIST/],
  [['scan', 'LICENSE', '-o', 'LICENSE/report'], /LICENSE\/report cannot be written/],
  [['scan', '.', '-f', 'toString'], /no format toString/],
  [['scan', '.', '-f', '__proto__'], /no format __proto__/],
  [['scan', '.', '--shard', '3/2'], /--shard is 3\/2/],
  [['scan', '.', '--frobnicate'], /unknown option/],
  [['frobnicate'], /unknown command/],
  [['constructor'], /unknown command/],
  [['rules', 'no-such-rule'], /there is no rule/],
  [['diff', 'a.json', 'b.json'], /a.json cannot be read/],
] as const)('assay %j is a usage error without a stack trace', async ([args, words]) => {
  const ended = await assay(...args);
  expect(ended.code).toBe(4);
  expect(ended.stderr).toMatch(words);
  expect(ended.stderr).not.toMatch(/^\s+at /m);
});

test('what could not be read outranks what was found: code 2', async () => {
  const path = folder({ 'evil.pkl': evil, 'model.safetensors': 'short' });
  const ended = await assay('scan', path);
  expect(ended.code).toBe(2);
  expect(ended.stdout).toMatch(/^INCOMPLETE/);
  expect(ended.stdout).toContain('os.system');
});

test('a gap that does not matter at the threshold does not fail the scan', async () => {
  const path = folder({ 'model.safetensors': 'short' });
  expect((await assay('scan', path, '--fail-on', 'critical')).code).toBe(0);
});

test('a 1 TiB sparse file is answered at once, with a gap', async () => {
  const path = folder({ 'huge.safetensors': '', 'small.pkl': evil });
  truncateSync(join(path, 'huge.safetensors'), 2 ** 40);
  const begun = performance.now();
  const ended = await assay('scan', path);
  expect(performance.now() - begun).toBeLessThan(20_000);
  expect(ended.code).toBe(2);
  expect(ended.stdout).toMatch(/holes/);
  expect(ended.stdout).toContain('os.system');
});

test.skipIf(process.getuid?.() === 0)('an unreadable file is a gap, and the rest is scanned', async () => {
  const path = folder({ 'a.pkl': evil, 'b.pkl': evil });
  chmodSync(join(path, 'b.pkl'), 0);
  const ended = await assay('scan', path);
  expect(ended.code).toBe(2);
  expect(ended.stdout).toContain('EACCES');
  expect(ended.stdout).toContain('os.system');
});

test('several documents come from one scan, each in its file, whole', async () => {
  const out = folder();
  const ended = await assay('scan', pickle, '-q', '-f', `json=${join(out, 'deep/r.json')}`, '-f', `sarif=${join(out, 'r.sarif')}`, '-f', 'text');
  expect(ended.code).toBe(1);
  expect(ended.stdout).toMatch(/^FINDINGS/);
  expect(ended.stderr).toBe('');
  expect(complaints('src/report/report.schema.json', JSON.parse(readFileSync(join(out, 'deep/r.json'), 'utf8')))).toEqual([]);
  expect(complaints('test/schemas/sarif-2.1.0.schema.json', JSON.parse(readFileSync(join(out, 'r.sarif'), 'utf8')))).toEqual([]);
});

test.runIf(process.platform === 'linux')('a report goes through a link and into a pipe, and replaces neither', async () => {
  const out = folder({ real: '' });
  symlinkSync('real', join(out, 'link'));
  execFileSync('mkfifo', [join(out, 'pipe')]);
  const reading = promisify(execFile)('cat', [join(out, 'pipe')]);
  expect((await assay('scan', pickle, '-q', '-f', `json=${join(out, 'link')}`, '-f', `sarif=${join(out, 'pipe')}`)).code).toBe(1);
  expect((await reading).stdout).toContain('"version": "2.1.0"');
  expect(lstatSync(join(out, 'link')).isSymbolicLink()).toBe(true);
  expect(lstatSync(join(out, 'pipe')).isFIFO()).toBe(true);
  expect(readFileSync(join(out, 'real'), 'utf8')).toContain('os.system');
  expect(readdirSync(out).toSorted()).toEqual(['link', 'pipe', 'real']);
});

test.runIf(existsSync('/dev/full'))('a result that cannot be written is a message and code 4', async () => {
  const ended = await promisify(execFile)('sh', ['-c', '"$0" "$1" scan "$2" > /dev/full; echo $?', process.execPath, join(project, 'src/cli.ts'), pickle]);
  expect(ended).toMatchObject({ stdout: '4\n', stderr: 'assay: the result cannot be written: ENOSPC\n' });
});

test('a report file is written also when there is nothing to report', async () => {
  const out = join(folder(), 'clean.json');
  await assay('scan', folder(), '-f', `json=${out}`);
  expect(JSON.parse(readFileSync(out, 'utf8'))).toMatchObject({ summary: { verdict: 'empty' }, findings: [] });
});

test('no absolute path gets into a report', async () => {
  const path = folder({ 'evil.pkl': evil });
  for (const format of ['json', 'sarif', 'text']) expect((await assay('scan', path, '-q', '-f', format)).stdout).not.toContain(path);
});

test('a baseline accepts what it names, with a reason, and nothing else', async () => {
  const path = folder({ 'evil.pkl': evil });
  const baseline = join(folder(), 'baseline.json');
  expect((await assay('scan', path, '-q', '--write-baseline', baseline)).code).toBe(1);
  const accepted = await assay('scan', path, '-q', '--baseline', baseline, '--show-suppressed');
  expect(accepted.code).toBe(0);
  expect(accepted.stdout).toContain('Accepted by the baseline');
  writeFileSync(join(path, 'other.pkl'), evil);
  expect((await assay('scan', path, '-q', '--baseline', baseline)).code).toBe(1);
});

test('an entry of a baseline ends with its date, and none goes without a reason', async () => {
  const path = folder({ 'evil.pkl': evil });
  const baseline = join(folder(), 'baseline.json');
  await assay('scan', path, '-q', '--write-baseline', baseline);
  const written = JSON.parse(readFileSync(baseline, 'utf8')) as { accepted: { reason: string; expires?: string }[] };
  writeFileSync(baseline, JSON.stringify({ ...written, accepted: written.accepted.map((entry) => ({ ...entry, expires: '2020-01-01' })) }));
  expect((await assay('scan', path, '-q', '--baseline', baseline)).code).toBe(1);
  writeFileSync(baseline, JSON.stringify({ ...written, accepted: written.accepted.map((entry) => ({ ...entry, reason: ' ' })) }));
  expect((await assay('scan', path, '-q', '--baseline', baseline)).code).toBe(4);
});

test('options can come from a file, and the command line wins', async () => {
  const path = folder({ 'evil.pkl': evil });
  const config = join(folder({ 'c.json': '{"fail-on": "never", "format": ["json"]}' }), 'c.json');
  const ended = await assay('scan', path, '-q', '--config', config);
  expect(ended.code).toBe(0);
  expect(ended.stdout).toMatch(/^\{/);
  expect((await assay('scan', path, '-q', '--config', config, '--fail-on', 'high')).code).toBe(1);
});

test('shards merged are the whole, byte for byte', async () => {
  const path = folder({ 'a/evil.pkl': evil, 'b/evil.pkl': evil, 'c.txt': 'x', 'd/e.json': '{}' });
  const out = folder();
  for (const part of [1, 2, 3]) await assay('scan', path, '-q', '--shard', `${part}/3`, '-f', `json=${join(out, `${part}.json`)}`);
  const merged = await assay('merge', ...[1, 2, 3].map((part) => join(out, `${part}.json`)), '-f', 'json', '--facts');
  const whole = await assay('scan', path, '-q', '-f', 'json', '--facts');
  expect(merged).toMatchObject({ code: 1, stdout: whole.stdout });
  expect((await assay('merge', join(out, '1.json'), join(out, '1.json'))).code).toBe(4);
});

test('a cache gives the same report, also for a copy in another place', async () => {
  const cache = folder();
  const path = folder({ 'x/evil.pkl': evil });
  const first = await assay('scan', path, '-q', '-f', 'json', '--cache-dir', cache);
  mkdirSync(join(path, 'y'));
  writeFileSync(join(path, 'y/evil.pkl'), evil);
  const second = await assay('scan', path, '-q', '-f', 'json', '--cache-dir', cache);
  const without = await assay('scan', path, '-q', '-f', 'json', '--cache-dir', cache, '--no-cache');
  expect(first.code).toBe(1);
  expect(second.stdout).toBe(without.stdout);
});

test('a damaged entry of a cache does not stand for the file', async () => {
  const cache = folder();
  const path = folder({ 'evil.pkl': evil });
  for (const entry of ['[]', '{}', '[{"artefact":{"id":"","digests":{}},"facts":[]}]', 'null']) {
    await assay('scan', path, '-q', '--cache-dir', cache);
    const kept = readdirSync(cache, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'));
    expect(kept).toHaveLength(1);
    writeFileSync(join(cache, kept[0]!), entry);
    expect((await assay('scan', path, '-q', '--cache-dir', cache)).code).toBe(1);
  }
});

test.for([
  ['artefacts', [1]], ['artefacts', [{ path: 'x' }]], ['findings', [null]], ['findings', [{ rule: 3 }]], ['summary', null], ['root', 7],
] as const)('a report whose %s is %j is refused by diff and merge', async ([key, value]) => {
  const out = folder();
  const [whole, damaged] = [join(out, 'whole.json'), join(out, 'damaged.json')];
  await assay('scan', pickle, '-q', '--facts', '-f', `json=${whole}`);
  writeFileSync(damaged, JSON.stringify({ ...(JSON.parse(readFileSync(whole, 'utf8')) as object), [key]: value }));
  for (const args of [['diff', whole, damaged], ['diff', damaged, whole], ['merge', damaged]]) {
    const ended = await assay(...args);
    expect(ended).toMatchObject({ code: 4, stdout: '' });
    expect(ended.stderr).toMatch(/damaged\.json is not a whole report/);
  }
});

test('diff tells what came and went', async () => {
  const out = folder();
  const path = folder({ 'evil.pkl': evil });
  await assay('scan', path, '-q', '-f', `json=${join(out, 'old.json')}`);
  writeFileSync(join(path, 'evil2.pkl'), evil);
  await assay('scan', path, '-q', '-f', `json=${join(out, 'new.json')}`);
  const ended = await assay('diff', join(out, 'old.json'), join(out, 'new.json'));
  expect(ended.code).toBe(1);
  expect(ended.stdout).toMatch(/^\+ critical .* evil2\.pkl/m);
  expect(ended.stdout).toMatch(/^\+ evil2\.pkl$/m);
  expect(await assay('diff', join(out, 'old.json'), join(out, 'old.json'))).toMatchObject({ code: 0, stdout: 'no difference\n' });
});

test('rules and formats list what there is, and explain one rule', async () => {
  expect((await assay('rules')).stdout).toMatch(/^high +scan-gap/m);
  expect((await assay('rules', 'scan-gap')).stdout).toMatch(/Fix: /);
  expect((await assay('formats')).stdout).toMatch(/^safetensors /m);
  expect(JSON.parse((await assay('formats', '-f', 'json')).stdout)).toBeInstanceOf(Array);
});

test('--severity leaves lesser findings out of every document, not out of the counts', async () => {
  const path = folder({ 'README.md': '---\nbase_model: org/base\nlicense: mit\n---\n', 'evil.pkl': evil });
  const ended = await assay('scan', path, '-q', '-f', 'json', '--severity', 'high');
  const report = JSON.parse(ended.stdout) as { findings: { severity: string }[]; summary: { findings: { low: number } } };
  expect(report.findings.map(({ severity }) => severity)).toEqual(['critical']);
  expect(report.summary.findings.low).toBe(1);
});

test.runIf(process.platform === 'linux')('an interrupted scan ends with 130 and leaves no process behind', async () => {
  const path = folder({ 'huge.bin': '' });
  truncateSync(join(path, 'huge.bin'), 15 * 2 ** 30); // sparse, and just allowed: seconds of hashing
  const child = spawn(process.execPath, [join(project, 'src/cli.ts'), 'scan', path, '-q'], { stdio: 'ignore' });
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const inspecting = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'latin1').trim().split(' ');
  expect(inspecting[0]).not.toBe('');
  child.kill('SIGINT');
  const code = await new Promise((resolve) => child.once('exit', resolve));
  expect(code).toBe(130);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(inspecting.filter(runs)).toEqual([]);
});

/** Whether a process is there and is not merely waiting to be collected. */
function runs(pid: string): boolean {
  return existsSync(`/proc/${pid}/stat`) && !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
}
