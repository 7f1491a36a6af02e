// SPDX-License-Identifier: Apache-2.0
import { rule, type Severity } from '../model/rule.ts';
import { byCode } from './policy/by-code.ts';

const severities: ReadonlyMap<string, Severity> = new Map<string, Severity>([
  // Programs differ in what they take: one stops, the next one shows something else.
  ['png/second-header', 'medium'],
  ['png/header', 'medium'],
  ['png/size', 'medium'],
  ['tiff/loop', 'medium'],
  ['bmp/size', 'medium'],
  // Cut short, or damaged on the way.
  ['png/checksum', 'low'],
  ['png/no-end', 'low'],
  ['png/truncated', 'low'],
  ['png/chunk-type', 'low'],
  ['png/no-header', 'low'],
  ['jpeg/no-end', 'low'],
  ['jpeg/no-scan', 'low'],
  ['jpeg/truncated', 'low'],
  ['jpeg/marker', 'low'],
  ['jpeg/segment', 'low'],
  ['gif/no-end', 'low'],
  ['gif/no-image', 'low'],
  ['gif/truncated', 'low'],
  ['gif/block', 'low'],
  ['webp/truncated', 'low'],
  ['webp/no-image', 'low'],
  ['bmp/truncated', 'low'],
  ['tiff/value-outside', 'low'],
  ['tiff/pixels-outside', 'low'],
  ['tiff/no-image', 'low'],
  ['tiff/outside', 'low'],
  ['tiff/truncated', 'low'],
  ['idx/truncated', 'low'],
]);

export default rule({
  id: 'picture-structure',
  title: 'A picture breaks its format',
  why: 'Damaged pictures stop data loaders or are taken differently by different ones: what was checked is then not what a model learns from. Old decoders have been attacked with just such files.',
  fix: 'Get the file again from its source, or leave it out. Decode with a current library.',
  severity: 'low',
  confidence: 'high',
  references: ['CWE-1284', 'https://www.w3.org/TR/png-3/'],
  provisions: ['5.2.3-1'],
  example: ['png/checksum.png', 'png/plain.png'],
  reads: ['malformed'],
  check: ({ facts }) => byCode(facts, severities),
});
