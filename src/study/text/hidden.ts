// SPDX-License-Identifier: Apache-2.0
// Characters that people do not see and models read: Unicode tags (ASCII smuggling), runs of variation selectors (bytes smuggled),
// bidirectional controls (Trojan Source, CVE-2021-42574), zero-width characters, and words that mix look-alike scripts (UTS #39).

export type HiddenKind = 'tags' | 'variation-selectors' | 'bidi' | 'zero-width' | 'soft-hyphen' | 'mixed-script';

export interface Hidden {
  readonly kind: HiddenKind;
  /** UTF-16 units from the beginning of the text. */
  readonly at: number;
  /** Characters meant. */
  readonly length: number;
  /** What the characters spell, where they spell something. */
  readonly spells?: string;
}

/** A text with none of these needs no further look: everything that is looked for, and letters of the scripts that are mistaken for Latin. */
// oxlint-disable-next-line eslint/no-misleading-character-class -- each is looked for by itself
const suspicious = /[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\u206a-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\udb40\u0370-\u052f]/;
const tagRun = /[\u{e0000}-\u{e007f}]+/gu;
const selectorRun = /[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]{4,}/gu;
const bidi = /[\u202a-\u202e\u2066-\u2069]+/g;
const zeroWidth = /[\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200d\u2060-\u2064\u206a-\u206f\u3164\ufeff\uffa0]+/g;
const softHyphen = /\u00ad+/g;
const rightToLeft = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
/** Scripts in which joiners and other marks without a width are part of the spelling. */
const joining = /[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Thai}\p{Script=Lao}\p{Script=Myanmar}\p{Script=Tibetan}\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
const pictograph = /[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f\u20e3\u{1f1e6}-\u{1f1ff}]/u;
/** Cyrillic and Greek letters with the shape of a Latin one (UTS #39 confusables). */
const lookalike = /[аеорсухіјѕһԁԛԝАВЕКМНОРСТУХІЈЅԌαορνικυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ]/u;
const wordOfTwo = /[A-Za-z]*[\u0370-\u052f][A-Za-z\u0370-\u052f]*/g;

/** At most `most` places. Emoji, flags, joiners where a script needs them, marks of direction in right-to-left text and a leading BOM are none. */
export function hiddenIn(text: string, most = 64): Hidden[] {
  if (!suspicious.test(text)) return [];
  const out: Hidden[] = [];
  const add = (kind: HiddenKind, at: number, length: number, spells?: string): void => {
    if (out.length < most) out.push(spells === undefined ? { kind, at, length } : { kind, at, length, spells });
  };
  for (const { 0: run, index } of text.matchAll(tagRun)) {
    const points = Array.from(run).map((one) => one.codePointAt(0)! - 0xe0000);
    const said = points.map((point) => (point >= 0x20 && point < 0x7f ? String.fromCharCode(point) : '')).join('');
    // A flag of a region: a black flag, then its code, then the end sign.
    const flag = text.slice(Math.max(0, index - 2), index) === '\u{1f3f4}' && points.at(-1) === 0x7f && /^[a-z0-9]{3,6}$/.test(said);
    if (!flag) add('tags', index, points.length, said.slice(0, 120));
  }
  for (const { 0: run, index } of text.matchAll(selectorRun)) {
    const bytes = Array.from(run).map((one) => one.codePointAt(0)!).map((point) => (point < 0x10000 ? point - 0xfe00 : point - 0xe0100 + 16));
    const said = bytes.every((byte) => byte === 9 || byte === 10 || (byte >= 0x20 && byte < 0x7f)) ? String.fromCharCode(...bytes.slice(0, 120)) : undefined;
    add('variation-selectors', index, bytes.length, said);
  }
  for (const { 0: run, index } of text.matchAll(bidi)) {
    if (!rightToLeft.test(text.slice(Math.max(0, index - 400), index + 400))) add('bidi', index, run.length);
  }
  for (const { 0: run, index } of text.matchAll(zeroWidth)) if (!ordinary(text, run, index)) add('zero-width', index, run.length);
  for (const { 0: run, index } of text.matchAll(softHyphen)) if (run.length >= 2) add('soft-hyphen', index, run.length);
  for (const { 0: word, index } of text.matchAll(wordOfTwo)) {
    // One Greek letter is a formula or a unit (Δt, µm); what is mistaken for Latin stands among Latin letters.
    const foreign = word.replaceAll(/[A-Za-z]/g, '');
    const latin = word.length - foreign.length;
    if (latin >= 2 && word.length <= 64 && Array.from(foreign).every((one) => lookalike.test(one))) add('mixed-script', index, word.length);
  }
  return out;
}

function ordinary(text: string, run: string, index: number): boolean {
  if (index === 0 && run === '\ufeff') return true;
  if (run.length > 1 && !/^\u200b+$/.test(run)) return run.length === 2 && joining.test(near(text, index, run.length));
  const around = near(text, index, run.length);
  if (joining.test(around)) return true;
  return run === '\u200d' && pictograph.test(text.slice(Math.max(0, index - 2), index)) && pictograph.test(text.slice(index + 1, index + 3));
}

function near(text: string, index: number, length: number): string {
  return text.slice(Math.max(0, index - 4), index) + text.slice(index + length, index + length + 4);
}
