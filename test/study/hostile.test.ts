// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { expect, test } from 'vitest';
import { crc32c } from '../../src/bytes/crc32c.ts';
import type { FactOf } from '../../src/model/fact.ts';
import type { Report } from '../../src/model/report.ts';
import { scan } from '../../src/run/scan.ts';
import { folder } from '../support/folder.ts';

function studies(report: Report): FactOf<'study'>[] {
  return report.inspected.flatMap(({ facts }) => facts.filter((fact) => fact.kind === 'study'));
}

/** Writes a piece again and again. */
function repeated(path: string, begin: string, piece: string, times: number, end: string): void {
  const fd = openSync(path, 'w');
  writeSync(fd, begin);
  for (let i = 0; i < times; i += 1) writeSync(fd, piece);
  writeSync(fd, end);
  closeSync(fd);
}

test('a table with one line of 300 MB is a finding, in bounded memory', async () => {
  const root = folder();
  repeated(join(root, 'one-line.csv'), 'text,label\n"', 'a long story '.repeat(80_660), 300, '",1\n');
  const report = await scan([root]);
  expect(report.findings.map(({ rule }) => rule)).toContain('table-damage');
  expect(report.findings.filter(({ rule }) => rule === 'scan-gap')).toEqual([]);
  expect(studies(report).filter(({ question }) => question === 'study')).toEqual([]); // its process was not killed
}, 60_000);

test('a line of 100 MB among records is left out and told', async () => {
  const root = folder();
  const rows = Array.from({ length: 50 }, (_, i) => `{"text":"row ${i} of some words"}\n`).join('');
  repeated(join(root, 'long.jsonl'), `${rows}{"text":"`, 'x'.repeat(1 << 20), 100, `"}\n${rows}`);
  const report = await scan([root]);
  expect(report.findings.map(({ rule }) => rule)).toContain('table-damage');
  expect(studies(report).find(({ question }) => question === 'rows')?.n).toBe(100);
}, 60_000);

test('ten million columns are counted, and some of them looked at', async () => {
  const root = folder();
  repeated(join(root, 'wide.csv'), 'a', ',b'.repeat(100_000), 100, `\n1${',2'.repeat(5)}\n`);
  const report = await scan([root]);
  const wide = report.findings.find(({ message }) => message.includes('10000001 fields'));
  expect(wide?.rule).toBe('table-damage');
  expect(studies(report).filter(({ question }) => question === 'study')).toEqual([]);
}, 60_000);

test('encodings that change in the middle are told', async () => {
  const root = folder();
  const rows = (encoding: BufferEncoding): Buffer => Buffer.from(Array.from({ length: 3000 }, (_, i) => `Zoë ${i},${i}\n`).join(''), encoding);
  writeFileSync(join(root, 'mixed.csv'), Buffer.concat([Buffer.from('name,age\n'), rows('utf8'), rows('utf8'), rows('latin1')]));
  const report = await scan([root], { runner: 'inline' });
  expect(report.findings.find(({ rule }) => rule === 'table-damage')?.message).toContain('3000 characters are no UTF-8');
});

/** One member of a tar: its header with the size that it claims, and what is there of it. */
function member(name: string, claimed: number, body: string): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000644\0', 100);
  header.write(`${claimed.toString(8).padStart(11, '0')}\0`, 124);
  header.write('        0ustar\x0000', 148);
  header.write(`${header.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, Buffer.from(body.padEnd(Math.ceil(body.length / 512) * 512, '\0'))]);
}

test('a tar whose last sample claims more than there is does not keep its reader waiting', async () => {
  const root = folder();
  const samples = Array.from({ length: 60 }, (_, i) => [member(`${i}.txt`, 30, `some words about thing ${i}`.padEnd(30)), member(`${i}.cls`, 1, String(i % 2))]).flat();
  writeFileSync(join(root, 'samples.tar'), Buffer.concat([...samples, member('60.txt', 2 ** 32, 'it begins and never ends')]));
  const begin = performance.now();
  const report = await scan([root], { runner: 'inline' });
  expect(performance.now() - begin).toBeLessThan(20_000);
  expect(report.summary.verdict).not.toBe('clean');
  expect(studies(report).find(({ question }) => question === 'rows')?.n).toBeGreaterThanOrEqual(60);
}, 60_000);

test('a study that is killed is told, and the others go on', async () => {
  const root = folder();
  // The deadline of a study is the scan's timeout; with none at all every study is late.
  writeFileSync(join(root, 'a.csv'), `x,y\n${Array.from({ length: 40 }, (_, i) => `${i},${i}`).join('\n')}\n`);
  const report = await scan([root], { limits: { timeout: 0 } });
  const said = studies(report);
  expect(said.every(({ outcome }) => outcome !== 'finding')).toBe(true);
  expect(report.summary.verdict).not.toBe('clean');
}, 60_000);

test('CRC-32C is that of RFC 3720', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
  expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
  expect(crc32c(Buffer.from('56789'), crc32c(Buffer.from('1234')))).toBe(0xe3069283);
});
