// SPDX-License-Identifier: Apache-2.0
// Secrets and personal data, each confirmed by its checksum or structure: a pattern alone is not enough. Values are never passed on.
import { crc32 } from 'node:zlib';
import { eachMatch } from './matches.ts';

export type SecretKind = 'card-number' | 'iban' | 'jwt' | 'aws-key' | 'github-token' | 'private-key' | 'slack-token' | 'google-key' | 'stripe-key' | 'huggingface-token' | 'us-ssn' | 'npm-token';

export interface Secret {
  readonly kind: SecretKind;
  readonly at: number;
  readonly length: number;
}

interface Pattern {
  readonly kind: SecretKind;
  readonly pattern: RegExp;
  /** Told by this text, where the pattern needs one. */
  readonly sign?: string;
  readonly holds: (match: string, text: string, at: number) => boolean;
}

const patterns: readonly Pattern[] = [
  { kind: 'card-number', pattern: /(?<![\d.,\w-])(?:\d[ -]?){12,18}\d(?![\d.,]*\d|[\w-])/g, holds: cardNumber },
  { kind: 'iban', pattern: /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b/g, holds: iban },
  { kind: 'jwt', sign: 'eyJ', pattern: /\beyJ[\w-]{8,2048}\.[\w-]{4,4096}\.[\w-]{16,2048}/g, holds: jwt },
  { kind: 'aws-key', pattern: /\b(?:AKIA|ASIA)[A-Z2-7]{16}\b/g, holds: (match) => !match.endsWith('EXAMPLE') && different(match.slice(4)) >= 8 },
  { kind: 'github-token', pattern: /\bgh[pousr]_[A-Za-z0-9]{36}\b/g, holds: (match) => withCrc(match.slice(4)) },
  { kind: 'npm-token', sign: 'npm_', pattern: /\bnpm_[A-Za-z0-9]{36}\b/g, holds: (match) => withCrc(match.slice(4)) },
  { kind: 'private-key', sign: 'PRIVATE KEY', pattern: /-----BEGIN (?:[A-Z0-9]{2,12} ){0,2}PRIVATE KEY-----[\s\\nrA-Za-z0-9+/=:,-]{64,8192}/g, holds: privateKey },
  { kind: 'slack-token', sign: 'xox', pattern: /\bxox[abpr]-\d{10,13}-\d{10,13}-[A-Za-z0-9-]{20,64}\b/g, holds: (match) => different(match.slice(5)) >= 12 },
  { kind: 'google-key', sign: 'AIza', pattern: /\bAIza[\w-]{35}(?![\w-])/g, holds: (match) => different(match) >= 16 && entropy(match) >= 4 },
  { kind: 'stripe-key', sign: '_live_', pattern: /\b[sr]k_live_[A-Za-z0-9]{24,99}\b/g, holds: (match) => different(match.slice(8)) >= 12 },
  { kind: 'huggingface-token', sign: 'hf_', pattern: /\bhf_[A-Za-z]{34}\b/g, holds: (match) => different(match.slice(3)) >= 14 },
  { kind: 'us-ssn', pattern: /(?<![\d-])(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])/g, holds: (match, text, at) => match !== '078-05-1120' && match !== '123-45-6789' && /\b(?:ssn|social\s+security)\b/i.test(text.slice(Math.max(0, at - 60), at)) },
];

/** Nine digits are the fewest (a social security number); an IBAN may have few, and begins with its country. */
const glance = /(?:\d[ -]?){9}|[A-Z]{2}\d\d|eyJ|AKIA|ASIA|gh[pousr]_|npm_|PRIVATE KEY|xox|AIza|_live_|hf_/;

/** At most `most` confirmed ones. */
export function secretsIn(text: string, most = 32): Secret[] {
  if (!glance.test(text)) return [];
  const out: Secret[] = [];
  for (const { kind, pattern, sign, holds } of patterns) {
    if (sign !== undefined && !text.includes(sign)) continue;
    eachMatch(text, pattern, (match, index) => {
      if (out.length < most && holds(match, text, index)) out.push({ kind, at: index, length: match.length });
    });
  }
  return out;
}

/** The text with confirmed secrets, mail addresses and long runs of digits or key-like signs blotted out. For every excerpt that is shown. */
export function masked(text: string): string {
  let out = text;
  for (const { at, length } of secretsIn(text).toSorted((a, b) => b.at - a.at)) out = `${out.slice(0, at)}${out.slice(at, at + 2)}${'*'.repeat(Math.min(8, length))}${out.slice(at + length)}`;
  return out
    .replaceAll(/[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{2,24})+/g, '***@***')
    .replaceAll(/\d(?:[ -]?\d){8,}/g, '*********')
    .replaceAll(/[A-Za-z0-9_/+-]{32,}/g, (long) => (/\d/.test(long) && /[A-Z]/.test(long) && /[a-z]/.test(long) ? `${long.slice(0, 2)}********` : long));
}

function luhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    sum += i % 2 === 0 ? digit : digit * 2 - (digit > 4 ? 9 : 0);
  }
  return sum % 10 === 0;
}

/** Numbers that the makers of cards publish for tests. */
const testCards: ReadonlySet<string> = new Set(['4111111111111111', '4242424242424242', '4012888888881881', '5555555555554444', '5105105105105100', '378282246310005', '371449635398431', '6011111111111117', '6011000990139424', '30569309025904', '38520000023237', '3530111333300000', '3566002020360505']);

function cardNumber(match: string, text: string, at: number): boolean {
  const digits = match.replaceAll(/[ -]/g, '');
  const issued = /^(?:4\d{15}|4\d{12}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|6(?:011|5\d\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12})$/.test(digits);
  if (!issued || testCards.has(digits) || different(digits) < 4 || !luhn(digits)) return false;
  // One number in ten passes Luhn: a group of four or a word beside it must say that it is a card.
  return /^\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}$|^\d{4}([ -])\d{6}\2\d{5}$/.test(match) || /\b(?:card|visa|master\s?card|amex|credit|debit|cc|pan)\b/i.test(text.slice(Math.max(0, at - 60), at));
}

const ibanLengths: Readonly<Record<string, number>> = { AD: 24, AE: 23, AT: 20, BE: 16, BG: 22, CH: 21, CY: 28, CZ: 24, DE: 22, DK: 18, EE: 20, ES: 24, FI: 18, FR: 27, GB: 22, GR: 27, HR: 21, HU: 28, IE: 22, IL: 23, IS: 26, IT: 27, LI: 21, LT: 20, LU: 20, LV: 21, MT: 31, NL: 18, NO: 15, PL: 28, PT: 25, RO: 24, SA: 24, SE: 24, SI: 19, SK: 24, TR: 26, UA: 29 };

function iban(match: string): boolean {
  const plain = match.replaceAll(' ', '');
  if (ibanLengths[plain.slice(0, 2)] !== plain.length) return false;
  let rest = 0;
  for (const sign of plain.slice(4) + plain.slice(0, 4)) {
    const value = Number.parseInt(sign, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

function jwt(match: string): boolean {
  const [head = '', body = ''] = match.split('.');
  return parses(head, '"alg"') && parses(body, '{');
}

function parses(part: string, has: string): boolean {
  const text = Buffer.from(part, 'base64url').toString('utf8');
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && text.includes(has);
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** GitHub's and npm's tokens end with the CRC-32 of what stands before, six signs in base 62. */
export function withCrc(body: string): boolean {
  let value = crc32(body.slice(0, 30));
  let text = '';
  for (let i = 0; i < 6; i += 1) {
    text = base62[value % 62]! + text;
    value = Math.floor(value / 62);
  }
  return text === body.slice(30);
}

function privateKey(match: string): boolean {
  const inner = match.replace(/^-----BEGIN[^-]*-----/, '').replaceAll(/\\[nr]|\s|-----END.*/g, '').replaceAll(/[^A-Za-z0-9+/=]/g, '');
  const bytes = Buffer.from(inner.slice(0, 64), 'base64');
  return inner.length >= 48 && (bytes[0] === 0x30 || bytes.subarray(0, 14).toString('latin1') === 'openssh-key-v1' || /ENCRYPTED/.test(match));
}

function different(text: string): number {
  return new Set(text).size;
}

function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const one of text) counts.set(one, (counts.get(one) ?? 0) + 1);
  let sum = 0;
  for (const count of counts.values()) sum -= (count / text.length) * Math.log2(count / text.length);
  return sum;
}
