// SPDX-License-Identifier: Apache-2.0
import { lintCyclonedx } from './check/cyclonedx/index.ts';
import type { Problem } from './check/lint.ts';

export type { Problem } from './check/lint.ts';

/** The errors that the lint finds in a parsed CycloneDX document; an empty list when there are none. `lintCyclonedx` gives warnings and notes too. */
export function lint(document: unknown): Problem[] {
  return lintCyclonedx(document).filter(({ level }) => level === 'error');
}
