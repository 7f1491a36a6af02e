// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { UsageError } from '../model/usage-error.ts';
import type { ScanFlags } from './scan-flags.ts';

/** Options a configuration file may set, by their long names, and how many values they take. */
const allowed: Readonly<Record<string, 'text' | 'list' | 'flag' | 'flag or text'>> = {
  format: 'list', output: 'text', failOn: 'text', strict: 'flag', severity: 'text', jobs: 'text', exclude: 'list', rules: 'list',
  skipRules: 'list', baseline: 'text', overlay: 'text', evidence: 'text', study: 'flag or text', showSuppressed: 'flag', facts: 'flag', cacheDir: 'text', quiet: 'flag', verbose: 'flag',
  maxFileSize: 'text', maxDepth: 'text', maxFacts: 'text', maxChildren: 'text', maxRead: 'text', maxMemory: 'text',
  maxInflated: 'text', maxSparse: 'text', maxHeap: 'text', timeout: 'text',
};

/** Flags with those of `--config` behind them: what the command line says wins. Throws `UsageError` for a bad file. */
export function withConfig(flags: ScanFlags): ScanFlags {
  if (flags.config === undefined) return flags;
  const path = flags.config;
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`the configuration ${path} cannot be read as JSON: ${(error as Error).message}`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw new UsageError(`the configuration ${path} is not an object of options`);
  const set: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(parsed)) {
    const name = key.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
    const kind = Object.hasOwn(allowed, name) ? allowed[name] : undefined;
    if (kind === undefined) throw new UsageError(`the configuration ${path} sets ${key}, which is no option; allowed are ${Object.keys(allowed).join(', ')}`);
    set[name] = valueOf(kind, value, `${key} in ${path}`);
  }
  return { ...set, ...flags };
}

function valueOf(kind: 'text' | 'list' | 'flag' | 'flag or text', value: unknown, what: string): unknown {
  if (kind === 'flag or text' && typeof value === 'boolean') return value;
  if (kind === 'flag') {
    if (typeof value !== 'boolean') throw new UsageError(`${what} is ${JSON.stringify(value)}; allowed are true and false`);
    return value;
  }
  if (kind === 'list') {
    const items: unknown[] = Array.isArray(value) ? value : [value];
    if (!items.every((item) => typeof item === 'string')) throw new UsageError(`${what} is ${JSON.stringify(value)}; allowed is a list of texts`);
    return items;
  }
  if (typeof value !== 'string' && typeof value !== 'number') throw new UsageError(`${what} is ${JSON.stringify(value)}; allowed is a text or a number`);
  return String(value);
}
