// SPDX-License-Identifier: Apache-2.0

/** At most `longest` characters of a text; '…' stands for what was cut. Facts hold no longer pieces of what an artefact says. */
export function clip(text: string, longest = 256): string {
  if (text.length <= longest) return text;
  return `${text.slice(0, longest - 1).toWellFormed()}…`;
}
