// SPDX-License-Identifier: Apache-2.0
import type { Check } from './basis.ts';
import { dataChecks } from './checks/data.ts';
import { datasetChecks } from './checks/datasets.ts';
import { documentationChecks } from './checks/documentation.ts';
import { evaluationChecks } from './checks/evaluation.ts';
import { generativeChecks } from './checks/generative.ts';
import { integrityChecks } from './checks/integrity.ts';
import { inventoryChecks } from './checks/inventory.ts';
import { policyChecks } from './checks/policy.ts';
import { provenanceChecks } from './checks/provenance.ts';
import { releaseChecks } from './checks/releases.ts';
import { ruleChecks } from './checks/rules.ts';
import { signingChecks } from './checks/signing.ts';

/** Every check that a provision can name. */
export const catalogue: readonly Check[] = [
  ...inventoryChecks, ...integrityChecks, ...signingChecks, ...provenanceChecks, ...documentationChecks, ...datasetChecks, ...dataChecks,
  ...evaluationChecks, ...releaseChecks, ...policyChecks, ...generativeChecks, ...ruleChecks,
];

const byId = new Map(catalogue.map((check) => [check.id, check]));

export function checkOf(id: string): Check {
  const check = byId.get(id);
  if (check === undefined) throw new Error(`no check ${id}`);
  return check;
}
