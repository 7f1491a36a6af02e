// SPDX-License-Identifier: Apache-2.0
// `uniqueItems` in linear time. Comparing each with each, as validators do, takes days for a million components.

/** Members that mostly tell two items apart: where these differ the items do, without a look at the rest. */
const telling = ['bom-ref', 'ref', 'name', 'version', 'type', 'url', 'alg', 'content', 'id', 'purl', 'value'];

/** Index of the first item that an earlier one equals; -1 when all differ. */
export function repeated(items: readonly unknown[]): number {
  if (items.length < 2) return -1;
  const numbers = new Numbers();
  const first = new Map<string, number>();
  const seen = new Set<number>();
  for (let i = 0; i < items.length; i += 1) {
    const brief = summary(items[i]);
    const earlier = first.get(brief);
    if (earlier === undefined) {
      first.set(brief, i);
      continue;
    }
    seen.add(numbers.of(items[earlier]));
    const number = numbers.of(items[i]);
    if (seen.has(number)) return i;
    seen.add(number);
  }
  return -1;
}

function summary(item: unknown): string {
  if (typeof item !== 'object' || item === null) return `${typeof item} ${String(item)}`;
  if (Array.isArray(item)) return `array ${item.length}`;
  return JSON.stringify(telling.map((key) => {
    const value = (item as Record<string, unknown>)[key];
    return typeof value === 'string' || typeof value === 'number' ? value : null;
  }));
}

/** Gives equal values equal numbers. Each object is looked at once, however deep it lies. */
class Numbers {
  readonly #byForm = new Map<string, number>();
  readonly #known = new WeakMap<object, number>();

  of(value: unknown): number {
    if (typeof value !== 'object' || value === null) return this.#number(`${typeof value} ${String(value)}`);
    const known = this.#known.get(value);
    if (known !== undefined) return known;
    const form = Array.isArray(value)
      ? `[${(value as unknown[]).map((item) => this.of(item)).join()}]`
      : `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${this.of((value as Record<string, unknown>)[key])}`).join()}}`;
    const number = this.#number(form);
    this.#known.set(value, number);
    return number;
  }

  #number(form: string): number {
    const found = this.#byForm.get(form);
    if (found !== undefined) return found;
    this.#byForm.set(form, this.#byForm.size);
    return this.#byForm.size - 1;
  }
}
