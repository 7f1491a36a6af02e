// SPDX-License-Identifier: Apache-2.0

/** Records of a pax extended header that decide what a reader sees, and what is odd about them. */
export interface PaxRecords {
  readonly values: ReadonlyMap<string, string>;
  readonly odd: readonly string[];
}

const digitsAllowed = 8;
/** Keywords that decide what a reader sees; others (times, attributes) would only take memory. */
const told = /^(?:path|linkpath|size|GNU\.sparse\.[a-z]{1,16})$/;

/** Reads "length keyword=value\n" records (POSIX.1-2001 pax, "pax Extended Header"). Stops at the first that is none. */
export function readPax(body: Buffer): PaxRecords {
  const values = new Map<string, string>();
  const odd: string[] = [];
  for (let offset = 0; offset < body.length && body[offset] !== 0; ) {
    const space = body.subarray(offset, offset + digitsAllowed).indexOf(0x20);
    const digits = space === -1 ? '' : body.toString('latin1', offset, offset + space);
    const length = /^[1-9]\d*$/.test(digits) ? Number(digits) : 0;
    const end = offset + length;
    const equals = body.indexOf(0x3d, offset + space + 1);
    if (length === 0 || end > body.length || equals === -1 || equals >= end) {
      odd.push(`record at ${offset} is not "length keyword=value"`);
      break;
    }
    const key = body.toString('utf8', offset + space + 1, equals);
    const newline = body[end - 1] === 0x0a;
    if (!newline) odd.push(`record at ${offset} does not end in a line feed`);
    if (!told.test(key)) {
      offset = end;
      continue;
    }
    if (values.has(key)) odd.push(`keyword ${key.slice(0, 64)} is there twice`);
    values.set(key, body.toString('utf8', equals + 1, newline ? end - 1 : end));
    offset = end;
  }
  return { values, odd: odd.slice(0, 8) };
}

/** A size as pax has it: decimal digits; undefined for anything else, which readers take in different ways. */
export function paxSize(value: string | undefined): number | undefined {
  if (value === undefined || !/^\d{1,16}$/.test(value)) return undefined;
  const size = Number(value);
  return Number.isSafeInteger(size) ? size : undefined;
}
