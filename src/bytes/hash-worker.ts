// SPDX-License-Identifier: Apache-2.0
// The other end of hash-thread.ts: SHA-256 of the slots and files it is told of, in order.
import { createHash, type Hash } from 'node:crypto';
import { read } from 'node:fs';
import { promisify } from 'node:util';
import { parentPort } from 'node:worker_threads';
import type { Answer, Order } from './hash-thread.ts';

const hashes = new Map<number, Hash>();
/** Files that are being read here: one that is dropped is read no further, since its descriptor may soon be another file's. */
const reading = new Set<number>();

parentPort?.on('message', (order: Order) => {
  const { file } = order;
  const hash = hashes.get(file) ?? createHash('sha256');
  if ('slot' in order) {
    hashes.set(file, hash);
    hash.update(new Uint8Array(order.slot, 0, order.length));
    answer({ file, done: order.number });
    return;
  }
  hashes.delete(file);
  if ('end' in order) reading.delete(file);
  if ('descriptor' in order) void rest(hash, order).then(answer);
  else if (order.end === 'digest') answer({ file, digest: hash.digest('hex') });
});

function answer(it: Answer): void {
  parentPort?.postMessage(it);
}

/** Bytes that stay in the second-level cache between reading and hashing. */
const blockSize = 512 << 10;
const readAt = promisify(read);

/** One block is read while the one before is hashed. */
async function rest(hash: Hash, { file, descriptor, from, size }: Extract<Order, { descriptor: number }>): Promise<Answer> {
  const blocks = [Buffer.allocUnsafeSlow(blockSize), Buffer.allocUnsafeSlow(blockSize)] as const;
  const fetch = (at: number, turn: 0 | 1): Promise<{ bytesRead: number }> => readAt(descriptor, blocks[turn], 0, Math.min(blockSize, size - at), at);
  reading.add(file);
  try {
    let turn: 0 | 1 = 0;
    for (let at = from, next = fetch(at, turn); at < size; turn = turn === 0 ? 1 : 0) {
      const { bytesRead } = await next;
      if (!reading.has(file)) return { file, code: 'ECANCELED' };
      if (bytesRead === 0) return { file, ended: at, size };
      at += bytesRead;
      next = fetch(at, turn === 0 ? 1 : 0);
      hash.update(blocks[turn].subarray(0, bytesRead));
    }
    return { file, digest: hash.digest('hex') };
  } catch (error) {
    return { file, code: (error as NodeJS.ErrnoException).code ?? String(error) };
  } finally {
    reading.delete(file);
  }
}
