// SPDX-License-Identifier: Apache-2.0
import type { FactOf } from '../model/fact.ts';
import { rule, type Hit, type Severity } from '../model/rule.ts';
import { inCode } from './policy/in-code.ts';
import { suspiciousText } from './policy/suspicious-text.ts';

const shown = 12;

export default rule({
  id: 'code-reaches',
  title: 'Code kept in the file reaches commands, files or the network',
  why: 'The file carries functions as byte code. They run when the object is used, and what they look up shows what they can do: this one starts programs, evaluates text, opens files or connects.',
  fix: 'Read the function before using the object: ask for its source, and for a file that refers to an installed package instead.',
  severity: 'high',
  confidence: 'medium',
  references: ['CWE-506', 'CWE-502', 'https://github.com/cloudpipe/cloudpickle'],
  provisions: ['5.2.3-1'],
  example: ['python-bytecode/system.marshal', 'python-bytecode/numbers.marshal'],
  reads: ['code'],
  *check({ facts }) {
    for (const fact of facts) {
      const hit = judged(fact);
      if (hit !== undefined) yield hit;
    }
  },
});

function judged(fact: FactOf<'code'>): Hit | undefined {
  const worst: string[] = [];
  const others: string[] = [];
  const reasons = new Set<string>();
  for (const name of fact.references) {
    const known = inCode(name);
    if (known === undefined) continue;
    (known.severity === 'high' ? worst : others).push(name);
    if (reasons.size < shown) reasons.add(`${name} ${known.reason}`);
  }
  const texts = fact.texts.filter((text) => suspiciousText.some(({ severity, pattern }) => severity === 'medium' && pattern.test(text)));
  if (worst.length + others.length + texts.length === 0) return undefined;
  const severity: Severity = worst.length > 0 ? 'high' : 'medium';
  const reached = [...worst, ...others];
  const what = reached.length > 0 ? `reaches ${list(reached)}` : `holds the text ${JSON.stringify(texts[0])}`;
  return {
    message: `code of ${fact.name}${fact.file === undefined ? '' : ` from ${fact.file}`} ${what}`,
    severity,
    key: `${fact.name} ${what}`,
    ...(fact.at === undefined ? {} : { at: fact.at }),
    evidence: [...reasons, ...(fact.imports.length === 0 ? [] : [`imports ${list(fact.imports)}`]), ...texts.slice(0, 8).map((text) => `text ${JSON.stringify(text)}`)],
  };
}

function list(names: readonly string[]): string {
  return names.length <= shown ? names.join(', ') : `${names.slice(0, shown).join(', ')} and ${names.length - shown} more`;
}
