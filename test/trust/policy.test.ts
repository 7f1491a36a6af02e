// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { matches } from '../../src/trust/demands.ts';
import { defaultPolicy, parsePolicy } from '../../src/trust/policy.ts';

test('a policy says who, by whom built, from where, and how well proven', async () => {
  const policy = await parsePolicy('version: 1\nsigners:\n- name: a\n  key: a.pub\n  components: [weights]\n- name: b\n  identity: x@y\n  issuer: https://z\n  trusted-root: roots.json\nbuilders: ["https://github.com/a/*"]\nsources: [a/*]\ndemand: {weights: verified, licence: declared}\n', 'p');
  expect(policy).toEqual({
    signers: [{ name: 'a', key: 'a.pub', components: ['weights'] }, { name: 'b', identity: 'x@y', issuer: 'https://z', trustedRoot: 'roots.json' }],
    builders: ['https://github.com/a/*'], sources: ['a/*'], demand: { weights: 'verified', licence: 'declared' },
  });
  expect((await parsePolicy('version: 1\n', 'p')).demand).toEqual(defaultPolicy.demand);
});

test.for([
  ['', /one YAML mapping|mapping/], ['version: 2\n', /version is 2, expected 1/], ['version: 1\nsigner: []\n', /has the key signer/],
  ['version: 1\nsigners: [{name: a}]\n', /exactly one of key/], ['version: 1\nsigners: [{name: a, key: k, identity: i, issuer: j, trusted-root: r}]\n', /exactly one of key/],
  ['version: 1\nsigners: [{name: a, identity: i}]\n', /identity, issuer and trusted-root together/], ['version: 1\nsigners: [{key: k}]\n', /has no name/],
  ['version: 1\ndemand: {weights: absent}\n', /demand.weights is "absent"/], ['version: 1\ndemand: {wieghts: bound}\n', /has the key wieghts/],
  ['version: 1\nversion: 1\n', /DUPLICATE_KEY|duplicate|unique/i], ['version: 1\nbuilders: [1]\n', /builders\[0\] is no text/],
] as const)('%j is refused with a reason', async ([text, reason]) => {
  await expect(parsePolicy(text, 'p')).rejects.toThrow(reason);
});

test.for([
  ['acme/words', 'acme/*', true], ['acme', 'acme/*', false], ['evil/acme/words', 'acme/*', false], ['acme/words', 'acme/words', true], ['acme/words2', 'acme/words', false],
  ['https://a/x/b/y', 'https://*/b/*', true], ['aa', 'a*a', true], ['a', 'a*a', false], ['abcabc', '*abc', true], ['ab', '*', true],
] as const)('%s against %s is %s', ([text, pattern, expected]) => expect(matches(text, [pattern])).toBe(expected));
