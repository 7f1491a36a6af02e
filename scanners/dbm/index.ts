// SPDX-License-Identifier: Apache-2.0
import { worthOpening } from '../../src/grammar/pickle/embedded.ts';
import { walk } from '../../src/grammar/pickle/walk.ts';
import { scanner } from '../../src/model/scanner.ts';
import { Gdbm, orderOf } from './gdbm.ts';

/** Magic numbers of Berkeley DB: hash and b-tree; at 0 up to version 1.85 (ndbm of macOS and BSD), at 12 since. */
const berkeley: ReadonlySet<number> = new Set([0x0006_1561, 0x0005_3162]);

/** Key-value files under Python's `shelve`: values that begin like a pickle are children. */
export default scanner({
  id: 'dbm',
  title: 'dbm database (shelve): GNU dbm; Berkeley DB by searching',
  extensions: ['.db', '.gdbm', '.pag'],
  holds: 'code', // a shelf's values are pickles
  says: ['region', 'malformed', 'gap', 'call'],
  recognise: ({ head }) => (orderOf(head) !== undefined || isBerkeley(head) ? 'yes' : 'no'),
  async *inspect(source, sample) {
    if (orderOf(sample.head) === undefined) {
      // Its pages are not read: the pickles in them are found by their look, unless they are split over pages.
      const { calls } = await walk(source);
      yield { kind: 'region', name: 'Berkeley DB file', at: [0, source.size] };
      yield* calls;
      yield { kind: 'gap', what: 'Berkeley DB: pages are not read, pickles in them were only searched for', why: 'unsupported', holds: 'code', format: 'berkeley-db' };
      return;
    }
    const database = new Gdbm(source, sample.head);
    yield { kind: 'region', name: 'GNU dbm file', at: [0, database.end] };
    for await (const { begin, end } of database.entries()) {
      const head = await source.read(begin, Math.min(end - begin, 4096));
      if (worthOpening(head, end - begin)) yield { kind: 'child', name: `@${begin}`, source: source.slice(begin, end), at: [begin, end] };
    }
    for (const { code, what, at } of database.odd) yield { kind: 'malformed', code, what, at: [at, at] };
    if (database.odd.length > 0) yield { kind: 'gap', what: `entries at ${database.odd.length} broken places were not read`, why: 'damaged', holds: 'code' };
  },
});

function isBerkeley(head: Uint8Array): boolean {
  if (head.length < 72) return false;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  return [0, 12].some((at) => [true, false].some((little) => berkeley.has(view.getUint32(at, little)) && view.getUint32(at + 4, little) < 64));
}
