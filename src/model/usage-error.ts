// SPDX-License-Identifier: Apache-2.0

/** A mistake of the person at the command line: printed without a stack, exit code 4. The message says what to do next. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
