// SPDX-License-Identifier: Apache-2.0
import { Unsupported } from './errors.ts';

const mark = Buffer.from('version https://git-lfs.github.com/spec/');

/**
 * Throws `Unsupported` when the bytes are a Git LFS pointer (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md):
 * a text that stands in for a file which was not fetched. It is not the format its name says, and no tampering either.
 */
export function refusePointer(head: Uint8Array): void {
  if (mark.compare(head, 0, Math.min(mark.length, head.length)) === 0) throw new Unsupported('Git LFS pointer: the file itself was not fetched');
}
