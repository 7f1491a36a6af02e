// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

/** Limits that stand for unpacking more than is reasonable. */
const limits = new Set(['inflated', 'children', 'depth']);

export default rule({
  id: 'archive-bomb',
  title: 'Archive that unpacks to more than is reasonable',
  why: 'A small file that unpacks without end, or nests archives in archives, stops scanners and fills the disks and memory of whoever loads it.',
  fix: 'Do not unpack it. If its size is meant, raise the limit that the message names and scan it again.',
  severity: 'high',
  confidence: 'medium',
  references: ['CWE-409', 'CWE-674'],
  provisions: ['5.1.2-2'],
  example: ['gzip/too-deep.gz', 'gzip/two-members.gz'],
  reads: ['gap'],
  *check({ facts }) {
    const hit = facts.find((fact) => fact.limit !== undefined && limits.has(fact.limit));
    if (hit !== undefined) yield { message: hit.what, key: 'bomb' };
  },
});
