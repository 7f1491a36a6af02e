// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'empty-file',
  title: 'A file of weights is empty',
  why: 'The name says model or data, and there is not one byte. A download or a write was cut off, or the file is a place for something that comes later and was not looked at.',
  fix: 'Get the file again from its publisher, or remove it; scan again once it has content.',
  severity: 'low',
  confidence: 'high',
  references: ['CWE-354'],
  provisions: ['5.2.3-1'],
  example: ['unrecognised/empty.pt', 'unrecognised/notes.bin'],
  reads: ['malformed'],
  *check({ facts }) {
    for (const { code, what } of facts) if (code === 'unrecognised/empty') yield { message: what };
  },
});
