// SPDX-License-Identifier: Apache-2.0
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Budget } from './limits.ts';
import { FileSource } from './file.ts';
import { MemorySource, type ByteSource } from './source.ts';

/** Unpacked bytes as a source, and the way to let go of them. */
export interface Spooled {
  readonly source: ByteSource;
  /** Never throws. */
  readonly close: () => void;
}

/**
 * Collects a stream of unpacked bytes so that it can be read at random: in memory up to `limits.memory`, in a temporary
 * file (readable by this user only, removed as soon as it is open) beyond. Spends `inflated` for each byte before it
 * is kept; what the stream or the budget throws passes through.
 */
export async function spool(bytes: AsyncIterable<Uint8Array>, budget: Budget): Promise<Spooled> {
  const parts: Uint8Array[] = [];
  let size = 0;
  let file: TemporaryFile | undefined;
  try {
    for await (const part of bytes) {
      budget.spend('inflated', part.length);
      budget.tick();
      size += part.length;
      if (file === undefined && size > budget.limits.memory) {
        file = new TemporaryFile();
        for (const kept of parts) file.write(kept);
        parts.length = 0;
      }
      if (file === undefined) parts.push(new Uint8Array(part)); // the producer may use its block again
      else file.write(part);
    }
    if (file === undefined) return { source: new MemorySource(Buffer.concat(parts, size), budget), close: () => {} };
    const source = file.reopen(budget);
    return { source, close: () => source.close() };
  } finally {
    file?.remove();
  }
}

class TemporaryFile {
  readonly #folder = mkdtempSync(join(tmpdir(), 'assay-'));
  readonly #path = join(this.#folder, 'member');
  readonly #fd = openSync(this.#path, 'wx', 0o600);

  write(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) done += writeSync(this.#fd, bytes, done);
  }
  reopen(budget: Budget): FileSource {
    return FileSource.open(this.#path, budget);
  }
  remove(): void {
    try {
      closeSync(this.#fd);
      rmSync(this.#folder, { recursive: true, force: true });
    } catch {
      // the system clears its temporary folder; what was thrown before matters more
    }
  }
}
