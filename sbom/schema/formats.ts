// SPDX-License-Identifier: Apache-2.0

const days = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function isDate(text: string): boolean {
  const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (parts === null) return false;
  const [year, month, day] = parts.slice(1).map(Number) as [number, number, number];
  if (month < 1 || month > 12 || day < 1 || day > days[month - 1]!) return false;
  return month !== 2 || day < 29 || (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0));
}

/** RFC 3339, with its time zone; a leap second only where the hour and minute allow one. */
function isDateTime(text: string): boolean {
  const parts = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|([+-])(\d\d):?(\d\d)?)$/.exec(text);
  if (parts === null || !isDate(parts[1]!)) return false;
  const [hour, minute, second] = [Number(parts[2]), Number(parts[3]), Number(parts[4])];
  if (hour > 23 || minute > 59 || second > 60) return false;
  return Number(parts[6] ?? 0) < 24 && Number(parts[7] ?? 0) < 60 && (second < 60 || parts[5] !== undefined || (hour === 23 && minute === 59));
}

/**
 * The formats of the schemas here. References to the web are not judged by their form: the official cases hold texts
 * of all kinds there, and so does the world.
 */
export const formats: Readonly<Record<string, (text: string) => boolean>> = {
  date: isDate,
  'date-time': isDateTime,
  'idn-email': (text) => /^[^@]{1,320}@[^@]{1,255}$/.test(text),
  uri: (text) => /^[a-z][a-z0-9+.-]*:/i.test(text),
  'iri-reference': () => true,
};
