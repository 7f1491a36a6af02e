// SPDX-License-Identifier: Apache-2.0

/** A place in a document, as a chain to its root: millions of them cost little until one is printed. Undefined is the root. */
export interface Place {
  readonly up: Place | undefined;
  readonly key: string | number;
}

/** The place as a JSON pointer (RFC 6901); '' for the root. */
export function pointerOf(place: Place | undefined): string {
  const steps: string[] = [];
  for (let at = place; at !== undefined; at = at.up) steps.push(escapeStep(String(at.key)));
  return steps.length === 0 ? '' : `/${steps.toReversed().join('/')}`;
}

/** The value that a JSON pointer leads to; undefined when it leads nowhere or is none. */
export function follow(document: unknown, pointer: string): unknown {
  if (pointer === '') return document;
  if (!pointer.startsWith('/')) return undefined;
  let value = document;
  for (const raw of pointer.slice(1).split('/')) {
    const step = raw.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(value)) value = /^(0|[1-9]\d{0,8})$/.test(step) ? (value as unknown[])[Number(step)] : undefined;
    else if (typeof value === 'object' && value !== null && Object.hasOwn(value, step)) value = (value as Record<string, unknown>)[step];
    else return undefined;
  }
  return value;
}

function escapeStep(step: string): string {
  return step.replaceAll('~', '~0').replaceAll('/', '~1');
}
