import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { register } from '../../src/commands/trace.ts';
import { finderOf, reportOf } from '../../src/conformity/trace.ts';
import { commands, keyFiles, sha256 } from '../conformity/support.ts';
import { folder } from '../support/folder.ts';
import { ran, type Ran } from './support.ts';

const trace = async (...argv: string[]): Promise<Ran> => ran(register, 'trace', ...argv);
const table = 'text,url\nhello,https://www.Evil.example/a/b?x=1\nbye,https://good.example/notevil.example.com\n';

const world = (): string => folder({
  'sets/tickets/train.csv': table,
  'sets/tickets/README.md': '---\ntask_categories: [x]\n---\n# Tickets\n',
  'sets/other/train.csv': 'text\nnothing\n',
  'models/base/README.md': '---\ndatasets: [acme/tickets]\n---\n# Base\n',
  'models/child/README.md': '---\nbase_model: acme/base\n---\n# Child\n',
  'models/free/README.md': '---\ndatasets: [acme/other]\n---\n# Free\n',
});

interface Traced { readonly hits: { readonly path: string; readonly where: string }[]; readonly datasets: { readonly path: string }[]; readonly models: { readonly path: string; readonly why: string[] }[]; readonly releases: string[] }
const json = async (...argv: string[]): Promise<Traced> => JSON.parse((await trace(...argv, '-f', 'json')).out) as Traced;

describe('assay trace', () => {
  test('leads from a reported domain, address or digest to data sets, and on to models made from them', async () => {
    const root = world();
    for (const query of [['--domain', 'evil.example'], ['--url', 'http://evil.example/a/b'], ['--sha256', sha256(table)]]) {
      const { datasets, models } = await json(root, ...query);
      expect(datasets.map(({ path }) => path)).toEqual(['sets/tickets']);
      expect(models.map(({ path }) => path)).toEqual(['models/base', 'models/child']);
      expect(models[1]!.why).toHaveLength(3);
    }
    expect((await trace(root, '--domain', 'evil.example')).code).toBe(1);
  }, 30_000);

  test('finds nothing where a name only looks alike', async () => {
    const root = world();
    const { code, out } = await trace(root, '--domain', 'vil.example', '--domain', 'evil.exampl', '--url', 'https://evil.example/a/bc', '--url', 'https://evil.example/A/b');
    expect([code, out]).toEqual([0, 'not found in 6 files\n']);
    const found = (report: string, text: string): boolean => finderOf(reportOf(report)!).find(text, text.toLowerCase()) !== -1;
    expect([found('a.org', 'see a.org.'), found('a.org', 'a.org.evil.net'), found('a.org', 'x@mail.a.org'), found('https://a.org/x', 'a.org/x.'), found('https://a.org/x', 'a.org/x.html'), found('https://a.org/x', 'b.a.org/x')]).toEqual([true, false, true, true, false, false]);
  }, 30_000);

  test('looks into packed text, at the seams of its pieces, and into lists and BOMs', async () => {
    const seam = `${'x'.repeat((1 << 20) - 10)} https://evil.example/seam ${'y'.repeat(5000)}`;
    const root = folder({ 'data/part.jsonl.gz': gzipSync(`{"url":"https://evil.example/packed"}\n`), 'data/long.txt': seam });
    const list = join(folder({ 'list.txt': '# reported\nevil.example  # all of it\n' }), 'list.txt');
    expect((await json(root, '--from', list)).hits.map(({ path }) => path).sort()).toEqual(['data/long.txt', 'data/part.jsonl.gz']);
    const bom = join(folder({ 'bom.json': JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, metadata: { component: { type: 'machine-learning-model', 'bom-ref': 'm', name: 'm', modelCard: { modelParameters: { datasets: [{ ref: 'd' }] } } } }, components: [{ type: 'data', 'bom-ref': 'd', name: 'crawl', externalReferences: [{ type: 'website', url: 'https://evil.example/' }] }] }) }), 'bom.json');
    const traced = await json('--bom', bom, '--domain', 'evil.example');
    expect([traced.datasets.map(({ path }) => path), traced.models.map(({ path }) => path)]).toEqual([[`${bom}#crawl`], [`${bom}#m`]]);
  }, 30_000);

  test('names the releases in the ledger that held the files, and refuses what is no report', async () => {
    const { secret } = keyFiles();
    const root = world();
    const ledger = join(folder(), 'ledger.jsonl');
    await commands.ledger('add', root, '--ledger', ledger, '--key', secret, '--release', '1.0.0', '--name', 'acme');
    writeFileSync(join(root, 'sets/other/more.csv'), 'a\n1\n');
    expect((await json(root, '--domain', 'evil.example', '--ledger', ledger)).releases).toEqual([expect.stringMatching(/^entry 1: acme 1\.0\.0 .*sets\/tickets\/train\.csv/)]);
    await expect(trace(root, '--domain', 'no domain')).rejects.toThrow('is no address');
    await expect(trace(root)).rejects.toThrow('nothing to look for');
  }, 30_000);
});
