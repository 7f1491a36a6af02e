import { describe, expect, test } from 'vitest';
import { register } from '../../src/commands/rules.ts';
import { ran } from './support.ts';

describe('assay rules', () => {
  test('--threat lists the rules that look for a technique, and refuses one that none looks for', async () => {
    const { out } = await ran(register, 'rules', '--threat', 'AML.T0068');
    expect(out).toContain('template-hidden-instruction');
    expect(out).not.toContain('pickle-exec-call');
    await expect(ran(register, 'rules', '--threat', 'AML.T9999')).rejects.toThrow('no rule looks for AML.T9999');
    await expect(ran(register, 'rules', 'polyglot', '--threat', 'AML.T0010')).rejects.toThrow('exclude each other');
  });

  test('--threats is an index with the edition of each list, and each rule names what it looks for', async () => {
    const { out } = await ran(register, 'rules', '--threats');
    for (const list of ['MITRE ATLAS 5.6.1', 'OWASP Top 10 for LLM Applications 2025', 'OWASP Top 10 for LLM Applications 2026', 'OWASP Machine Learning Security Top 10 2023', 'NIST AI 100-2 E2025', 'NSA, CISA']) expect(out).toContain(list);
    const [one] = JSON.parse((await ran(register, 'rules', 'keras-lambda', '-f', 'json')).out) as { threats: string[] }[];
    expect(one!.threats).toContain('owasp-llm-2026:LLM04');
  });
});
