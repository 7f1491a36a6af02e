// SPDX-License-Identifier: Apache-2.0
import { leaks } from '../leaks.ts';
import { run, type Group, type Problem } from '../lint.ts';
import { findings } from './findings.ts';
import { hashes } from './hashes.ts';
import { identity } from './identity.ts';
import { licences } from './licences.ts';
import { lineage } from './lineage.ts';
import { models } from './models.ts';
import { properties } from './properties.ts';
import { references } from './references.ts';
import { whole } from './whole.ts';

export const cyclonedxGroups: readonly Group[] = [references, identity, hashes, licences, models, lineage, properties, findings, whole, leaks];

/** What is wrong in a parsed CycloneDX document and no schema says; an empty list when nothing is. */
export function lintCyclonedx(document: unknown): Problem[] {
  return run(cyclonedxGroups, document);
}
