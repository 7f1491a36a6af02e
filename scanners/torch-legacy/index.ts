// SPDX-License-Identifier: Apache-2.0
import { asBuffer } from '../../src/bytes/as-buffer.ts';
import { Malformed } from '../../src/bytes/errors.ts';
import { placed } from '../../src/grammar/pickle/torch.ts';
import { BOOL, lookUp, yes } from '../../src/grammar/pickle/values.ts';
import { isLegacy, walk } from '../../src/grammar/pickle/walk.ts';
import { scanner } from '../../src/model/scanner.ts';

/** LONG1 of ten bytes: 0x1950a86a20f9469cfc6c, torch/serialization.py MAGIC_NUMBER. */
const magic = Buffer.from('8a0a6cfc9c46f9206aa85019', 'hex');
/** BININT2 1001 and STOP: PROTOCOL_VERSION. */
const version = Buffer.from('4de9032e', 'hex');

export default scanner({
  id: 'torch-legacy',
  title: 'PyTorch checkpoint as written before 1.6: five pickles and raw storages',
  extensions: ['.pt', '.pth', '.bin', '.ckpt'],
  basis: ['pickle'],
  holds: 'weights',
  says: ['region', 'claim', 'tensor', 'malformed'],

  recognise({ head }) {
    const begin = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 2048));
    if (begin.subarray(0, 32).includes(magic)) return 'yes';
    return begin[0] === 0x80 && begin.includes(version) ? 'maybe' : 'no';
  },

  async *inspect(source, sample) {
    const { streams, raw, oddities, libraries } = await walk(source, 'legacy');
    if (!isLegacy(streams)) {
      const sure = sample.head.subarray(0, 32).length > 0 && asBuffer(sample.head.subarray(0, 32)).includes(magic);
      const what = `${streams.length} pickles, of which the second is not 1001 or the third is no dict`;
      if (!sure) throw new Malformed('torch-legacy/layout', what, 0);
      yield { kind: 'malformed', code: 'torch-legacy/layout', what };
      return;
    }
    yield { kind: 'claim', field: 'format-version', value: '1001' };
    const [first] = raw;
    const last = raw.at(-1);
    if (first !== undefined && last !== undefined) yield { kind: 'region', name: `${raw.length} storages`, at: [first.begin, last.end] };
    const system = streams[2]!.ended; // protocol_version, little_endian, type_sizes
    const little = system.kind !== 'stop' || lookUp(system.value, 'little_endian')?.kind !== BOOL || lookUp(system.value, 'little_endian') === yes;
    const places = new Map(raw.map(({ key, begin, end }) => [key, [begin + 8, end] as const]));
    if (raw.length > 0) for (const said of placed('torch-legacy', libraries.tensors, places, little)) yield said;
    for (const { code, what, at } of oddities) if (code.startsWith('torch-legacy/')) yield { kind: 'malformed', code, what, at: [at, at] };
  },
});
