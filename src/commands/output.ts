// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { mkdirSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { UsageError } from '../model/usage-error.ts';

/** Writes a result to stdout, waiting until a slow reader has taken it: exiting earlier would cut it short. */
export async function toStdout(text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(text, (error) => {
      if (error && (error as NodeJS.ErrnoException).code !== 'EPIPE') reject(error);
      else resolve(); // a reader that has gone (`| head`) has what it wanted
    });
  });
}

/**
 * Writes a file whole or not at all: a reader never sees half of it. A link is written through, and a device or pipe
 * (/dev/null, /dev/stdout) is written to, not replaced. Throws `UsageError` where it cannot be written.
 */
export function toFile(path: string, content: string | Uint8Array): void {
  let temporary: string | undefined;
  try {
    mkdirSync(dirname(path), { recursive: true });
    const there = statSync(path, { throwIfNoEntry: false });
    if (there !== undefined && !there.isFile()) {
      writeFileSync(path, content);
      return;
    }
    const target = there === undefined ? path : realpathSync(path);
    temporary = `${target}.${randomBytes(6).toString('hex')}.part`;
    writeFileSync(temporary, content, { flag: 'wx' }); // nobody else's file or link of that name
    renameSync(temporary, target);
  } catch (error) {
    if (temporary !== undefined) rmSync(temporary, { force: true });
    throw new UsageError(`${path} cannot be written: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
}

/** A message for the person, not part of the result. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}
