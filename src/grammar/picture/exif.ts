// SPDX-License-Identifier: Apache-2.0
// Texts in EXIF data: a TIFF structure in a segment or chunk (CIPA DC-008). Only what is text is read; numbers are left alone.
import { decoded, text, type Said } from './said.ts';

const names: Readonly<Record<number, string>> = {
  0x010d: 'DocumentName', 0x010e: 'ImageDescription', 0x010f: 'Make', 0x0110: 'Model', 0x0131: 'Software', 0x013b: 'Artist', 0x013c: 'HostComputer', 0x02bc: 'XMP',
  0x8298: 'Copyright', 0x9286: 'UserComment', 0x9c9b: 'XPTitle', 0x9c9c: 'XPComment', 0x9c9d: 'XPAuthor', 0x9c9e: 'XPKeywords', 0x9c9f: 'XPSubject', 0xa420: 'ImageUniqueID', 0xa430: 'CameraOwnerName',
};
/** Sub-directories: Exif, GPS, interoperability. */
const deeper: ReadonlySet<number> = new Set([0x8769, 0x8825, 0xa005]);
const directoriesMost = 8;
const entriesMost = 512;
const textsMost = 24;

/** Texts of one EXIF block; damaged ones say as much as can be read. `where` is put before each name. */
export function* exifTexts(block: Uint8Array, where: string): Generator<Said> {
  const data = new DataView(block.buffer, block.byteOffset, block.length);
  if (block.length < 8) return;
  const little = data.getUint16(0) === 0x4949;
  if ((!little && data.getUint16(0) !== 0x4d4d) || data.getUint16(2, little) !== 42) return;
  const queue = [data.getUint32(4, little)];
  const seen = new Set<number>();
  let texts = 0;
  while (queue.length > 0 && seen.size < directoriesMost) {
    const at = queue.shift()!;
    if (seen.has(at) || at + 2 > block.length) continue;
    seen.add(at);
    const entries = Math.min(data.getUint16(at, little), entriesMost);
    for (let n = 0; n < entries && at + 14 + 12 * n <= block.length; n += 1) {
      const entry = at + 2 + 12 * n;
      const [tag, type, count] = [data.getUint16(entry, little), data.getUint16(entry + 2, little), data.getUint32(entry + 4, little)];
      if (deeper.has(tag)) queue.push(data.getUint32(entry + 8, little));
      // ASCII, UNDEFINED of a known name, UTF-8 (type 129), or bytes of a known name
      const name = names[tag];
      if (!(type === 2 || type === 129 || (name !== undefined && (type === 1 || type === 7))) || texts >= textsMost) continue;
      const begin = count <= 4 ? entry + 8 : data.getUint32(entry + 8, little);
      if (begin + count > block.length) continue;
      texts += 1;
      yield* text(`${where} ${name ?? `tag ${tag}`}`, valueOf(block.subarray(begin, begin + count), tag));
    }
    const next = at + 2 + 12 * data.getUint16(at, little);
    if (next + 4 <= block.length) queue.push(data.getUint32(next, little));
  }
}

function valueOf(bytes: Uint8Array, tag: number): string {
  if (tag >= 0x9c9b && tag <= 0x9c9f) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length & ~1).toString('utf16le');
  // UserComment begins with eight bytes that name its encoding
  return decoded(tag === 0x9286 ? bytes.subarray(8) : bytes);
}
