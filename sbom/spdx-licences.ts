// SPDX-License-Identifier: Apache-2.0
import type { DeclaredLicence } from './bom.ts';

/** A declared licence as an SPDX expression, or, when it is none on the list, the words that declared it. */
export function licenceName({ declared, licence, url }: DeclaredLicence): { readonly expression?: string; readonly text: string } {
  const expression = licence?.expression ?? licence?.id;
  if (expression !== undefined) return { expression, text: expression };
  return { text: `${licence?.name ?? declared.value}${url === undefined ? '' : ` (${url})`}` };
}
