// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { parseYaml } from '../../src/grammar/yaml.ts';

test('a mapping of many keys takes linear time', async () => {
  const text = Array.from({ length: 60_000 }, (_, i) => `key${i}: ${i}\n`).join('');
  const begun = performance.now();
  const [document] = await parseYaml(text);
  expect(document?.value).toHaveProperty('size', 60_000);
  expect(performance.now() - begun).toBeLessThan(10_000); // about 1 s; with a check of each key against all it was 30
});

test('repeated keys are told with their places, and a merge key may be repeated', async () => {
  const [document] = await parseYaml('a: 1\nb: {c: 1, c: 2}\na: 2\nm: &m {x: 1}\nn:\n  <<: *m\n  <<: *m\n');
  expect(document?.complaints).toEqual(['DUPLICATE_KEY at character 15', 'DUPLICATE_KEY at character 21']);
});

test.for(['&a ', '! ', '!x '])('a long row of %j is refused before it is parsed', async (property) => {
  await expect(parseYaml(property.repeat(100_000))).rejects.toThrow('in a row');
});

test('anchors, tags and ampersands as people write them are no long row', async () => {
  const [document] = await parseYaml(`list:\n${'- &x !!str "a & b"\n'.repeat(300)}note: salt & pepper ! ! !\n`);
  expect(document?.complaints).toEqual([]);
});
