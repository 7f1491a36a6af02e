// SPDX-License-Identifier: Apache-2.0
import type { Command } from 'commander';
import { allThreats, looksFor, threatLists, threatsOf } from '../conformity/threats.ts';
import { severities, type Rule } from '../model/rule.ts';
import { UsageError } from '../model/usage-error.ts';
import { rules } from '../rules/index.ts';
import { toStdout } from './output.ts';

export function register(program: Command): void {
  program.command('rules')
    .description('what is looked for; with an id, one rule explained')
    .argument('[id]', 'rule id')
    .option('-f, --format <name>', 'text or json (default text)')
    .option('--threat <id>', 'only rules that look for this technique: AML.T0010, LLM04, owasp-llm-2026:LLM04, NISTAML.05, practice-2')
    .option('--threats', 'the index: every technique with the rules that look for it')
    .action(async (id: string | undefined, flags: RulesFlags) => {
      await runRules(id, flags.format ?? 'text', flags);
    });
}

interface RulesFlags {
  readonly format?: string;
  readonly threat?: string;
  readonly threats?: boolean;
}

export async function runRules(id: string | undefined, format: string, { threat, threats }: RulesFlags = {}): Promise<void> {
  if (format !== 'text' && format !== 'json') throw new UsageError(`--format is ${format}; allowed are text and json`);
  if ([id, threat, threats].filter((one) => one !== undefined).length > 1) throw new UsageError('a rule id, --threat and --threats exclude each other; give one');
  if (threats === true) {
    await toStdout(index(format));
    return;
  }
  const chosen = id !== undefined ? rules.filter((rule) => rule.id === id) : threat !== undefined ? rules.filter((rule) => looksFor(rule.id, threat)) : rules;
  if (chosen.length === 0 && threat !== undefined) throw new UsageError(`no rule looks for ${threat}; \`assay rules --threats\` lists what is looked for`);
  if (chosen.length === 0) throw new UsageError(`there is no rule ${id}; \`assay rules\` lists all ${rules.length}`);
  if (format === 'json') await toStdout(`${JSON.stringify(chosen.map(described), undefined, 2)}\n`);
  else await toStdout(id === undefined ? table(chosen) : explained(chosen[0]!));
}

function described({ id, title, severity, confidence, over, reads, why, fix, references, provisions }: Rule): object {
  return { id, title, severity, confidence, over, reads, why, fix, references, provisions, threats: threatsOf(id) };
}

/** Every technique that some rule looks for, by list. An overlay: it says what was looked for, never that something passed. */
function index(format: string): string {
  const entries = allThreats().map((threat) => ({ threat, rules: rules.filter(({ id }) => threatsOf(id).includes(threat)).map(({ id }) => id) })).filter((entry) => entry.rules.length > 0);
  if (format === 'json') return `${JSON.stringify({ lists: threatLists, threats: entries }, undefined, 2)}\n`;
  const out = Object.entries(threatLists).flatMap(([list, { name, url }]) => [
    `${name}  ${url}`, ...entries.filter(({ threat }) => threat.startsWith(`${list}:`)).map(({ threat, rules: ids }) => `  ${threat.slice(list.length + 1).padEnd(14)}  ${ids.join(', ')}`), '',
  ]);
  return `${out.join('\n').trimEnd()}\n`;
}

function table(rules: readonly Rule[]): string {
  const width = Math.max(...rules.map(({ id }) => id.length));
  const lines = severities.flatMap((severity) => rules.filter((rule) => rule.severity === severity)
    .map((rule) => `${severity.padEnd(8)}  ${rule.id.padEnd(width)}  ${rule.title}`));
  return `${lines.join('\n')}\n`;
}

function explained(rule: Rule): string {
  return [
    `${rule.id}: ${rule.title}`,
    `severity ${rule.severity}, confidence ${rule.confidence}; reads ${rule.reads.join(', ')}`,
    '', rule.why, '', `Fix: ${rule.fix}`, '',
    `References: ${rule.references.join(', ')}`,
    ...(rule.provisions.length === 0 ? [] : [`ETSI EN 304 223: ${rule.provisions.join(', ')}`]),
    ...(threatsOf(rule.id).length === 0 ? [] : [`Looks for: ${threatsOf(rule.id).join(', ')}`]),
    '',
  ].join('\n');
}
