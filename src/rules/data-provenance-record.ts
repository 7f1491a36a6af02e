// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'data-provenance-record',
  title: 'The data provenance record is not complete',
  why: 'A record of where data comes from helps only when it says who published it, when, how it was made and what it may be used for. Members that its schema demands are missing, or it contradicts itself.',
  fix: 'Ask the data\'s publisher for a final record with all demanded members.',
  severity: 'low',
  confidence: 'high',
  references: ['https://docs.oasis-open.org/dps/prov-meta/v1.0/'],
  provisions: ['5.2.4-2', '5.2.4-2.1'],
  example: ['data-provenance/incomplete.json', 'data-provenance/complete.json'],
  reads: ['malformed'],
  *check({ facts }) {
    for (const { code, what } of facts) {
      if (code === 'data-provenance/dates') yield { message: what, key: code, severity: 'high' };
      else if (code.startsWith('data-provenance/')) yield { message: what, key: code };
    }
  },
});
