// SPDX-License-Identifier: Apache-2.0
import type { KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { onTestFinished, vi } from 'vitest';
import { pair, temporary } from '../provenance/support.ts';

/** What a command left behind. */
export interface Ran {
  readonly code: number | undefined;
  readonly out: string;
  readonly err: string;
}

/** Runs a command through its own options, with what it prints caught. Usage errors are thrown. */
export async function ran(register: (program: Command) => void, ...argv: string[]): Promise<Ran> {
  const [out, err]: [string[], string[]] = [[], []];
  const before = process.exitCode;
  const into = (list: string[]) => (text: unknown, ...more: unknown[]): boolean => {
    list.push(String(text));
    for (const one of more) if (typeof one === 'function') (one as () => void)();
    return true;
  };
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation(into(out));
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation(into(err));
  const program = new Command('assay').exitOverride();
  register(program);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return { code: process.exitCode as number | undefined, out: out.join(''), err: err.join('') };
  } finally {
    process.exitCode = before;
    stdout.mockRestore();
    stderr.mockRestore();
  }
}

/** Key files of a pair, as OpenSSL would write them. */
export function keyFiles(keys: { privateKey: KeyObject; publicKey: KeyObject } = pair, passphrase?: string): { secret: string; open: string } {
  const folder = temporary();
  const [secret, open] = [join(folder, 'key.pem'), join(folder, 'key.pub')];
  const cipher = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase };
  writeFileSync(secret, keys.privateKey.export({ type: 'pkcs8', format: 'pem', ...cipher }));
  writeFileSync(open, keys.publicKey.export({ type: 'spki', format: 'pem' }));
  return { secret, open };
}

/** Sets an environment variable for one test. */
export function environment(name: string, value: string): void {
  process.env[name] = value;
  onTestFinished(() => void Reflect.deleteProperty(process.env, name));
}
