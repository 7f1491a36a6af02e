// SPDX-License-Identifier: Apache-2.0
import { rule, type Hit } from '../model/rule.ts';
import type { Span } from '../model/span.ts';
import { suspiciousText } from './policy/suspicious-text.ts';

export default rule({
  id: 'safetensors-metadata',
  title: 'Code, markup, a path or a secret in safetensors names or metadata',
  why: 'Names and metadata of weights end up in web pages, file names and log lines. Text made for those places attacks the tools around the model; a secret in it is public with the file.',
  fix: 'Read the text. Remove it by saving the weights anew; withdraw a secret at whoever issued it.',
  severity: 'medium',
  confidence: 'medium',
  references: ['CWE-79', 'CWE-94', 'CWE-22', 'CWE-798'],
  provisions: ['5.2.3-1'],
  example: ['safetensors/hostile-metadata.safetensors', 'safetensors/ok-metadata.safetensors'],
  reads: ['claim', 'tensor'],
  *check({ artefact, facts }) {
    if (!artefact.format.split('+').includes('safetensors')) return;
    const seen = new Map<string, number>();
    for (const fact of facts) {
      if (fact.kind === 'claim' && fact.field !== 'metadata') continue;
      const text = fact.kind === 'claim' ? fact.value : fact.name;
      const place = fact.kind === 'claim' ? `metadata ${text.split('=', 1)[0]}` : `tensor name ${text.slice(0, 80)}`;
      for (const hit of judge(text, place, fact.at)) {
        const count = (seen.get(hit.message) ?? 0) + 1;
        seen.set(hit.message, count);
        if (count === 1 && seen.size <= 50) yield hit;
      }
    }
  },
});

function* judge(text: string, place: string, at: Span | undefined): Generator<Hit> {
  for (const { what, severity, pattern } of suspiciousText) {
    if (!pattern.test(text)) continue;
    yield { message: `${place} looks like ${what}`, severity, evidence: [text.slice(0, 160)], ...(at === undefined ? {} : { at }) };
  }
}
