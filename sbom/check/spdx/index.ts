// SPDX-License-Identifier: Apache-2.0
import { leaks } from '../leaks.ts';
import { run, type Group, type Problem } from '../lint.ts';
import { graph } from './graph-lints.ts';
import { profiles } from './profiles.ts';
import { values } from './values.ts';

export const spdxGroups: readonly Group[] = [graph, values, profiles, leaks];

/** What is wrong in a parsed SPDX 3.0.1 document and no schema says; an empty list when nothing is. */
export function lintSpdx(document: unknown): Problem[] {
  return run(spdxGroups, document);
}
