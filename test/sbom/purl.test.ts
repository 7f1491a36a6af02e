// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildPurl, parsePurl, type Purl } from '../../sbom/purl.ts';
import { project } from '../support/samples.ts';

interface Case {
  readonly description: string;
  readonly test_type: 'parse' | 'build' | 'validate';
  readonly input: unknown;
  readonly expected_output: unknown;
  readonly expected_failure: boolean;
}

const suite = join(project, '../shared/conformance/purl/types');
const types = ['huggingface', 'mlflow', 'generic', 'pypi', 'github', 'npm'];

function bare(purl: object): Purl {
  return Object.fromEntries(Object.entries(purl).filter(([, value]) => value !== null)) as unknown as Purl;
}

function run({ test_type, input }: Case): unknown {
  if (test_type === 'build') return buildPurl(bare(input as object));
  const purl = parsePurl(input as string);
  return test_type === 'parse' || purl === undefined ? purl : buildPurl(purl);
}

// Skips where the package-url test suite is absent.
test.skipIf(!existsSync(suite)).for(types)('the package-url suite for %s passes', (type) => {
  const { tests } = JSON.parse(readFileSync(join(suite, `${type}-test.json`), 'utf8')) as { tests: Case[] };
  const wrong = tests.filter((one) => {
    const wanted = one.expected_failure ? undefined : typeof one.expected_output === 'string' ? one.expected_output : bare(one.expected_output as object);
    try {
      expect(run(one)).toEqual(wanted);
      return false;
    } catch {
      return true;
    }
  });
  expect(wrong.map((one) => [one.test_type, one.input, run(one)])).toEqual([]);
  expect(tests.length).toBeGreaterThan(5);
});

test('a Hugging Face model needs a namespace, keeps its case, and lower-cases its commit', () => {
  expect(buildPurl({ type: 'huggingface', namespace: 'EleutherAI', name: 'gpt-neo-1.3B', version: 'ABCDEF' })).toBe('pkg:huggingface/EleutherAI/gpt-neo-1.3B@abcdef');
  expect(buildPurl({ type: 'huggingface', name: 'bert' })).toBeUndefined();
});

test('what a name must not say is percent-encoded', () => {
  const name = 'a b%c/../\u0000\u{1F600}\ud800?x#y@z';
  const purl = buildPurl({ type: 'generic', name })!;
  expect(purl).toMatch(/^pkg:generic\/[A-Za-z0-9%._~-]+$/);
  expect(parsePurl(purl)?.name).toBe(name.toWellFormed());
});

test('what is no package URL is refused', () => {
  for (const text of ['', 'pkg:', 'pkg:npm', 'pkg:npm/', 'npm/x', 'pkg:generic/%zz', 'pkg:1x/y', 'pkg:pypi/a/b', 'pkg:generic/x?a=1&a=2']) {
    expect(parsePurl(text), text).toBeUndefined();
  }
});
