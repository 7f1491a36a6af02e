// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';

/** A UUID made of content (RFC 9562, version 8), so that the same result gives the same document. */
export function uuidOf(...parts: readonly string[]): string {
  const bytes = createHash('sha256').update(JSON.stringify(parts)).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** The same with version 5 in its version field, for documents whose readers know versions 4 and 5 only. */
export function uuid5Of(...parts: readonly string[]): string {
  const uuid = uuidOf(...parts);
  return `${uuid.slice(0, 14)}5${uuid.slice(15)}`;
}

/** One line of text that is not empty: what many schemas ask of a string. */
export function line(text: string): string {
  const clean = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\s]+/gu, ' ').trim();
  return clean === '' ? '-' : clean;
}
