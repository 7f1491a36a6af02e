// SPDX-License-Identifier: Apache-2.0
import { Option, type Command } from 'commander';
import type { BomDiff, Changed } from '../../sbom/compare/diff.ts';
import { plain } from '../report/terminal.ts';
import { opened } from './bom-validate.ts';
import { exitCodes } from './exit-codes.ts';
import { note, toStdout } from './output.ts';

interface DiffOptions {
  readonly format: 'text' | 'json';
  readonly profile: string;
  readonly failOn: 'change' | 'finding' | 'never';
}

/** Adds `assay bom diff`. */
export function register(bom: Command): void {
  bom
    .command('diff')
    .description('What came, went and changed between two BOMs: components, hashes, licences, lineage, findings, score. The two may be of different formats.')
    .argument('<old>', 'BOM of before')
    .argument('<new>', 'BOM of now')
    .addOption(new Option('-f, --format <name>', 'form of the result').choices(['text', 'json']).default('text'))
    .addOption(new Option('-p, --profile <name>', 'list to score by').choices(['g7', 'cisa-2025', 'ntia', 'eu-annex-xi', 'owasp']).default('g7'))
    .addOption(new Option('--fail-on <what>', 'exit code 1 on any change, or when a finding came').choices(['change', 'finding', 'never']).default('never'))
    .action(async (old: string, now: string, options: DiffOptions) => {
      process.exitCode = await diff(old, now, options);
    });
}

async function diff(oldFile: string, newFile: string, options: DiffOptions): Promise<number> {
  const { check, readBomFile } = await import('../../sbom/check/index.ts');
  const { inventoryOf } = await import('../../sbom/compare/inventory.ts');
  const { diffBoms, isSame } = await import('../../sbom/compare/diff.ts');
  const { profiles, score } = await import('../../sbom/score/index.ts');
  const profile = profiles.find(({ id }) => id === options.profile)!;
  const sides = [];
  for (const file of [oldFile, newFile]) {
    const read = opened(file, () => readBomFile(file));
    if (read.kind === 'unchecked' || read.kind === 'unreadable') {
      note(`assay: ${plain(file)} cannot be compared: ${plain(read.what)}`);
      return exitCodes.incomplete;
    }
    sides.push({ inventory: inventoryOf(read), score: score(read, profile, check(read).problems) });
  }
  const [old, now] = sides as [typeof sides[number], typeof sides[number]];
  const result = diffBoms(old.inventory, now.inventory, [old.score, now.score]);
  await toStdout(options.format === 'json' ? `${JSON.stringify({ schemaVersion: 1, ...result }, undefined, 2)}\n` : asText(result));
  if (options.failOn === 'change') return isSame(result) ? exitCodes.done : exitCodes.findings;
  return options.failOn === 'finding' && result.findings.added.length > 0 ? exitCodes.findings : exitCodes.done;
}

function asText({ components, findings, score }: BomDiff): string {
  const changed = (list: readonly Changed[], prefix: string): string[] => list.flatMap(({ key, changes }) => changes.map(({ field, old, new: now }) => `~ ${prefix}${plain(key)}: ${field} ${plain(old ?? 'none')} → ${plain(now ?? 'none')}`));
  const out = [
    ...findings.added.map((key) => `+ finding ${plain(key)}`),
    ...findings.removed.map((key) => `- finding ${plain(key)}`),
    ...changed(findings.changed, 'finding '),
    ...components.added.map((key) => `+ ${plain(key)}`),
    ...components.removed.map((key) => `- ${plain(key)}`),
    ...changed(components.changed, ''),
  ];
  if (out.length === 0) out.push('no difference');
  if (score !== undefined && (score.old !== score.new || score.gained.length + score.lost.length > 0)) {
    out.push(`score (${score.profile}): ${score.old} → ${score.new}${score.gained.length === 0 ? '' : `; gained ${score.gained.join(', ')}`}${score.lost.length === 0 ? '' : `; lost ${score.lost.join(', ')}`}`);
  }
  return `${out.join('\n')}\n`;
}
