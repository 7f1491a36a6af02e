// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { readOverlay } from '../../sbom/overlay.ts';

test('an overlay is read from YAML and from JSON', async () => {
  expect(await readOverlay('author: {name: Ada}\nmodel:\n  released: 2025-03-01\n', 'a.yaml')).toMatchObject({ author: { name: 'Ada' }, model: { released: '2025-03-01' } });
  expect(await readOverlay('{"datasets": {"data": {"label": "y", "text": "x"}}}', 'a.json')).toMatchObject({ datasets: { data: { label: 'y', text: 'x' } } });
});

test.each([
  ['autor: {name: Ada}', /autor/],
  ['author: {email: a@b.c}', /name/],
  ['model: {released: yesterday}', /\/model\/released/],
  ['model: {safetyRisk: none}', /\/model\/safetyRisk/],
  ['references: [{type: vcs, url: "javascript:alert(1)"}]', /\/references\/0\/url/],
  ['- a\n- b', /document/],
  ['a: 1\n---\nb: 2', /2 documents/],
  ['author: {name: Ada, name: Bob}', /DUPLICATE_KEY/],
  ['author: !!python/object/apply:os.system [echo x]', /author/],
  ['a: [', /./],
])('%j is refused, with the place', async (text, message) => {
  await expect(readOverlay(text, 'assay.yaml')).rejects.toThrow(message);
});

test('a key that JavaScript knows is a key like any other', async () => {
  await expect(readOverlay('__proto__: {author: {name: x}}', 'assay.yaml')).rejects.toThrow(/__proto__/);
});
