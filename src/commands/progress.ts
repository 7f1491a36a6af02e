// SPDX-License-Identifier: Apache-2.0
import { bytes } from '../report/terminal.ts';
import type { Progress } from '../run/scan.ts';

/** A line on stderr that is written over, ten times a second at most; nothing where stderr is no terminal. */
export function progressLine(enabled: boolean): { show: (progress: Progress) => void; clear: () => void } {
  if (!enabled || !process.stderr.isTTY) return { show() {}, clear() {} };
  const begun = performance.now();
  let last = 0;
  return {
    show(progress) {
      const now = performance.now();
      if (now - last < 100) return;
      last = now;
      const seconds = (now - begun) / 1000;
      const rate = progress.bytes / seconds;
      const left = rate > 0 ? Math.ceil((progress.bytesInAll - progress.bytes) / rate) : undefined;
      const line = `${progress.files}/${progress.filesInAll} files  ${bytes(progress.bytes)} of ${bytes(progress.bytesInAll)}  ${bytes(rate)}/s${left === undefined ? '' : `  ${left} s left`}`;
      process.stderr.write(`\r\u001b[2K${line.slice(0, (process.stderr.columns || 80) - 1)}`);
    },
    clear() {
      process.stderr.write('\r\u001b[2K');
    },
  };
}
