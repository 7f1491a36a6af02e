// SPDX-License-Identifier: Apache-2.0
import { parentPort, workerData } from 'node:worker_threads';
import { drain, type SharedWork } from './hash.ts';

// One more lane: takes jobs from the shared counter like the thread that started it, and answers once.
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
parentPort!.postMessage(await drain(workerData as SharedWork));
