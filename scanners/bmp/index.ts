// SPDX-License-Identifier: Apache-2.0
import { size } from '../../src/grammar/picture/said.ts';
import { scanner } from '../../src/model/scanner.ts';

/** Sizes of headers that there are, from BITMAPCOREHEADER to BITMAPV5HEADER. */
const headers: ReadonlySet<number> = new Set([12, 40, 52, 56, 64, 108, 124]);

/** Windows bitmaps: the two headers, the palette, and how many bytes the pixels take. */
export default scanner({
  id: 'bmp',
  title: 'Windows bitmap',
  extensions: ['.bmp', '.dib'],
  holds: 'data',
  says: ['region', 'claim', 'anomaly', 'malformed'],
  recognise({ head }) {
    if (head.length < 26 || head[0] !== 0x42 || head[1] !== 0x4d) return 'no';
    const data = new DataView(head.buffer, head.byteOffset, head.length);
    // 6 and 8 are reserved; hot-spots of old icons apart they are 0
    return data.getUint32(6, true) === 0 && headers.has(data.getUint32(14, true)) && data.getUint32(10, true) >= 26 ? 'yes' : 'no';
  },
  async *inspect(source) {
    const bytes = await source.read(0, Math.min(64, source.size));
    const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    // 2 size of the file, 10 offset of the pixels, 14 size of the header, 18 width, 22 height, 26 planes, 28 bits, 30 compression, 34 size of the pixels
    const [stated, start, header] = [data.getUint32(2, true), data.getUint32(10, true), data.getUint32(14, true)];
    const core = header === 12;
    const have = (end: number): boolean => end <= bytes.length;
    const width = core ? data.getUint16(18, true) : have(22) ? data.getInt32(18, true) : 0;
    const height = Math.abs(core ? data.getUint16(20, true) : have(26) ? data.getInt32(22, true) : 0);
    const bits = core ? data.getUint16(24, true) : have(30) ? data.getUint16(28, true) : 0;
    const compression = core || !have(34) ? 0 : data.getUint32(30, true);
    yield* size(width, height, `${bits} bits`, source.size);
    const plain = compression === 0 || compression === 3 || compression === 6;
    const pixels = plain ? BigInt(Math.max(0, Math.ceil((width * bits) / 32) * 4)) * BigInt(height) : BigInt(core || !have(38) ? 0 : data.getUint32(34, true));
    const end = BigInt(start) + pixels;
    if (width <= 0 || height === 0) yield { kind: 'malformed', code: 'bmp/size', what: `picture of ${width} × ${height} pixels` };
    if (end > BigInt(source.size)) yield { kind: 'malformed', code: 'bmp/truncated', what: `pixels of ${pixels} bytes at ${start} pass the end at ${source.size}` };
    // Writers round the pixels up to the size that the header states; beyond both nothing is meant.
    const rounded = stated > Number(end) && stated - Number(end) <= 3 ? stated : Number(end);
    yield { kind: 'region', name: 'headers', at: [0, Math.min(start, source.size)] };
    yield { kind: 'region', name: 'pixels', at: [Math.min(start, source.size), Math.min(rounded, source.size)] };
    // Versions 4 and 5 may carry a colour profile behind the pixels: 112 offset from the header, 116 size
    if (header !== 124 || source.size < 138) return;
    const profile = Buffer.from(await source.read(126, 8));
    const [at, length] = [14 + profile.readUInt32LE(0), profile.readUInt32LE(4)];
    if (length > 0 && at >= rounded && at + length <= source.size) yield { kind: 'region', name: 'colour profile', at: [at, at + length] };
  },
});
