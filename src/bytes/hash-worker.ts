// SPDX-License-Identifier: Apache-2.0
// The other end of hash-thread.ts: SHA-256 of the slots it is told of, in order.
import { createHash, type Hash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import type { Order } from './hash-thread.ts';

const hashes = new Map<number, Hash>();

parentPort?.on('message', (order: Order) => {
  const { file } = order;
  if ('slot' in order) {
    const hash = hashes.get(file) ?? createHash('sha256');
    hashes.set(file, hash);
    hash.update(new Uint8Array(order.slot, 0, order.length));
    parentPort?.postMessage({ file, done: order.number });
  } else {
    const hash = hashes.get(file) ?? createHash('sha256');
    hashes.delete(file);
    if (order.end === 'digest') parentPort?.postMessage({ file, digest: hash.digest('hex') });
  }
});
