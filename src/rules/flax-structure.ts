// SPDX-License-Identifier: Apache-2.0
import { rule, type Severity } from '../model/rule.ts';
import { byCode } from './policy/by-code.ts';

const severities: ReadonlyMap<string, Severity> = new Map<string, Severity>([
  ['flax/size', 'high'],
  ['flax/shape', 'high'],
  ['flax/depth', 'high'],
  ['flax/count', 'high'],
  ['flax/array', 'medium'],
  ['flax/duplicate-key', 'medium'],
  ['flax/extension', 'medium'],
  ['flax/dtype', 'medium'],
  ['flax/key', 'low'],
  ['flax/type', 'medium'],
  ['flax/truncated', 'medium'],
]);

export default rule({
  id: 'flax-structure',
  title: 'Flax parameters break their format',
  why: 'Arrays whose bytes contradict their shape, names that stand there twice, or values of types that Flax does not know. Readers fail on them, or take one of two values; unknown types are handed on unread, which is where things are hidden.',
  fix: 'Look at what lies there. Load the parameters in an environment without secrets and save them anew, or get the file again from its publisher.',
  severity: 'medium',
  confidence: 'high',
  references: ['CWE-436', 'CWE-674', 'https://github.com/google/flax/blob/main/flax/serialization.py', 'https://github.com/msgpack/msgpack/blob/master/spec.md'],
  provisions: ['5.2.3-1'],
  example: ['flax/size-differs.msgpack', 'flax/ok.msgpack'],
  reads: ['malformed'],
  check: ({ facts }) => byCode(facts, severities),
});
