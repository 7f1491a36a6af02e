// SPDX-License-Identifier: Apache-2.0
import type { ChildProcess } from 'node:child_process';
import { allowedSeconds } from '../bytes/limits.ts';
import { residentBytes } from '../bytes/resident.ts';
import type { Job } from '../inspect/inspect.ts';
import type { Inspected } from '../model/artefact.ts';
import type { GapReason } from '../model/fact.ts';
import { takeChild } from './child.ts';
import type { Alive, Request, Response } from './protocol.ts';
import type { Runner } from './runner.ts';
import type { Answer, Task } from './task.ts';

export interface ProcessesOptions {
  /** How many at most; they are started as work comes in. */
  readonly processes: number;
  readonly task: Task;
  /** Module that calls `serve`; the one with all scanners when absent. */
  readonly entry?: URL;
}

/** Small files travel together, or the messages would cost more than the work. */
const batchJobs = 64;
const batchBytes = 4 << 20;
/** Batches handed to one process ahead of time, so that it never waits for the next. */
const ahead = 2;
/** A process that ignores its own deadline is killed this much later. */
const graceSeconds = 5;

interface Waiting {
  readonly job: Job;
  readonly resolve: (answer: Answer) => void;
}

interface Batch {
  readonly id: number;
  readonly waiting: readonly Waiting[];
}

interface Slot {
  readonly child: ChildProcess;
  readonly batches: Batch[];
  /** Whether it has been told the task. */
  told: boolean;
  timer: NodeJS.Timeout | undefined;
  /** Why we killed it, once we have. */
  reason: { why: GapReason; what: string } | undefined;
}

/**
 * Inspects in processes of their own. One that hangs, crashes or eats memory is killed: the file it was at becomes a
 * gap, the others are done by its successor. When several files were under way it cannot be known which one it was, so
 * they are done again one by one (inspection is pure, twice is harmless).
 */
export function processes(options: ProcessesOptions): Runner & {
  /** Starts so many before there is anything to do: they load while the caller looks for work. */
  warm(count: number): void;
} {
  return new Pool(options);
}

class Pool implements Runner {
  readonly #options: ProcessesOptions;
  readonly #slots = new Set<Slot>();
  readonly #queue: Waiting[] = [];
  /** Suspects: done alone. */
  readonly #alone: Waiting[] = [];
  #nextId = 0;
  #scheduled = false;
  #watch: NodeJS.Timeout | undefined;
  #closed = false;

  /** A child that is busy does not notice that its parent has gone: it must not outlive it. */
  readonly #killAll = (): void => {
    for (const { child } of this.#slots) child.kill('SIGKILL');
  };

  constructor(options: ProcessesOptions) {
    process.once('exit', this.#killAll);
    this.#options = options;
  }

  warm(count: number): void {
    while (this.#slots.size < Math.min(count, this.#options.processes)) this.#start();
  }

  run(jobs: readonly Job[]): Promise<readonly Answer[]> {
    return new Promise((resolve) => {
      const answers: Answer[] = [];
      let open = jobs.length;
      if (open === 0) resolve(answers);
      jobs.forEach((job, index) => {
        const answered = (answer: Answer): void => {
          answers[index] = answer;
          open -= 1;
          if (open === 0) resolve(answers);
        };
        this.#queue.push({ job, resolve: answered });
      });
      this.#schedule();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    process.off('exit', this.#killAll);
    clearInterval(this.#watch);
    const busy = [...this.#slots].filter((slot) => !this.#dismissed(slot));
    const ends = busy.map((slot) => new Promise<void>((resolve) => {
      slot.child.once('exit', () => resolve());
      slot.child.kill('SIGKILL');
    }));
    await Promise.all(ends);
  }

  /** One that waits for work ends by itself when it is left alone, keeping its compiled code for the next run; nobody waits for it. */
  #dismissed({ child, batches, told }: Slot): boolean {
    if (!told || batches.length > 0 || !child.connected) return false;
    child.disconnect();
    child.unref();
    return true;
  }

  /** Waits until the current turn has queued all it wants to, so that batches fill up. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#dispatch();
    });
  }

  #dispatch(): void {
    while (!this.#closed && this.#queue.length + this.#alone.length > 0) {
      const slot = this.#slot();
      if (slot === undefined) return;
      this.#send(slot, this.#take());
    }
  }

  /** The process with least to do, or a new one while there may be more. */
  #slot(): Slot | undefined {
    const idle = [...this.#slots].find((slot) => slot.batches.length === 0);
    if (idle !== undefined) return idle;
    if (this.#slots.size < this.#options.processes) return this.#start();
    const [least] = [...this.#slots].toSorted((a, b) => a.batches.length - b.batches.length);
    return least !== undefined && least.batches.length < ahead ? least : undefined;
  }

  #take(): Waiting[] {
    const suspect = this.#alone.shift();
    if (suspect !== undefined) return [suspect];
    const batch: Waiting[] = [];
    // A fair share, so that the last process is not left with everything.
    const share = Math.max(1, Math.ceil(this.#queue.length / (this.#options.processes * ahead)));
    for (let bytes = 0; this.#queue.length > 0 && batch.length < Math.min(batchJobs, share); ) {
      bytes += this.#queue[0]!.job.size;
      if (batch.length > 0 && bytes > batchBytes) break;
      batch.push(this.#queue.shift()!);
    }
    return batch;
  }

  #send(slot: Slot, waiting: readonly Waiting[]): void {
    const batch: Batch = { id: this.#nextId++, waiting };
    slot.batches.push(batch);
    const request: Request = {
      id: batch.id,
      jobs: waiting.map(({ job }) => job),
      ...(slot.told ? {} : { task: this.#options.task }),
    };
    slot.told = true;
    slot.child.send(request, () => {}); // a failed send is a dead child, which 'exit' deals with
    if (slot.batches.length === 1) this.#arm(slot);
  }

  /** Starts the clock for the batch at the head of the line; the process says that it lives whenever it goes on to the next file. */
  #arm(slot: Slot): void {
    clearTimeout(slot.timer);
    const batch = slot.batches[0];
    if (batch === undefined) return;
    const { limits } = this.#options.task;
    const seconds = graceSeconds + Math.max(...batch.waiting.map(({ job }) => allowedSeconds(limits, job.size)));
    slot.timer = setTimeout(() => {
      this.#kill(slot, 'timeout', `inspection did not end within ${Math.ceil(seconds)} s and was stopped`);
    }, Math.min(seconds * 1000, 2 ** 31 - 1));
  }

  #kill(slot: Slot, why: GapReason, what: string): void {
    slot.reason ??= { why, what };
    slot.child.kill('SIGKILL');
  }

  #start(): Slot {
    const child = takeChild(this.#options.task.limits.heap, this.#options.entry);
    const slot: Slot = { child, batches: [], told: false, timer: undefined, reason: undefined };
    this.#slots.add(slot);
    child.on('message', (message: Response | Alive) => {
      if ('alive' in message) this.#arm(slot);
      else this.#answer(slot, message);
    });
    child.on('error', () => {}); // 'exit' or 'close' follows, or the send below fails
    child.on('exit', (code, signal) => this.#died(slot, code, signal));
    this.#watch ??= setInterval(() => this.#weigh(), 100).unref();
    return slot;
  }

  #answer(slot: Slot, response: Response): void {
    const batch = slot.batches.shift();
    if (batch === undefined || batch.id !== response.id) return;
    batch.waiting.forEach(({ resolve }, index) => resolve(response.results[index]!));
    this.#arm(slot);
    this.#schedule();
  }

  #died(slot: Slot, code: number | null, signal: string | null): void {
    clearTimeout(slot.timer);
    this.#slots.delete(slot);
    if (this.#closed) return;
    const [current, ...later] = slot.batches;
    const reason = slot.reason ?? { why: 'crash' as const, what: `the inspecting process ended with ${signal ?? `exit code ${code}`}` };
    if (current !== undefined && current.waiting.length > 1) this.#alone.push(...current.waiting);
    else current?.waiting.forEach(({ job, resolve }) => resolve({ inspected: [lost(job, reason)] }));
    this.#queue.unshift(...later.flatMap((batch) => batch.waiting));
    this.#schedule();
  }

  /** Native memory is not bounded by the heap limit: the resident size is. Only where the system tells it (Linux). */
  #weigh(): void {
    const allowed = this.#options.task.limits.heap;
    for (const slot of this.#slots) {
      const resident = residentBytes(slot.child.pid);
      if (resident !== undefined && resident > allowed) {
        this.#kill(slot, 'limit', `the inspecting process grew to ${resident} bytes, allowed ${allowed}, and was stopped`);
      }
    }
  }
}

function lost(job: Job, reason: { why: GapReason; what: string }): Inspected {
  return {
    artefact: { id: job.id, size: job.size, format: 'unknown', digests: {} },
    coverage: 'failed',
    facts: [{ kind: 'gap', what: reason.what, why: reason.why, holds: 'anything' }],
  };
}
