// SPDX-License-Identifier: Apache-2.0
import type { Rule } from '../model/rule.ts';
import { UsageError } from '../model/usage-error.ts';

/** The rule whose findings mean that something was not looked at. It cannot be switched off, only accepted by a baseline. */
export const gapRule = 'scan-gap';

/** The rules to ask. Throws `UsageError` for an id that is none. */
export async function chosenRules(only?: readonly string[], skip?: readonly string[]): Promise<Rule[]> {
  const { rules } = await import('../rules/index.ts');
  const known = new Set(rules.map(({ id }) => id));
  for (const id of [...(only ?? []), ...(skip ?? [])]) {
    if (!known.has(id)) throw new UsageError(`there is no rule ${id}; \`assay rules\` lists all ${known.size}`);
  }
  if (only?.length === 0) throw new UsageError('the list of rules is empty (an unset variable?): with no rule asked everything would look clean');
  if (skip?.includes(gapRule) === true) {
    throw new UsageError(`${gapRule} cannot be skipped: what was not looked at must not look clean; accept single gaps with --baseline`);
  }
  return rules.filter(({ id }) => (only === undefined || only.includes(id) || id === gapRule) && skip?.includes(id) !== true);
}
