import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hintOf } from '../../src/provenance/keys.ts';
import { pair } from '../provenance/support.ts';
import { folder } from '../support/folder.ts';
import { fixtures } from '../support/samples.ts';
import { commands, judged, keyFiles, release, row, sha256, weights } from './support.ts';
import { environment } from '../commands/support.ts';

test('a release that is listed, signed, recorded and declared has no gap in what files decide, and an unknown signer makes one', async () => {
  const { secret, open } = keyFiles();
  environment('SOURCE_DATE_EPOCH', String(Date.parse('2026-10-01T00:00:00Z') / 1000));
  const root = release({ 'eval_results.json': JSON.stringify({ accuracy: 0.9, 'prompt injection': 'passed', model: sha256(weights(1)) }) });
  const ledger = join(root, 'ledger.jsonl');
  await commands.bom(root, '-o', join(root, 'bom.cdx.json'));
  await commands.sign(root, '--key', secret);
  await commands.ledger('add', root, '--ledger', ledger, '--key', secret, '--release', '1.0.0', '--name', 'acme', '--by', 'J. Doe', '--note', 'first');
  const { subject } = await judged(root);
  const file = join(root, 'conformity.yaml');
  const declare = (signer: string): void => writeFileSync(file, `schemaVersion: 1\nsubject: { name: acme, version: 1.0.0, digest: "sha256:${subject.digest!}" }\nroles: [developer]\nkind: release\norigin: own\nsigners: ["${signer}"]\n`);
  const result = async (): ReturnType<typeof judged> => judged(root, '--key', open, '--ledger', ledger, '--ledger-key', open, '--declaration', file);
  declare(hintOf(pair.publicKey));
  const good = await result();
  expect(['5.2.1-1', '5.2.1-2', '5.2.4-1.1', '5.2.4-1.2'].map((id) => [id, row(good, id).status])).toEqual(['5.2.1-1', '5.2.1-2', '5.2.4-1.1', '5.2.4-1.2'].map((id) => [id, 'evidenced']));
  expect(good.counts.shall.gap + good.counts.should.gap).toBe(0);
  expect(JSON.stringify(good)).not.toContain(root); // no path of this machine
  declare('0'.repeat(64));
  expect((await result()).findings.map(({ check }) => check)).toContain('SIG-SIGNER');
}, 60_000);

test('content credentials of pictures are looked at: whole, changed, and what they say of training and origin', async () => {
  const picture = (name: string): Uint8Array => readFileSync(join(fixtures, 'c2pa', name));
  const root = folder({ 'images/a.png': picture('signed.png'), 'images/b.png': picture('changed.png') });
  const result = await judged(root, '--kind', 'data');
  expect(result.findings.find(({ check }) => check === 'GEN-CREDENTIALS' || check === 'RULES')).toMatchObject({ artefact: 'images/b.png', rule: 'content-credentials-invalid' });
  expect(result.findings.filter(({ check }) => check === 'GEN-OPT-OUT').map(({ message }) => message)).toContainEqual(expect.stringContaining('cawg.training-mining: cawg.ai_generative_training: notAllowed'));
  expect(row(result, '5.2.4-2').checks.find(({ id }) => id === 'GEN-SYNTHETIC-SHARE')?.what).toContain('2 of 2 media files');
}, 30_000);
