import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commands, judged, keyFiles, release, row, weights } from '../conformity/support.ts';
import { pairs } from '../provenance/support.ts';
import { folder } from '../support/folder.ts';
import { environment } from './support.ts';

const at = (day: string): void => environment('SOURCE_DATE_EPOCH', String(Date.parse(`${day}T00:00:00Z`) / 1000));

/** A ledger of three entries: a release, a change of the prompt that is noted, and the next release with an evaluation. */
async function recorded(): Promise<{ root: string; ledger: string; secret: string; open: string }> {
  const { secret, open } = keyFiles();
  const ledger = join(folder(), 'ledger.jsonl');
  const root = release({ 'system_prompt.txt': 'Be brief.' });
  const add = async (version: string, day: string, ...more: string[]): Promise<void> => {
    at(day);
    expect((await commands.ledger('add', root, '--ledger', ledger, '--key', secret, '--release', version, '--name', 'acme', ...more)).code).toBe(0);
  };
  await add('1.0.0', '2026-09-01');
  writeFileSync(join(root, 'system_prompt.txt'), 'Be kind.');
  await add('1.0.1', '2026-09-20', '--event', 'change', '--by', 'J. Doe', '--note', 'users asked for it');
  writeFileSync(join(root, 'model.safetensors'), weights(7));
  writeFileSync(join(root, 'eval_results.json'), JSON.stringify({ accuracy: 0.9 }));
  await add('1.1.0', '2026-10-10', '--by', 'J. Doe', '--note', 'trained again');
  return { root, ledger, secret, open };
}

describe('assay ledger', () => {
  test('records releases, and holds as long as nothing is touched', async () => {
    const { root, ledger, open } = await recorded();
    expect(await commands.ledger('verify', root, '--ledger', ledger, '--key', open)).toMatchObject({ code: 0 });
    expect((await commands.ledger('verify', '--ledger', ledger)).code).toBe(2); // nobody checked the signatures
    const shown = (await commands.ledger('show', '--ledger', ledger, '--key', open)).out;
    expect(shown).toContain('~ system_prompt.txt');
    expect(shown).not.toContain('!');
  }, 60_000);

  test('breaks when an entry is changed, removed, moved, signed by somebody else, or the file is cut', async () => {
    const { ledger, open } = await recorded();
    const lines = readFileSync(ledger, 'utf8').trimEnd().split('\n');
    const head = /head sha256:([0-9a-f]{64})/.exec((await commands.ledger('verify', '--ledger', ledger, '--key', open)).out)![1]!;
    const broken = async (content: string, ...more: string[]): Promise<string> => {
      writeFileSync(ledger, content);
      const { code, out } = await commands.ledger('verify', '--ledger', ledger, '--key', open, ...more);
      expect(code).toBe(1);
      return out;
    };
    const bent = JSON.parse(lines[1]!) as { dsseEnvelope: { payload: string } };
    const payload = Buffer.from(bent.dsseEnvelope.payload, 'base64').toString().replace('users asked for it', 'users asked for IT');
    bent.dsseEnvelope.payload = Buffer.from(payload).toString('base64');
    expect(await broken(`${[lines[0], JSON.stringify(bent), lines[2]].join('\n')}\n`)).toContain('entry 2: its signature does not match');
    expect(await broken(`${[lines[0], lines[2]].join('\n')}\n`)).toContain('entry 2: it says that it is entry 3');
    expect(await broken(`${[lines[1], lines[0], lines[2]].join('\n')}\n`)).toContain('entry 1: it says that it is entry 2');
    expect(await broken(lines.join('\n'))).toContain('line 3 has no end');
    expect(await broken(`${lines.slice(0, 2).join('\n')}\n`, '--head', head)).toContain('entries were removed or added');
    const other = keyFiles(pairs['P-384']);
    const foreign = join(folder(), 'l.jsonl');
    at('2026-09-01');
    await commands.ledger('add', release(), '--ledger', foreign, '--key', other.secret, '--release', '1.0.0');
    expect(await broken(readFileSync(foreign, 'utf8'))).toContain('signed with another key');
  }, 60_000);

  test('refuses to add to a broken ledger or before its last entry', async () => {
    const { root, ledger, secret } = await recorded();
    at('2026-01-01');
    await expect(commands.ledger('add', root, '--ledger', ledger, '--key', secret, '--release', '2')).rejects.toThrow('before the last one');
    at('2026-12-01');
    writeFileSync(ledger, readFileSync(ledger, 'utf8').replace('"payload":"', '"payload":"AAAA'));
    await expect(commands.ledger('add', root, '--ledger', ledger, '--key', secret, '--release', '2')).rejects.toThrow('broken');
  }, 60_000);

  test('lets conformity see silent changes, unlogged prompts, stale evaluations and what was never recorded', async () => {
    const { root, ledger, secret, open } = await recorded();
    const with_ = async (): ReturnType<typeof judged> => judged(root, '--ledger', ledger, '--ledger-key', open, '--release', '1.1.0');
    const good = await with_();
    const outcome = (result: Awaited<ReturnType<typeof judged>>, check: string): string | undefined => result.provisions.flatMap(({ checks }) => checks).find(({ id }) => id === check)?.outcome;
    expect(['LED-CHAIN', 'LED-GAP', 'REL-SILENT-CHANGE', 'REL-UNLOGGED-CHANGE', 'REL-NO-NEW-EVAL', 'EVL-STALE', 'BAS-VERIFY'].map((id) => [id, outcome(good, id)])).toEqual(['LED-CHAIN', 'LED-GAP', 'REL-SILENT-CHANGE', 'REL-UNLOGGED-CHANGE', 'REL-NO-NEW-EVAL', 'EVL-STALE', 'BAS-VERIFY'].map((id) => [id, 'held']));
    writeFileSync(join(root, 'system_prompt.txt'), 'Be rude.');
    writeFileSync(join(root, 'model.safetensors'), weights(8));
    const bad = await with_();
    expect(bad.findings.map(({ check, artefact }) => `${check} ${artefact}`)).toEqual(expect.arrayContaining(['LED-GAP system_prompt.txt', 'LED-GAP model.safetensors', 'REL-UNLOGGED-CHANGE system_prompt.txt', 'EVL-STALE eval_results.json', 'REL-SILENT-CHANGE ledger.jsonl', 'REL-NO-NEW-EVAL ledger.jsonl']));
    expect(row(bad, '5.4.1-2').status).toBe('gap');
    expect(row(bad, '5.2.4-3').status).toBe('gap');
    // The same state recorded under the same version, without a word: that stays visible between the entries.
    at('2026-10-20');
    await commands.ledger('add', root, '--ledger', ledger, '--key', secret, '--release', '1.1.0', '--name', 'acme');
    expect((await commands.ledger('show', '--ledger', ledger)).out).toMatch(/! changed without a new version[\s\S]*! 1 prompt or configuration files changed without a note[\s\S]*! weights or tokenizer changed without a new evaluation/);
    expect(row(await with_(), '5.2.1-2').status).toBe('gap');
    writeFileSync(ledger, readFileSync(ledger, 'utf8').split('\n').slice(1).join('\n'));
    expect((await with_()).findings.map(({ check }) => check)).toContain('LED-CHAIN');
  }, 60_000);
});
