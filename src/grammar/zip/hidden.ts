// SPDX-License-Identifier: Apache-2.0
import { Malformed } from '../../bytes/errors.ts';
import { unpack } from '../../bytes/unpack.ts';
import { membersMost, quote, type Anomaly, type Directory } from './directory.ts';
import { decodeName, u16, u32, wide, zip64Fields } from './fields.ts';
import type { Member } from './walk.ts';
import type { Window } from './window.ts';

/** Members whose end is looked for by unpacking; the data of later ones end where the next header begins. */
const probesMost = 1024;
/** Descriptor signatures tried for the end of one stored member. */
const signaturesMost = 256;

/** Local headers in the bytes that no listed member and no directory covers. */
export async function findHidden(window: Window, members: readonly Member[], kept: readonly Directory[], anomalies: Anomaly[]): Promise<Member[]> {
  const { source } = window;
  const directories = kept.flatMap((one) => [[one.begin, one.parsedEnd] as const, [one.end, one.endAt + 22] as const]);
  const taken = [...members.map((member) => [member.headerAt, member.end] as const), ...directories].toSorted((a, b) => a[0] - b[0]);
  const out: Member[] = [];
  let [reached, probes] = [0, 0];
  for (const [begin, end] of [...taken, [source.size, source.size] as const]) {
    for (let at = reached; at + 30 <= begin; ) {
      source.budget.tick();
      const found = await window.next('PK\x03\x04', at, begin);
      if (found === undefined) break;
      if (out.length >= membersMost) {
        anomalies.push({ code: 'zip/too-many-members', what: `more than ${membersMost} members are in no directory`, at: [found, found] });
        return out;
      }
      const member = await hiddenAt(window, found, begin, probes < probesMost);
      at = found + 4;
      if (member === undefined) continue;
      if ((member.flags & 8) !== 0) probes += 1;
      out.push(member);
      if (kept.length > 0) anomalies.push({ code: 'zip/hidden-member', what: `member ${quote(member.name)} has a local header at ${found}, and is in no directory`, at: [found, member.end] });
      at = Math.max(member.end, found + 30);
    }
    reached = Math.max(reached, end);
  }
  return out;
}

async function hiddenAt(window: Window, at: number, limit: number, probe: boolean): Promise<Member | undefined> {
  const head = await window.at(at, 30);
  if (head === undefined || at + 30 > limit) return undefined;
  const [flags, method, nameLength, extraLength] = [u16(head, 6), u16(head, 8), u16(head, 26), u16(head, 28)];
  const [crc32, packed, unpacked] = [u32(head, 14), u32(head, 18), u32(head, 22)];
  const dataBegin = at + 30 + nameLength + extraLength;
  const rest = dataBegin > limit ? undefined : await window.at(at + 30, nameLength + extraLength);
  if (rest === undefined) return undefined;
  window.noteOdd(rest, nameLength, at + 30);
  const rawName = rest.slice(0, nameLength);
  const sizes = zip64Fields(rest.subarray(nameLength), [unpacked, packed]) ?? [0, 0];
  const base = { name: decodeName(rawName, flags), rawName, method, flags, crc32, headerAt: at, mode: 0, dataBegin, inDirectory: false };
  if ((flags & 8) !== 0 && sizes[1] === 0) {
    const end = probe ? await endByDescriptor(window, base, limit) : undefined;
    if (end !== undefined) return { ...base, ...end, declared: true };
    // no descriptor fits: up to the next header at most
    const dataEnd = (await window.next('PK\x03\x04', dataBegin, limit)) ?? limit;
    return { ...base, packedSize: dataEnd - dataBegin, size: 0, dataEnd, end: dataEnd, declared: false };
  }
  const dataEnd = Math.min(limit, dataBegin + sizes[1]!);
  return { ...base, packedSize: dataEnd - dataBegin, size: sizes[0]!, dataEnd, end: dataEnd, declared: true };
}

type End = Pick<Member, 'crc32' | 'packedSize' | 'size' | 'dataEnd' | 'end'>;

/** The end of data whose size only the descriptor behind them says (APPNOTE 4.3.9): where the packed stream ends, or a signature fits. */
async function endByDescriptor(window: Window, member: Pick<Member, 'method' | 'flags' | 'dataBegin'>, limit: number): Promise<End | undefined> {
  const { dataBegin } = member;
  if (member.method === 8 && (member.flags & 0x41) === 0) {
    const length = await packedLength(window, dataBegin, limit);
    return length === undefined ? undefined : descriptor(window, dataBegin, dataBegin + length, limit);
  }
  let at = await window.next('PK\x07\x08', dataBegin, limit);
  for (let tried = 0; at !== undefined && tried < signaturesMost; tried += 1) {
    const end = await descriptor(window, dataBegin, at, limit);
    if (end !== undefined) return end;
    at = await window.next('PK\x07\x08', at + 1, limit);
  }
  return undefined;
}

async function packedLength({ source }: Window, begin: number, limit: number): Promise<number | undefined> {
  const stream = unpack(source.slice(begin, limit), 'deflate-raw');
  try {
    for await (const part of stream) source.budget.spend('inflated', part.length);
  } catch (error) {
    if (error instanceof Malformed) return undefined;
    throw error;
  }
  return stream.consumed();
}

/** A descriptor at `at`, signature optional, with sizes of 4 or 8 bytes, that says the packed size there is. */
async function descriptor(window: Window, begin: number, at: number, limit: number): Promise<End | undefined> {
  const signature = await window.at(at, 4);
  const skip = signature !== undefined && u32(signature, 0) === 0x08074b50 ? 4 : 0;
  const packedSize = at - begin;
  for (const length of [20, 12]) {
    const bytes = at + skip + length > limit ? undefined : await window.at(at + skip, length);
    if (bytes === undefined) continue;
    const [packed, size] = length === 20 ? [wide(bytes, 4), wide(bytes, 12)] : [u32(bytes, 4), u32(bytes, 8)];
    if (packed === packedSize && size !== undefined) return { crc32: u32(bytes, 0), packedSize, size, dataEnd: at, end: at + skip + length };
  }
  return undefined;
}
