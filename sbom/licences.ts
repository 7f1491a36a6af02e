// SPDX-License-Identifier: Apache-2.0
import ids from './data/spdx-licence-ids.json' with { type: 'json' };

/** A licence as declared, brought as near to SPDX as it can be without guessing. */
export interface Licence {
  /** Exactly one of `id`, `expression` and `name` is present. `id` is on the SPDX list. */
  readonly id?: string;
  readonly expression?: string;
  /** A licence that SPDX does not list: 'LicenseRef-…'. */
  readonly name?: string;
  /** What the keyword leaves open. */
  readonly ambiguity?: string;
  /** Limits on use that the keyword is known for: 'use-restricted', 'non-commercial', 'no-derivatives', 'share-alike'. */
  readonly terms: readonly string[];
}

const licenceIds = new Map(ids.licences.map((id) => [id.toLowerCase(), id]));
const exceptionIds = new Set(ids.exceptions.map((id) => id.toLowerCase()));

/** Keywords of the Hugging Face hub (hub docs, repositories-licenses) that are an SPDX licence by another name. */
const sameLicence: Readonly<Record<string, string>> = {
  'odc-by': 'ODC-By-1.0',
  odbl: 'ODbL-1.0',
  pddl: 'PDDL-1.0',
  'c-uda': 'C-UDA-1.0',
  'lgpl-lr': 'LGPLLR',
};

/** Families: the keyword names no version, so no single licence. */
const families: Readonly<Record<string, string>> = {
  gpl: 'the version is not said',
  lgpl: 'the version is not said',
  gfdl: 'the version is not said',
  bsd: 'which BSD licence is not said',
  cc: 'which Creative Commons licence is not said',
  openrail: 'which RAIL licence is not said',
};

const restricted = /openrail|bloom-rail|^(llama|gemma|deepfloyd|grok|apple-a|h-research|intel-research|fair-noncommercial)/;

/**
 * Reads a declared licence: an SPDX id in any case, an SPDX expression, or a hub keyword. Undefined when it says
 * nothing ('unknown', 'other', empty). Nothing is guessed: 'gpl' stays 'gpl', with its ambiguity named.
 */
export function licenceOf(declared: string): Licence | undefined {
  const text = declared.trim();
  const keyword = text.toLowerCase();
  if (['', 'unknown', 'other', 'none', 'noassertion', 'n/a'].includes(keyword)) return undefined;
  const id = (Object.hasOwn(sameLicence, keyword) ? sameLicence[keyword] : undefined) ?? licenceIds.get(keyword);
  const terms = termsOf(keyword);
  if (id !== undefined) {
    // SPDX deprecated the bare GNU ids because they do not say whether a later version may be chosen.
    const open = /^(gpl|lgpl|agpl)-\d\.\d$/.test(keyword) || /^gfdl-\d\.\d$/.test(keyword);
    return { id, terms, ...(open ? { ambiguity: 'only this version, or any later one, is not said' } : {}) };
  }
  if (/\s/.test(text) && isExpression(text)) return { expression: text, terms };
  const reference = keyword.startsWith('licenseref-') ? text.slice(11) : text;
  const name = `LicenseRef-${reference.replaceAll(/[^A-Za-z0-9.-]+/g, '-').replaceAll(/^-+|-+$/g, '').slice(0, 100) || 'unnamed'}`;
  const ambiguity = Object.hasOwn(families, keyword) ? families[keyword] : undefined;
  return { name, terms, ...(ambiguity === undefined ? {} : { ambiguity }) };
}

function termsOf(keyword: string): string[] {
  const terms: string[] = [];
  if (/(^|-)nc(-|$)|non-?commercial|-amlr$|research/.test(keyword)) terms.push('non-commercial');
  if (/^cc-by(-nc)?-nd/.test(keyword)) terms.push('no-derivatives');
  if (/^cc-by(-nc)?-sa/.test(keyword)) terms.push('share-alike');
  if (restricted.test(keyword)) terms.push('use-restricted');
  return terms.sort();
}

/** Whether the text is a valid SPDX licence expression (SPDX 3.0.1, annex B) of listed licences and LicenseRefs. */
export function isExpression(text: string): boolean {
  if (text.length > 4096) return false;
  let depth = 0;
  let expectsOperand = true;
  let expectsException = false;
  for (const token of text.replaceAll(/([()])/g, ' $1 ').trim().split(/\s+/)) {
    if (expectsException) {
      if (!exceptionIds.has(token.toLowerCase()) && !/^AdditionRef-[A-Za-z0-9.-]+$/.test(token)) return false;
      expectsException = false;
    } else if (token === '(') {
      if (!expectsOperand) return false;
      depth += 1;
    } else if (token === ')') {
      if (expectsOperand || depth === 0) return false;
      depth -= 1;
    } else if (expectsOperand) {
      if (!isOperand(token)) return false;
      expectsOperand = false;
    } else if (/^(AND|OR|and|or)$/.test(token)) {
      expectsOperand = true;
    } else if (/^(WITH|with)$/.test(token)) {
      expectsException = true;
    } else {
      return false;
    }
  }
  return !expectsOperand && !expectsException && depth === 0;
}

function isOperand(token: string): boolean {
  if (/^(DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+$/.test(token)) return true;
  return licenceIds.has((token.endsWith('+') ? token.slice(0, -1) : token).toLowerCase());
}

/** Whether the text is an id of the SPDX list, in the list's own spelling. */
export function isLicenceId(text: string): boolean {
  return licenceIds.get(text.toLowerCase()) === text || ids.exceptions.includes(text);
}
