// SPDX-License-Identifier: Apache-2.0
// weight.bin of ML programs (coremltools, mlmodel/src/MILBlob/Blob/StorageFormat.hpp): a header of 64 bytes, then for each run of numbers
// 64 bytes about it and the numbers, all at multiples of 64.
import { Malformed } from '../../src/bytes/errors.ts';
import { scanner } from '../../src/model/scanner.ts';

const types: ReadonlyMap<number, readonly [name: string, bits: number]> = new Map<number, readonly [string, number]>([
  [1, ['F16', 16]], [2, ['F32', 32]], [3, ['U8', 8]], [4, ['I8', 8]], [5, ['BF16', 16]], [6, ['I16', 16]], [7, ['U16', 16]], [8, ['I4', 4]], [9, ['U1', 1]], [10, ['U2', 2]], [11, ['U4', 4]], [12, ['U3', 3]], [13, ['U6', 6]],
  [14, ['I32', 32]], [15, ['U32', 32]], [16, ['F8_E4M3', 8]], [17, ['F8_E5M2', 8]],
]);
const sentinel = 0xdeadbeef;
const unit = 64;

export default scanner({
  id: 'coreml-weights',
  title: 'Core ML weights (weight.bin of an .mlpackage)',
  extensions: ['.bin'],
  holds: 'weights',
  says: ['region', 'tensor', 'malformed'],
  recognise({ head, size }) {
    if (size < 2 * unit || head.length < 2 * unit) return 'no';
    const view = new DataView(head.buffer, head.byteOffset, head.length);
    return view.getUint32(4, true) === 2 && view.getUint32(unit, true) === sentinel ? 'yes' : 'no';
  },
  async *inspect(source) {
    const count = new DataView(Uint8Array.from(await source.read(0, 4)).buffer).getUint32(0, true);
    let at = unit;
    let found = 0;
    for (; at + unit <= source.size && found < count; found += 1) {
      if (found % 1024 === 0) source.budget.tick();
      const bytes = await source.read(at, 24);
      const view = new DataView(bytes.buffer, bytes.byteOffset, 24);
      if (view.getUint32(0, true) !== sentinel) break;
      const [type, length, offset] = [view.getUint32(4, true), Number(view.getBigUint64(8, true)), Number(view.getBigUint64(16, true))];
      const end = offset + length;
      if (!(offset >= at + unit && end <= source.size)) throw new Malformed('coreml-weights/range', `numbers ${found} lie outside the file, or before their header (${offset}..${end} of ${source.size})`, at);
      const [dtype, bits] = types.get(type) ?? [`type ${type}`, 0];
      yield { kind: 'tensor', name: `weights at ${at}`, dtype, shape: [bits === 0 ? length : Math.floor((length * 8) / bits)], at: [offset, end] };
      // Between header and numbers, and behind them, writers leave only what brings the next to a multiple of 64.
      yield { kind: 'region', name: 'header', at: [at, Math.min(offset, at + 2 * unit)] };
      const next = Math.ceil(end / unit) * unit;
      if (next > end && end < source.size) yield { kind: 'region', name: 'padding', at: [end, Math.min(next, source.size)] };
      at = next;
    }
    if (found < count) yield { kind: 'malformed', code: 'coreml-weights/count', what: `header says ${count} runs of numbers, but ${found} are there`, at: [at, at] };
    yield { kind: 'region', name: 'header', at: [0, unit] };
  },
});
