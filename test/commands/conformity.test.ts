import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commands, conformity, judged, keyFiles, release, row, sha256 } from '../conformity/support.ts';

const plan = 'Recovery plan: restore the last signed release.\n';

/** A release and, beside it, a declaration about it. */
async function declared(root: string, body: string, digest?: string): Promise<string> {
  const { subject } = await judged(root);
  const file = join(root, 'conformity.yaml');
  writeFileSync(file, `schemaVersion: 1\nsubject: { name: acme, version: 1.4.0, digest: "sha256:${digest ?? subject.digest!}" }\nroles: [developer, system-operator]\n${body}`);
  return file;
}

const attestation = (more = ''): string => `attestations:
  - provision: 5.2.1-3
    state: met
    statement: The plan covers poisoning.
    evidence: [{ path: dr-plan.md, sha256: ${sha256(plan)} }]
    by: { name: J. Doe, role: Head of Operations }
    date: 2026-10-01
    expires: 2027-01-31
${more}`;

describe('a declaration', () => {
  test('counts while dates, documents and subject are right, and not when any of them is tampered with', async () => {
    const root = release({ 'dr-plan.md': plan });
    const file = await declared(root, attestation());
    expect(row(await judged(root, '--declaration', file), '5.2.1-3')).toMatchObject({ status: 'attested', attestation: { counts: true } });
    expect((await conformity('verify', file, root, '--at', '2026-11-01')).code).toBe(0);
    const after = async (what: string, ...argv: string[]): Promise<void> => {
      const result = row(await judged(root, '--declaration', file, ...argv), '5.2.1-3');
      expect(result).toMatchObject({ status: 'needs-attestation', attestation: { counts: false } });
      expect(result.reason).toContain(what);
    };
    await after('expired on 2027-01-31', '--at', '2027-02-01');
    await after('lies after 2026-09-01', '--at', '2026-09-01');
    const good = readFileSync(file, 'utf8');
    writeFileSync(file, good.replace(sha256(plan), sha256('another plan')));
    await after('dr-plan.md has the SHA-256');
    writeFileSync(file, good.replace(/sha256:[0-9a-f]{64}/, `sha256:${'0'.repeat(64)}`));
    await after('the declaration is about sha256:0000');
    expect(await conformity('verify', file, root, '--at', '2026-11-01')).toMatchObject({ code: 1 });
    writeFileSync(file, good);
    writeFileSync(join(root, 'config.json'), '{}');
    await after('the declaration is about');
  }, 60_000);

  test('that is signed does not count once it is changed', async () => {
    const { secret, open } = keyFiles();
    const root = release({ 'dr-plan.md': plan });
    const file = await declared(root, attestation());
    await commands.sign(file, '--key', secret);
    const with_ = async (): ReturnType<typeof judged> => judged(root, '--declaration', file, '--declaration-key', open);
    expect(await with_()).toMatchObject({ declaration: { signature: 'verified' } });
    expect((await conformity('verify', file, root, '--declaration-key', open, '--at', '2026-11-01')).code).toBe(0);
    writeFileSync(file, readFileSync(file, 'utf8').replace('covers poisoning', 'covers everything'));
    const bad = await with_();
    expect(bad.declaration).toMatchObject({ signature: 'refused' });
    expect(row(bad, '5.2.1-3').status).toBe('needs-attestation');
    expect((await conformity('verify', file, root, '--declaration-key', open, '--at', '2026-11-01')).code).toBe(1);
  }, 60_000);

  test('or a file of the release may be signed alone, which speaks for that file only', async () => {
    const { secret, open } = keyFiles();
    const root = release({ 'model.safetensors.txt': 'notes' });
    await commands.sign(join(root, 'model.safetensors.txt'), '--key', secret);
    const signatures = async (...argv: string[]): Promise<unknown> => (await judged(root, ...argv)).signatures;
    expect(await signatures()).toMatchObject([{ path: 'model.safetensors.txt.sig', state: 'unchecked' }]);
    expect(await signatures('--key', open)).toMatchObject([{ state: 'verified' }]);
    const whole = row(await judged(root, '--key', open), '5.2.1-2');
    expect(JSON.stringify(whole)).toContain('outside the signature model.safetensors.txt.sig');
    writeFileSync(join(root, 'model.safetensors.txt'), 'others');
    expect(await signatures('--key', open)).toMatchObject([{ state: 'refused' }]);
  }, 60_000);

  test('is beaten by a failing check, and may say that something is not met or does not apply', async () => {
    const root = release({ 'dr-plan.md': plan });
    const file = await declared(root, attestation(`  - { provision: 5.2.4-1.2, state: met, statement: published, evidence: [{ path: dr-plan.md, sha256: ${sha256(plan)} }], by: { name: J. Doe }, date: 2026-10-01 }
  - { provision: 5.2.2-2, state: not-applicable, statement: no API is offered, by: { name: J. Doe }, date: 2026-10-01 }
  - { provision: 5.2.2-5, state: planned, statement: next spring, by: { name: J. Doe }, date: 2026-10-01 }
`));
    const result = await judged(root, '--declaration', file);
    expect(row(result, '5.2.4-1.2')).toMatchObject({ status: 'contradicted' });
    expect(row(result, '5.2.4-1.2').findings.length).toBeGreaterThan(0);
    expect(row(result, '5.2.2-2')).toMatchObject({ status: 'not-applicable', reason: expect.stringContaining('no API is offered') as string });
    expect(row(result, '5.2.2-5')).toMatchObject({ status: 'gap' });
    expect(row(result, '5.2.2-5').findings.length).toBe(1);
  }, 60_000);

  test('of an exception answers for a component that is poorly documented, and leaves its gaps gaps', async () => {
    const risk = 'Risk: low.\n';
    const root = release({ 'README.md': '# Bare\n', 'risk.md': risk, 'docs/user-guide.md': '# Guide\nThe model is used because no other is there.\n' });
    const before = await judged(root, '--role', 'system-operator');
    expect(['5.2.3-2', '5.2.3-2.1', '5.2.3-2.2'].map((id) => row(before, id).status)).toEqual(['gap', 'gap', 'gap']);
    const file = await declared(root, `origin: external
exceptions:
  - component: "."
    lacks: [model-card]
    justification: only source of this language pair
    riskAssessment: { path: risk.md, sha256: ${sha256(risk)} }
    mitigations: [sandboxed loading]
    disclosedIn: docs/user-guide.md#models
    owner: J. Doe
    date: 2026-10-01
    expires: 2027-03-31
`);
    const result = await judged(root, '--declaration', file);
    expect(['5.2.3-2', '5.2.3-2.1', '5.2.3-2.2'].map((id) => row(result, id).status)).toEqual(['attested', 'attested', 'attested']);
    expect(row(result, '5.2.4-1.1').status).toBe('gap');
    expect(row(await judged(root, '--declaration', file, '--at', '2027-04-01'), '5.2.3-2').status).toBe('gap');
  }, 60_000);

  test('is written as questions by init, for the roles held, and can be read back', async () => {
    const root = release();
    const { out } = await conformity('init', root, '--role', 'developer', '--at', '2026-11-01');
    expect(out).toContain('# - provision: 5.2.2-2');
    expect(out).not.toContain('# - provision: 5.2.1-3\n'); // for operators
    const file = join(root, 'conformity.yaml');
    writeFileSync(file, out);
    const read = await conformity('verify', file, root, '--at', '2026-11-01', '-f', 'json');
    expect(JSON.parse(read.out)).toMatchObject({ verified: true, attestations: [] });
  }, 60_000);

  test('with a wrong shape is refused with the place', async () => {
    const root = release();
    const file = join(root, 'conformity.yaml');
    for (const [text, words] of [
      ['schemaVersion: 2\n', 'schemaVersion is 2'], ['schemaVersion: 1\nsubject: { name: x }\nroles: [king]\n', 'roles[0] is king'],
      ['schemaVersion: 1\nsubject: { name: x }\nattestations: [{ provision: 9.9 }]\n', 'attestations[0].provision is 9.9'],
      ['schemaVersion: 1\nsubject: { name: x }\nattestations: [{ provision: 5.2.1-3, state: met, statement: x, evidence: [{ path: ../x, sha256: a }], by: { name: x }, date: 2026-10-01 }]\n', 'evidence[0].path is ../x'],
      ['schemaVersion: 1\nsubject: { name: x }\nattestations: [{ provision: 5.2.1-3, state: met, statement: x, by: { name: x }, date: 2026-02-30 }]\n', 'a date is 2026-02-30'],
    ] as const) {
      writeFileSync(file, text);
      await expect(conformity('verify', file)).rejects.toThrow(words);
    }
  });
});

describe('assay conformity', () => {
  test('gives exit code 1 for a gap in a shall, and 0 when asked never to fail', async () => {
    const root = release();
    expect((await conformity(root)).code).toBe(1);
    expect((await conformity(root, '--fail-on', 'never')).code).toBe(0);
  }, 30_000);

  test('reads a report in place of a folder, and says what it then cannot assess', async () => {
    const root = release();
    const { runScan } = await import('../../src/commands/scan.ts');
    const file = join(root, '../report.json');
    await runScan([root], { format: [`json=${file}`], facts: true, quiet: true });
    const result = await judged(file);
    expect(result.scan.complete).toBe(true);
    expect(row(result, '5.2.4-1.1')).toMatchObject({ status: 'not-assessed', reason: expect.stringContaining('only a report was given') as string });
  }, 30_000);

  test('shows each reader what concerns them', async () => {
    const root = release();
    const view = async (name: string): Promise<string> => (await conformity(root, '--view', name, '--at', '2026-11-01')).out;
    const head = 'no certificate';
    expect(await view('vendor')).toMatch(new RegExp(`${head}[\\s\\S]*"shall" that have a gap[\\s\\S]*Statements that people still have to make`));
    expect(await view('integrator')).toMatch(/Components[\s\S]*Questions to the supplier[\s\S]*Changes against the version accepted last/);
    expect(await view('operator')).toMatch(/Does what runs equal what was assessed[\s\S]*Text for end-users[\s\S]*English only/);
    const assessor = await view('assessor');
    expect(assessor).toMatch(/sha256sum -c SUMS/);
    expect(assessor).toContain(`${sha256(readFileSync(join(root, 'config.json')))}  config.json`);
    expect(assessor).not.toMatch(/\d ?%/);
  }, 60_000);
});
