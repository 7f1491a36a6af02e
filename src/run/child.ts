// SPDX-License-Identifier: Apache-2.0
// The inspecting process, as its parent starts it. Loaded before anything else: it imports next to nothing.
import { fork, type ChildProcess } from 'node:child_process';
import { defaultLimits } from '../bytes/limits.ts';

let early: ChildProcess | undefined;
const killEarly = (): void => void early?.kill('SIGKILL');

/** @param heap bytes of its heap at most; @param entry module that calls `serve`, the one with all scanners when absent */
export function startChild(heap: number, entry?: URL): ChildProcess {
  const own = import.meta.url.endsWith('.ts') ? './inspecting.ts' : './inspecting.js'; // built code has no .ts beside it
  return fork(entry ?? new URL(own, import.meta.url), [], {
    // Most of what is made lives for one file: a larger nursery costs 8 MB and saves a tenth of the time.
    execArgv: [`--max-old-space-size=${Math.floor(heap / (1 << 20))}`, '--min-semi-space-size=8', '--max-semi-space-size=8'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
}

/** Starts one before the command line is read: it loads while this process does. It keeps nobody waiting, and does not outlive this process. */
export function startEarly(): void {
  early = startChild(defaultLimits.heap);
  early.on('error', () => {}); // whoever takes it sees that it is not connected
  early.unref();
  early.channel?.unref();
  process.once('exit', killEarly);
}

/** The one started early where it is as wanted and alive, or a new one. */
export function takeChild(heap: number, entry?: URL): ChildProcess {
  const child = early;
  if (child === undefined || heap !== defaultLimits.heap || entry !== undefined || !child.connected) return startChild(heap, entry);
  early = undefined;
  process.off('exit', killEarly);
  child.ref();
  child.channel?.ref();
  return child;
}
