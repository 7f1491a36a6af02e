// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Measured {
  /** Wall-clock seconds. */
  readonly seconds: number;
  /** Largest resident size of one process, and of all its processes at one time, in MB; undefined off Linux. */
  readonly largestMB: number | undefined;
  readonly togetherMB: number | undefined;
  readonly exitCode: number | null;
}

/** Runs a command as a whole process, start-up included. Its output is thrown away. */
export function measure(command: string, args: readonly string[]): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    const child = spawn(command, args, { stdio: 'ignore' });
    let largest = 0;
    let together = 0;
    const watch = process.platform !== 'linux' ? undefined : setInterval(() => {
      const sizes = tree(child.pid).map(resident);
      largest = Math.max(largest, ...sizes);
      together = Math.max(together, sizes.reduce((sum, one) => sum + one, 0));
    }, 10);
    child.on('error', reject);
    child.on('exit', (exitCode) => {
      clearInterval(watch);
      const mb = (bytes: number): number | undefined => (watch === undefined ? undefined : Math.round(bytes / 1e6));
      resolve({ seconds: (performance.now() - begun) / 1000, largestMB: mb(largest), togetherMB: mb(together), exitCode });
    });
  });
}

function tree(pid: number | undefined): number[] {
  if (pid === undefined) return [];
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim();
    return [pid, ...(children === '' ? [] : children.split(' ').flatMap((one) => tree(Number(one))))];
  } catch {
    return [];
  }
}

function resident(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]) * 4096;
  } catch {
    return 0;
  }
}

/** Several runs of two commands in turn, so that a busy moment hits both; medians and the ratio of medians. */
export async function paired(rounds: number, ours: readonly string[], theirs: readonly string[]): Promise<{ ours: Measured; theirs: Measured; ratio: number }> {
  const a: Measured[] = [];
  const b: Measured[] = [];
  for (let round = 0; round < rounds; round += 1) {
    a.push(await measure(ours[0]!, ours.slice(1)));
    b.push(await measure(theirs[0]!, theirs.slice(1)));
  }
  const one = median(a);
  const other = median(b);
  return { ours: one, theirs: other, ratio: one.seconds / other.seconds };
}

function median(runs: readonly Measured[]): Measured {
  const sorted = runs.toSorted((x, y) => x.seconds - y.seconds);
  const middle = sorted[sorted.length >> 1]!;
  return { ...middle, largestMB: most(runs.map((run) => run.largestMB)), togetherMB: most(runs.map((run) => run.togetherMB)) };
}

function most(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}
