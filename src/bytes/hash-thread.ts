// SPDX-License-Identifier: Apache-2.0
import { Worker } from 'node:worker_threads';
import { shrunk } from './errors.ts';

/** To the thread: hash a slot's first bytes, read and hash the rest of an open file, or end a file's hash. */
export type Order =
  | { readonly file: number; readonly slot: SharedArrayBuffer; readonly length: number; readonly number: number }
  | { readonly file: number; readonly descriptor: number; readonly from: number; readonly size: number }
  | { readonly file: number; readonly end: 'digest' | 'drop' };

export type Answer =
  | { readonly file: number; readonly done: number }
  | { readonly file: number; readonly digest: string }
  /** The file ended there, or the system refused to read on. */
  | { readonly file: number; readonly ended: number; readonly size: number }
  | { readonly file: number; readonly code: string };

/**
 * SHA-256 of a large file on a thread of its own, so that hashing (1.8 GB/s a core) and looking at the bytes run side by
 * side. Bytes are shared, not copied: a slot must not be filled again before its promise is kept.
 */
export class ThreadHash {
  static #worker: Worker | undefined;
  static #nextFile = 0;
  static readonly #open = new Map<number, ThreadHash>();
  readonly #file = ThreadHash.#nextFile++;
  readonly #waiting = new Map<number, () => void>();
  #number = 0;
  #digest: PromiseWithResolvers<string> | undefined;

  constructor() {
    ThreadHash.#open.set(this.#file, this);
  }

  /** Starts the thread, which takes some 40 ms, while there is other work. */
  static warm(): void {
    ThreadHash.#worker ??= ThreadHash.#start();
  }

  /** Hashes the first `length` bytes of a slot; resolves when they may be written over. */
  update(slot: SharedArrayBuffer, length: number): Promise<void> {
    const number = this.#number++;
    return new Promise((resolve) => {
      this.#waiting.set(number, resolve);
      this.#send({ file: this.#file, slot, length, number });
    });
  }

  digest(): Promise<string> {
    this.#digest ??= Promise.withResolvers();
    this.#send({ file: this.#file, end: 'digest' });
    return this.#digest.promise;
  }

  /**
   * Reads an open file from `from` to its end there, and gives the digest of everything. The descriptor must stay open until then.
   * Rejects with `Changed` when the file ends before `size`, with the system's error when it cannot be read.
   */
  rest(descriptor: number, from: number, size: number): Promise<string> {
    this.#digest ??= Promise.withResolvers();
    this.#send({ file: this.#file, descriptor, from, size });
    return this.#digest.promise;
  }

  /** Lets go of a hash that nobody will ask for. */
  drop(): void {
    if (!ThreadHash.#open.delete(this.#file)) return;
    this.#send({ file: this.#file, end: 'drop' });
    if (ThreadHash.#open.size === 0) ThreadHash.#worker?.unref(); // nothing answers a drop, and the process may end
  }

  #send(order: Order): void {
    ThreadHash.#worker ??= ThreadHash.#start();
    ThreadHash.#worker.ref(); // while something is waited for, the process must not end
    ThreadHash.#worker.postMessage(order);
  }

  static #start(): Worker {
    const own = import.meta.url.endsWith('.ts') ? './hash-worker.ts' : './hash-worker.js';
    const worker = new Worker(new URL(own, import.meta.url));
    worker.on('message', (answer: Answer) => {
      const hash = this.#open.get(answer.file);
      if (hash === undefined) return;
      if ('done' in answer) {
        hash.#waiting.get(answer.done)?.();
        hash.#waiting.delete(answer.done);
      } else {
        this.#open.delete(answer.file);
        if ('digest' in answer) hash.#digest?.resolve(answer.digest);
        else hash.#digest?.reject('ended' in answer ? shrunk(answer.size, answer.ended) : Object.assign(new Error(`the file cannot be read: ${answer.code}`), { code: answer.code }));
      }
      if (this.#open.size === 0) worker.unref();
    });
    worker.unref();
    return worker;
  }
}
