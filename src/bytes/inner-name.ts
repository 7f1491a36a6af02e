// SPDX-License-Identifier: Apache-2.0

/** Name of what a packed file holds: its own name without the packer's ending; 'content' when nothing would be left. */
export function innerName(name: string, endings: readonly string[]): string {
  const lower = name.toLowerCase();
  const ending = endings.find((one) => lower.endsWith(one) && lower.length > one.length);
  if (ending !== undefined) return name.slice(0, -ending.length);
  return name === '' ? 'content' : name;
}
