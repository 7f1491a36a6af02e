// SPDX-License-Identifier: Apache-2.0
import type { Command } from 'commander';
import { limitTable, type LimitName, type Limits } from '../bytes/limits.ts';
import { severities, type Severity } from '../model/rule.ts';
import { UsageError } from '../model/usage-error.ts';

/** Collects a repeatable option. */
export function repeat(value: string, previous: readonly string[] | undefined): string[] {
  return [...(previous ?? []), value];
}

/** Collects comma-separated ids, repeatable. */
export function list(value: string, previous: readonly string[] | undefined): string[] {
  return [...(previous ?? []), ...value.split(',').map((item) => item.trim()).filter((item) => item !== '')];
}

export function severity(value: string, option: string): Severity {
  const found = severities.find((one) => one === value);
  if (found === undefined) throw new UsageError(`${option} is ${value}; allowed are ${severities.join(', ')}`);
  return found;
}

export function wholeNumber(value: string, option: string, least = 1, most = Number.MAX_SAFE_INTEGER): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < least || number > most) {
    throw new UsageError(`${option} is ${value}; allowed is a whole number from ${least} ${most === Number.MAX_SAFE_INTEGER ? 'up' : `to ${most}`}`);
  }
  return number;
}

/** Reads `--fail-on`. */
export function threshold(value: string): Severity | 'never' {
  if (value === 'never') return value;
  const found = severities.find((one) => one === value);
  if (found === undefined) throw new UsageError(`--fail-on is ${value}; allowed are ${severities.join(', ')} and never`);
  return found;
}

/** Command-line name of a limit: fileSize is --max-file-size, timeout is --timeout. */
export function limitOption(name: LimitName): string {
  const kebab = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return name === 'timeout' ? 'timeout' : `max-${kebab}`;
}

/** Adds an option for each limit in the table. */
export function addLimits(command: Command): Command {
  for (const [name, limit] of Object.entries(limitTable)) {
    const value = limit.unit === 'bytes' ? 'SIZE' : 'N';
    command.option(`--${limitOption(name as LimitName)} <${value}>`, `${limit.why} (${limit.unit}; default ${shown(limit.value, limit.unit)})`);
  }
  return command;
}

/** The limits given on the command line. Sizes take k, M, G, T (1024) and KB, MB … (1000). */
export function limitsFrom(options: object): Partial<Limits> {
  const limits: Partial<Record<LimitName, number>> = {};
  for (const name of Object.keys(limitTable) as LimitName[]) {
    const option = limitOption(name);
    const key = option.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
    const given = (options as Readonly<Record<string, unknown>>)[key];
    if (typeof given !== 'string') continue;
    limits[name] = limitTable[name].unit === 'bytes' ? size(given, `--${option}`) : wholeNumber(given, `--${option}`, 0);
  }
  return limits;
}

const units: Record<string, number> = {
  '': 1, b: 1, k: 2 ** 10, ki: 2 ** 10, kib: 2 ** 10, m: 2 ** 20, mi: 2 ** 20, mib: 2 ** 20, g: 2 ** 30, gi: 2 ** 30,
  gib: 2 ** 30, t: 2 ** 40, ti: 2 ** 40, tib: 2 ** 40, kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12,
};

function size(value: string, option: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(value);
  const unit = units[match?.[2]?.toLowerCase() ?? 'none'];
  const bytes = Math.floor(Number(match?.[1]) * (unit ?? Number.NaN));
  if (!Number.isSafeInteger(bytes)) throw new UsageError(`${option} is ${value}; allowed is a size such as 500MB or 4GiB`);
  return bytes;
}

function shown(value: number, unit: string): string {
  if (unit !== 'bytes') return String(value);
  for (const [name, factor] of [['TiB', 2 ** 40], ['GiB', 2 ** 30], ['MiB', 2 ** 20], ['KiB', 2 ** 10]] as const) {
    if (value >= factor && value % factor === 0) return `${value / factor}${name}`;
  }
  return String(value);
}
