// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, openSync, rmSync, ftruncateSync, closeSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { check, readBom, readBomFile, type Checked } from '../../../sbom/check/index.ts';

const begin = '{"bomFormat":"CycloneDX","specVersion":"1.7","components":';

function checked(text: string | Uint8Array): Checked {
  return check(readBom(typeof text === 'string' ? Buffer.from(text) : text));
}

test('a document nested 10,000 deep is refused with the place, before anything is made of it', () => {
  const { state, what, at } = checked(`${begin}${'[{"components":'.repeat(10_000)}[]${'}]'.repeat(10_000)}}`);
  expect([state, what]).toEqual(['limit', 'lists and objects nested deeper than the allowed 200 levels']);
  expect(at).toEqual({ line: 1, column: 1545 });
});

test('a document nested as deep as is allowed is checked', () => {
  const { state, problems } = checked(`${begin}${'[{"type":"file","name":"x","components":'.repeat(98)}[]${'}]'.repeat(98)}}`);
  expect([state, problems.filter(({ level }) => level === 'error')]).toEqual(['checked', []]);
});

test('a file that is too large is not read', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bom-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = openSync(join(folder, 'large.json'), 'w');
  ftruncateSync(file, 500_000_000);
  closeSync(file);
  const begun = performance.now();
  expect(readBomFile(join(folder, 'large.json'))).toEqual({ kind: 'unreadable', what: 'the file has 500000000 bytes, allowed are 134217728', limit: true });
  expect(performance.now() - begun).toBeLessThan(1000);
  mkdirSync(join(folder, 'dir'));
  expect(() => readBomFile(join(folder, 'nowhere'))).toThrow('ENOENT');
});

test('a hundred thousand components, all alike, take no time that grows with their square', { timeout: 60_000 }, () => {
  const { problems } = checked(`${begin}[${'{"type":"file","name":"f","hashes":[]},'.repeat(100_000)}{"type":"file","name":"f"}]}`);
  expect(problems[0]).toMatchObject({ code: 'schema', pointer: '/components/1', message: 'the item equals an earlier one of its list' });
});

test('a hundred thousand mistakes are listed up to a thousand, and it is said that there are more', () => {
  const { problems, cut } = checked(`${begin}[${'{"type":"nothing"},'.repeat(100_000)}1]}`);
  expect([problems.filter(({ code }) => code === 'schema').length, cut]).toEqual([1000, true]);
});

test('what is not UTF-8 is named with line and column', () => {
  for (const [bytes, line, column] of [[[0xff], 2, 2], [[0xc3, 0x28], 2, 2], [[0xe4, 0xbd], 2, 2]] as const) {
    const { state, problems } = checked(Buffer.concat([Buffer.from(`${begin}\n"`), Buffer.from(bytes), Buffer.from(`"${'ä'.repeat(500)}}`)]));
    expect([state, problems[0]?.position]).toEqual(['unreadable', { line, column }]);
    expect(problems[0]?.message).toMatch(/^byte 0x.. is not UTF-8/);
  }
  for (const at of [0, 1, 63, 64, 65, 500, 999]) {
    const bytes = Buffer.from('ä'.repeat(500));
    bytes[at] = 0xff;
    expect(checked(Buffer.concat([Buffer.from('"'), bytes])).problems[0]?.position.column).toBe(1 + Math.floor(at / 2) + 1 - 0);
  }
});

test.each([
  ['', /ends/], ['{', /ends/], ['{"bomFormat":"CycloneDX",}', /stands where/], ['[]', /no object/], ['{}', /neither CycloneDX/], ['\u0000', /stands where/], ['{"a":01}', /zero/],
])('%j is no BOM, and it is said why', (text, why) => {
  const { state, problems } = checked(text);
  expect(state).toBe('unreadable');
  expect(problems[0]?.message).toMatch(why);
});

test.each([
  ['{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT"}', 'SPDX 2.3 is not checked here; 3.0.1 is'],
  ['{"@context":"https://spdx.org/rdf/3.1.0/spdx-context.jsonld"}', 'SPDX 3.1.0 is not checked here; 3.0.1 is'],
  ['{"specFormat":"CycloneDX","specVersion":"2.0"}', 'CycloneDX "2.0" is not checked here; 1.2 to 1.7 are'],
  ['<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.6">', 'CycloneDX in XML is not checked here; in JSON it is'],
  ['SPDXVersion: SPDX-2.2\n', 'SPDX in tag-value form is not checked here; SPDX 3.0.1 in JSON-LD is'],
])('%j is known for what it is and not judged', (text, what) => {
  expect(checked(text)).toMatchObject({ state: 'unchecked', what });
});

test('what two readers would read in two ways is an error', () => {
  expect(checked('{"bomFormat":"CycloneDX","specVersion":"1.7","version":1,\n"version":2}').problems).toContainEqual(
    { code: 'duplicate-key', level: 'error', pointer: '/version', message: 'the key "version" stands twice in its object: readers take the first or the last', position: expect.objectContaining({ line: 1 }) as object },
  );
  expect(checked('{"bomFormat":"CycloneDX","specVersion":"1.7","x":NaN}').problems.map(({ code }) => code)).toContain('not-json');
  expect(checked('{"bomFormat":"CycloneDX","specVersion":"1.7","__proto__":{"bomFormat":"x"}}').problems[0]).toMatchObject({ code: 'schema', pointer: '/__proto__' });
});

test('circles of all kinds come to an end', () => {
  const circle = (n: number): object => ({ type: 'library', name: `m${n}`, 'bom-ref': `m${n}`, pedigree: { ancestors: [{ type: 'library', name: `m${(n + 1) % 5000}` }] } });
  const components = Array.from({ length: 5000 }, (_, n) => circle(n));
  const dependencies = components.map((_, n) => ({ ref: `m${n}`, dependsOn: [`m${(n + 1) % 5000}`] }));
  const { problems } = checked(JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.7', components, dependencies }));
  expect(problems.filter(({ level }) => level === 'error').map(({ code }) => code)).toEqual(['cyclic-ancestors']);
});

test('forms inside forms are not tried a power of times', () => {
  let bad: object = { type: 'Foo' };
  for (let i = 0; i < 60; i += 1) bad = { type: 'Relationship', spdxId: 'a:b', creationInfo: '_:a', relationshipType: 'contains', from: bad, to: i % 8 === 0 ? [bad] : ['a:c'] };
  const begun = performance.now();
  const { state, problems } = checked(JSON.stringify({ '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld', '@graph': [bad] }));
  expect([state, problems.some(({ code }) => code === 'schema')]).toEqual(['checked', true]);
  expect(performance.now() - begun).toBeLessThan(10_000);
});

test('a problem is placed at its line', () => {
  const text = `${begin}[\n  {"type": "file",\n   "name": "ä\\"]{", "hashes": [{"alg": "MD5",\n "content": "ab"}]}]}`;
  expect(checked(text).problems.find(({ code }) => code === 'schema')).toMatchObject({ pointer: '/components/0/hashes/0/content', position: { line: 4, column: 13 } });
});
