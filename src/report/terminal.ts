// SPDX-License-Identifier: Apache-2.0

/**
 * Text of unknown origin made safe for a terminal, a log or a Markdown table: control characters, direction overrides
 * and line breaks are written out, so that a file name can neither move the cursor nor fake a line.
 */
export function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) => {
    const code = character.codePointAt(0)!;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

/** A count with its noun: 1 file, 2 files. */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : plural}`;
}

/** Bytes in decimal units, three digits: 4.29 GB. */
export function bytes(number: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = number;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return unit === 0 ? `${number} B` : `${value.toPrecision(3)} ${units[unit]}`;
}
