// SPDX-License-Identifier: Apache-2.0
import type { Command } from 'commander';
import { severities, type Rule } from '../model/rule.ts';
import { UsageError } from '../model/usage-error.ts';
import { rules } from '../rules/index.ts';
import { toStdout } from './output.ts';

export function register(program: Command): void {
  program.command('rules')
    .description('what is looked for; with an id, one rule explained')
    .argument('[id]', 'rule id')
    .option('-f, --format <name>', 'text or json (default text)')
    .action(async (id: string | undefined, flags: { format?: string }) => {
      await runRules(id, flags.format ?? 'text');
    });
}

export async function runRules(id: string | undefined, format: string): Promise<void> {
  if (format !== 'text' && format !== 'json') throw new UsageError(`--format is ${format}; allowed are text and json`);
  const chosen = id === undefined ? rules : rules.filter((rule) => rule.id === id);
  if (chosen.length === 0) throw new UsageError(`there is no rule ${id}; \`assay rules\` lists all ${rules.length}`);
  if (format === 'json') await toStdout(`${JSON.stringify(chosen.map(described), undefined, 2)}\n`);
  else await toStdout(id === undefined ? table() : explained(chosen[0]!));
}

function described({ id, title, severity, confidence, over, reads, why, fix, references, provisions }: Rule): object {
  return { id, title, severity, confidence, over, reads, why, fix, references, provisions };
}

function table(): string {
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
    '',
  ].join('\n');
}
