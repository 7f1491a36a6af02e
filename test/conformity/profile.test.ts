import { describe, expect, test } from 'vitest';
import { catalogue } from '../../src/conformity/catalogue.ts';
import { aliases, forceOf, numberOf, principles, provisions } from '../../src/conformity/profile.ts';
import { looksFor, threatClasses, threatLists, threatsByRule, threatsOf } from '../../src/conformity/threats.ts';
import { rules } from '../../src/rules/index.ts';

/** Number of provisions of each principle with how many of them are led by "shall", as counted in the standard. */
const counted: readonly (readonly [clause: string, all: number, shall: number])[] = [
  ['5.1.1', 5, 4], ['5.1.2', 9, 8], ['5.1.3', 7, 5], ['5.1.4', 5, 1], ['5.2.1', 7, 6], ['5.2.2', 6, 5], ['5.2.3', 6, 6], ['5.2.4', 6, 3], ['5.2.5', 6, 2], ['5.3.1', 5, 4], ['5.4.1', 4, 2], ['5.4.2', 4, 1], ['5.5.1', 2, 2],
];

describe('the profile', () => {
  test('has 72 provisions, 49 led by shall and 23 by should, each in its principle', () => {
    expect(provisions).toHaveLength(72);
    expect(new Set(provisions.map(({ id }) => id)).size).toBe(72);
    expect(provisions.filter((one) => forceOf(one) === 'shall')).toHaveLength(49);
    expect(principles.map(({ clause, number }) => {
      const own = provisions.filter(({ principle }) => principle === number);
      expect(own.every(({ id }) => id.startsWith(`${clause}-`))).toBe(true);
      return [clause, own.length, own.filter((one) => forceOf(one) === 'shall').length];
    })).toEqual(counted);
  });

  test('keeps the verbs and subjects that were counted in the standard', () => {
    const with_ = (verb: string): number => provisions.filter(({ verbs }) => verbs.some((one) => one === verb)).length;
    expect([with_('shall'), provisions.filter(({ verbs }) => verbs.length > 1).map(({ id }) => id)]).toEqual([49, ['5.1.2-7', '5.1.3-1', '5.1.3-2', '5.2.4-1', '5.2.4-3']]);
    const classes = Map.groupBy(provisions, ({ evidence }) => evidence);
    expect(Object.fromEntries([...classes].map(([name, list]) => [name, list.length]))).toEqual({ automatic: 7, 'partial-strong': 25, 'partial-weak': 17, attestation: 18, outside: 5 });
    expect(provisions.filter(({ evidence }) => evidence === 'automatic').map(({ id }) => id)).toEqual(['5.2.1-1', '5.2.1-2', '5.2.1-4.1', '5.2.4-1.1', '5.2.4-1.2', '5.2.4-2.1', '5.4.1-2']);
  });

  test('gives each provision its number in the UK Code and back', () => {
    expect(new Set(provisions.map(({ uk }) => uk)).size).toBe(72);
    for (const one of provisions) expect(one.uk).toBe(`${one.principle}.${one.id.slice(one.id.indexOf('-') + 1)}`);
    const hashes = provisions.find(({ id }) => id === '5.2.4-1.2')!;
    expect((Object.keys(aliases) as (keyof typeof aliases)[]).map((alias) => numberOf(hashes, alias))).toEqual(['5.2.4-1.2', '5.2.4-1.2', '8.1.2']);
  });

  test('names only checks that exist, uses every check, and decides nothing automatic without one', () => {
    const ids = catalogue.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const named = provisions.flatMap(({ checks }) => checks);
    expect(named.filter((id) => !ids.includes(id))).toEqual([]);
    expect(ids.filter((id) => !named.includes(id))).toEqual([]);
    expect(provisions.filter(({ evidence, checks }) => (evidence === 'automatic' || evidence.startsWith('partial')) && checks.length === 0)).toEqual([]);
    for (const { id, run, planned } of catalogue) expect([id, run === undefined]).toEqual([id, planned !== undefined]);
  });

  test('agrees with the rules: every rule that a check names exists, every provision that a rule names exists', () => {
    const known = new Set(rules.map(({ id }) => id));
    expect(catalogue.flatMap(({ id, rules: named = [] }) => named.filter((rule) => !known.has(rule)).map((rule) => `${id} → ${rule}`))).toEqual([]);
    const numbers = new Set(provisions.map(({ id }) => id));
    expect(rules.flatMap(({ id, provisions: named }) => named.filter((one) => !numbers.has(one)).map((one) => `${id} → ${one}`))).toEqual([]);
  });
});

describe('the threat overlay', () => {
  test('says of every rule what it looks for, or that no entry fits', () => {
    expect(rules.map(({ id }) => id).filter((id) => !Object.hasOwn(threatsByRule, id))).toEqual([]);
    for (const threat of Object.values(threatClasses).flat()) expect(Object.keys(threatLists)).toContain(threat.slice(0, threat.indexOf(':')));
  });

  test('finds a technique with all below it, and an entry of a list in one edition or in any', () => {
    expect(looksFor('pickle-exec-call', 'AML.T0010')).toBe(true);
    expect(looksFor('pickle-exec-call', 'aml.t0010.003')).toBe(true);
    expect(looksFor('pickle-exec-call', 'AML.T001')).toBe(false);
    expect([looksFor('pickle-exec-call', 'LLM04'), looksFor('pickle-exec-call', 'owasp-llm-2025:LLM04'), looksFor('pickle-exec-call', 'owasp-llm-2026:LLM04')]).toEqual([true, false, true]);
    expect(threatsOf('model-licence-missing')).toEqual([]);
  });
});
