// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';

/** Resident memory of another process in bytes; undefined where the system does not tell (Linux does), or when it has ended. */
export function residentBytes(pid: number | undefined): number | undefined {
  if (pid === undefined || process.platform !== 'linux') return undefined;
  try {
    const [, kilobytes] = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}
