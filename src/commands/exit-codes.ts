// SPDX-License-Identifier: Apache-2.0

/** Exit codes of every command. */
export const exitCodes = { done: 0, findings: 1, incomplete: 2, empty: 3, usage: 4, interrupted: 130 } as const;
