// SPDX-License-Identifier: Apache-2.0
import type { Entry, Extract, Header } from 'tar-stream';
import type { ByteSource } from '../../src/bytes/source.ts';

/** A member as tar-stream gives it; `bytes` only where there are few. */
export interface Streamed {
  readonly header: Header;
  readonly bytes: Uint8Array | undefined;
}

/** What tar-stream did in the end. */
export interface Outcome {
  /** Its own complaint, when it stopped early. */
  stopped: string | undefined;
}

/** Members up to this many bytes are taken from the stream; longer ones are read in place. */
const small = 1024 * 1024;

/**
 * Runs tar-stream over the archive in one sweep (which hashes it, too). What tar-stream complains of goes to `outcome`;
 * errors of the source pass through.
 */
export async function* stream(source: ByteSource, outcome: Outcome): AsyncGenerator<Streamed> {
  const { extract } = await import('tar-stream'); // loaded only where a tar is
  const tar = extract({ allowUnknownFormat: true });
  let failed: { readonly error: unknown } | undefined;
  const feeding = feed(source, tar).catch((error: unknown) => {
    failed = { error };
    tar.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  const entries = tar[Symbol.asyncIterator]();
  try {
    for (;;) {
      const entry = await attempt(() => entries.next(), outcome);
      if (entry === undefined || entry.done === true) break;
      const { header } = entry.value;
      const bytes = await attempt(() => content(entry.value), outcome); // a member that is cut off is there all the same
      yield { header, bytes };
    }
  } finally {
    tar.destroy();
    await feeding;
  }
  if (failed !== undefined) throw failed.error; // the source's, not tar-stream's
}

/** tar-stream has no errors of its own class: what it throws while the source is well is its complaint. */
async function attempt<T>(step: () => Promise<T>, outcome: Outcome): Promise<T | undefined> {
  try {
    return await step();
  } catch (error) {
    outcome.stopped ??= error instanceof Error ? error.message : String(error);
    return undefined;
  }
}

/**
 * Takes a small file's bytes. A directory must not be iterated: with a size above 0 it gets neither content nor an end
 * from tar-stream 3.2.2, and the wait would last for ever.
 */
async function content(entry: Entry): Promise<Uint8Array | undefined> {
  const { type, size } = entry.header;
  if (type === 'directory' || size > small) {
    entry.resume();
    return undefined;
  }
  if (size === 0) {
    entry.resume();
    return new Uint8Array(0);
  }
  const parts: Uint8Array[] = [];
  for await (const part of entry) parts.push(part);
  return Buffer.concat(parts);
}

/** Writes copies: tar-stream keeps up to a header of each block, and the source uses its blocks again. */
async function feed(source: ByteSource, tar: Extract): Promise<void> {
  for await (const block of source.sweep()) {
    if (tar.destroyed) return;
    if (!tar.write(Buffer.from(block))) await drained(tar);
    if (tar.destroyed) return;
  }
  tar.end();
}

function drained(tar: Extract): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      tar.off('drain', done);
      tar.off('close', done);
      resolve();
    };
    tar.on('drain', done);
    tar.on('close', done);
    if (tar.destroyed) done();
  });
}
