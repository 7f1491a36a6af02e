// SPDX-License-Identifier: Apache-2.0
import { asBuffer } from '../../src/bytes/as-buffer.ts';
import { walk } from '../../src/grammar/zip/walk.ts';
import { scanner } from '../../src/model/scanner.ts';
import { openTable, tableRows, typeOf } from './table.ts';

export default scanner({
  id: 'npz',
  title: 'NumPy archives (zip of .npy)',
  extensions: ['.npz'],
  basis: ['zip'],
  parts: true,
  holds: 'data',
  says: ['claim', 'malformed', 'column', 'anomaly'],
  recognise({ head }) {
    if (!(head.length > 34 && head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4)) return 'no';
    const length = head[26]! | (head[27]! << 8);
    return asBuffer(head.subarray(30, 30 + length)).toString('latin1').endsWith('.npy') ? 'yes' : 'no';
  },
  async *inspect(source) {
    const { members } = await walk(source);
    const others = members.filter((member) => !member.name.endsWith('.npy'));
    yield { kind: 'claim', field: 'library', value: 'numpy' };
    if (others.length > 0) yield { kind: 'malformed', code: 'npz/other-member', what: `${others.length} of ${members.length} members are no .npy file` };
    const table = await openTable(source);
    if (table === undefined) return;
    table.close();
    const rows = table.groups.reduce((sum, group) => sum + group.rows, 0);
    const columns = new Map(table.groups.flatMap((group) => group.columns.map((column) => [column.name, column] as const)));
    for (const [name, column] of columns) yield { kind: 'column', name: name.slice(0, 256), type: typeOf(column), rows, nulls: 0 };
    if (table.groups.some(({ split }) => split !== '')) yield { kind: 'column', name: 'split', type: 'string', rows, nulls: 0 };
    yield { kind: 'anomaly', measure: 'rows', value: rows };
  },
  rows: (source, _sample, wanted) => tableRows(source, wanted),
});
