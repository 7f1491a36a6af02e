import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { forceOf, provisions } from '../../src/conformity/profile.ts';
import type { Conformity } from '../../src/conformity/conformity.ts';
import { folder } from '../support/folder.ts';
import { commands, conformity, judged, keyFiles, release, row, sha256, sums, weights } from './support.ts';

/** What every result must keep, whatever was scanned. */
function invariants(result: Conformity): void {
  const known = new Set(result.findings.map(({ fingerprint }) => fingerprint));
  expect(result.provisions.map(({ id }) => id)).toEqual(provisions.map(({ id }) => id));
  for (const one of result.provisions) {
    if (one.status === 'evidenced') expect([one.id, one.evidence.some(({ sha256: digest }) => digest !== undefined)]).toEqual([one.id, true]);
    if (one.status === 'gap' || one.status === 'contradicted') expect([one.id, one.findings.length > 0]).toEqual([one.id, true]);
    if (one.status === 'not-applicable') expect(one.reason).toMatch(/\S{3}/);
    for (const finding of one.findings) expect(known.has(finding)).toBe(true);
    if (!result.scan.complete) expect(one.status).not.toBe('evidenced');
  }
  for (const force of ['shall', 'should'] as const) {
    expect(Object.values(result.counts[force]).reduce((sum, one) => sum + one, 0)).toBe(provisions.filter((one) => forceOf(one) === force).length);
  }
}

describe('hashes of model components (5.2.4-1.2)', () => {
  const files = { 'model.safetensors': weights(1), 'config.json': '{"model_type":"bert","architectures":["Bert"]}' };

  test('are a gap where none is published, evidenced where all are, and links lead to files and digests', async () => {
    const root = release();
    const before = await judged(root);
    invariants(before);
    expect(row(before, '5.2.4-1.2')).toMatchObject({ status: 'gap' });
    sums(root, files);
    const after = await judged(root);
    invariants(after);
    expect(row(after, '5.2.4-1.2')).toMatchObject({ status: 'evidenced', findings: [] });
    expect(row(after, '5.2.4-1.2').evidence).toContainEqual({ path: 'SHA256SUMS', sha256: sha256(readFileSync(join(root, 'SHA256SUMS'))) });
  });

  test('are a gap again where a file is tampered with, a digest is weak, or one file is left out', async () => {
    const root = release();
    sums(root, files);
    writeFileSync(join(root, 'model.safetensors'), weights(2));
    const tampered = await judged(root);
    expect(row(tampered, '5.2.4-1.2').checks.find(({ id }) => id === 'INT-MISMATCH')).toMatchObject({ outcome: 'failed' });
    expect(tampered.findings.find(({ check }) => check === 'INT-MISMATCH')).toMatchObject({ artefact: 'model.safetensors', severity: 'high' });
    writeFileSync(join(root, 'SHA256SUMS'), `${sha256(weights(2))}  model.safetensors\n`);
    expect(row(await judged(root), '5.2.4-1.2')).toMatchObject({ status: 'gap', reason: expect.stringContaining('1 of 2 model components') as string });
    writeFileSync(join(root, 'SHA256SUMS'), '');
    writeFileSync(join(root, 'MD5SUMS'), Object.keys(files).map((name) => `${'0'.repeat(32)}  ${name}\n`).join(''));
    expect(row(await judged(root), '5.2.4-1.2').checks.find(({ id }) => id === 'INT-WEAK')).toMatchObject({ outcome: 'failed' });
  });

  test('do not concern a folder of development, which says so', async () => {
    expect(row(await judged(release(), '--kind', 'development'), '5.2.4-1.2')).toMatchObject({ status: 'not-applicable', reason: expect.stringContaining('development') as string });
  });
});

describe('documentation (5.2.4-1.1)', () => {
  test('is evidenced where every fact is stated, and a gap where a template left one open', async () => {
    const root = release();
    expect(row(await judged(root), '5.2.4-1.1')).toMatchObject({ status: 'evidenced' });
    writeFileSync(join(root, 'README.md'), readFileSync(join(root, 'README.md'), 'utf8').replace('Short tickets are sorted at random.', '[More Information Needed]'));
    expect(row(await judged(root), '5.2.4-1.1')).toMatchObject({ status: 'gap', reason: expect.stringContaining('DOC-FAILURE-MODES') as string });
  });
});

describe('inventory and signature (5.2.1-1, 5.2.1-2)', () => {
  test('are evidenced for a signed release with a BOM, and a changed file breaks both', async () => {
    const { secret, open } = keyFiles();
    const root = release();
    await commands.bom(root, '-o', join(root, 'bom.cdx.json'));
    await commands.sign(root, '--key', secret);
    const good = await judged(root, '--key', open);
    invariants(good);
    expect(row(good, '5.2.1-1')).toMatchObject({ status: 'evidenced' });
    expect(row(good, '5.2.1-2').checks.filter(({ outcome }) => outcome === 'failed').map(({ what }) => what)).toEqual([]);
    expect(row(good, '5.2.4-1.2')).toMatchObject({ status: 'evidenced' });
    writeFileSync(join(root, 'config.json'), '{"model_type":"bert","architectures":["Bert2"]}');
    writeFileSync(join(root, 'extra.json'), '{}');
    const bad = await judged(root, '--key', open);
    invariants(bad);
    expect(bad.findings.map(({ check, artefact }) => `${check} ${artefact}`)).toEqual(expect.arrayContaining(['INV-STALE config.json', 'INV-UNLISTED extra.json', 'SIG-INVALID model.sig', 'SIG-COVERAGE model.sig', 'INT-MISMATCH config.json']));
    expect([row(bad, '5.2.1-1').status, row(bad, '5.2.1-2').status, row(bad, '5.2.4-1.2').status]).toEqual(['gap', 'gap', 'gap']);
  }, 30_000);

  test('are not assessed, not evidenced, where the scan is incomplete', async () => {
    const root = release({ 'broken.safetensors': Buffer.concat([weights().subarray(0, 20)]) });
    await commands.bom(root, '-o', join(root, 'bom.cdx.json'));
    const result = await judged(root);
    expect(result.scan.complete).toBe(false);
    invariants(result);
    expect((await conformity(root, '-f', 'json')).code).toBe(2);
  });
});

describe('data', () => {
  test('in a release are a gap, unless their card says that they are public', async () => {
    const root = release({ 'data/train.csv': 'text,label\na,1\nb,2\n' });
    expect((await judged(root, '--kind', 'release')).findings.find(({ check }) => check === 'SEP-TRAINING-DATA')).toMatchObject({ artefact: 'data/train.csv', severity: 'high' });
    writeFileSync(join(root, 'data/README.md'), 'Classification: public\n');
    expect((await judged(root, '--kind', 'release')).findings.some(({ check }) => check === 'SEP-TRAINING-DATA')).toBe(false);
  });

  test('need source address and time of acquisition; a date in the future is no time of acquisition (5.2.4-2.1)', async () => {
    const root = folder({ 'train.csv': 'body,url\nThe printer in the hall does not answer any more,https://example.org/a\nMy account was closed and I was not told why,https://example.org/b\n', 'README.md': '# Tickets\n\n## Source\nDownloaded from https://example.org on 2026-02-03.\n' });
    expect(row(await judged(root, '--kind', 'data'), '5.2.4-2.1')).toMatchObject({ status: 'evidenced' });
    writeFileSync(join(root, 'README.md'), '# Tickets\n\n## Source\nDownloaded from https://example.org on 2036-02-03.\n');
    expect(row(await judged(root, '--kind', 'data'), '5.2.4-2.1')).toMatchObject({ status: 'gap', reason: expect.stringContaining('DSD-TIME-IMPLAUSIBLE') as string });
    writeFileSync(join(root, 'train.csv'), 'text,url\na,https://example.org/a\nb,\n');
    expect((await judged(root, '--kind', 'data')).findings.map(({ message }) => message)).toContainEqual(expect.stringContaining('50 % of 2 records'));
  });

  test('with reservations of rights captured beside them are listed', async () => {
    const root = folder({ 'crawl/pages.jsonl': '{"url":"https://example.org/a","text":"x"}\n', 'crawl/robots.txt': 'User-agent: GPTBot\nDisallow: /\n' });
    expect((await judged(root, '--kind', 'data')).findings.find(({ check }) => check === 'GEN-OPT-OUT')).toMatchObject({ artefact: 'crawl/robots.txt', message: expect.stringContaining('GPTBot') as string });
    writeFileSync(join(root, 'crawl/robots.txt'), 'User-agent: *\nDisallow: /private\n');
    expect((await judged(root, '--kind', 'data')).findings.some(({ check }) => check === 'GEN-OPT-OUT')).toBe(false);
  });
});

describe('generative parts', () => {
  test('a safety checker taken out is a gap, unless the card speaks of it', async () => {
    const root = release({ 'model_index.json': '{"_class_name":"StableDiffusionPipeline","safety_checker":[null,null],"requires_safety_checker":false}' });
    expect((await judged(root)).findings.find(({ check }) => check === 'GEN-SAFETY-REMOVED')).toMatchObject({ artefact: 'model_index.json' });
    writeFileSync(join(root, 'README.md'), `${readFileSync(join(root, 'README.md'), 'utf8')}\nThe safety checker is left out; a moderation service takes its place.\n`);
    expect((await judged(root)).findings.some(({ check }) => check === 'GEN-SAFETY-REMOVED')).toBe(false);
  });

  test('a model under a free licence made from data for non-commercial use is a conflict', async () => {
    const root = release();
    mkdirSync(join(root, 'tickets'));
    writeFileSync(join(root, 'tickets/README.md'), '---\nlicense: cc-by-nc-4.0\ntask_categories: [text-classification]\n---\n# Tickets\n');
    expect((await judged(root)).findings.find(({ check }) => check === 'GEN-LICENCE-CONFLICT')).toMatchObject({ message: expect.stringContaining('non-commercial') as string });
  });
});
