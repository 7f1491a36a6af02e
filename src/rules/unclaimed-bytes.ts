// SPDX-License-Identifier: Apache-2.0
import { rule, type Hit } from '../model/rule.ts';

/** Alignment that writers use; zeros up to here fill up a page. */
const page = 4096;

export default rule({
  id: 'unclaimed-bytes',
  title: 'Bytes that no part of the format accounts for',
  why: 'Data before, between or behind the parts of a file is passed over by its loader, but not by everyone: payloads, stolen data and second files are carried there.',
  fix: 'Look at the bytes named. Rewrite the file with its own library, which drops them, and compare it with the publisher\'s copy.',
  severity: 'medium',
  confidence: 'high',
  references: ['CWE-506', 'https://arxiv.org/abs/2508.19774'],
  provisions: ['5.2.1-4.1', '5.2.3-1'],
  example: ['tar/junk-behind.tar', 'tar/blocked.tar'],
  reads: ['anomaly'],
  *check({ facts }) {
    for (const { measure, value, detail, at } of facts) {
      if (measure !== 'unclaimed-bytes') continue;
      const place = at === undefined ? {} : { at };
      const where = at === undefined ? '' : ` at ${at[0]}`;
      yield* judged(value, detail ?? 'other', where, place);
    }
  },
});

function* judged(value: number, look: string, where: string, place: Pick<Hit, 'at'>): Generator<Hit> {
  if (look === 'zeros') {
    if (value <= page) return;
    yield { ...place, severity: 'low', message: `${value} zero bytes${where} belong to no part of the format`, key: 'zeros' };
  } else if (look === 'other' || look.startsWith('in ')) {
    yield { ...place, message: `${value} bytes${where === '' ? '' : where}${look === 'other' ? '' : ` ${look}`} belong to no part of the format`, key: 'other' };
  } else {
    yield { ...place, severity: 'high', message: `${value} bytes${where} belong to no part of the format, and are ${look} by content`, key: look };
  }
}
