// SPDX-License-Identifier: Apache-2.0
import type { Port, Values } from './session.ts';

/** Elements of one input at most: 64 MB of float32. */
const most = 16 << 20;

/** Values for one input of a model, the same on every machine: `row` tells the rows of a batch apart. Undefined for a type that cannot be made up. */
export function valuesFor(port: Port, sizes: ReadonlyMap<string, number>, rows: readonly number[] | undefined, open: number): Values | undefined {
  const dims = port.shape.map((size, place) => {
    if (typeof size === 'number' && size >= 0) return size;
    if (place === 0 && rows !== undefined) return rows.length;
    return (typeof size === 'string' ? sizes.get(size) : undefined) ?? (place === 0 ? 1 : open);
  });
  const count = dims.reduce((product, size) => product * size, 1);
  if (!(count <= most)) return undefined;
  const perRow = rows === undefined || rows.length === 0 ? count : count / rows.length;
  const phase = (index: number): number => (rows === undefined ? index : index % perRow + 7919 * (rows[Math.floor(index / perRow)] ?? 0));
  // A low-discrepancy sequence: spread over [0, 1) without a generator.
  const unit = (index: number): number => (phase(index) * 0.618_033_988_749_894_9) % 1;
  const whole = (index: number): number => (phase(index) * 7 + 3) % 10;
  const data = filled(port.type, count, unit, whole);
  return data === undefined ? undefined : { type: port.type, dims, data };
}

function filled(type: string, count: number, unit: (index: number) => number, whole: (index: number) => number): Values['data'] | undefined {
  const each = <T>(make: (index: number) => T): { length: number } & Iterable<T> => ({ length: count, *[Symbol.iterator]() { for (let i = 0; i < count; i += 1) yield make(i); } });
  switch (type) {
    case 'float32': return Float32Array.from(each(unit));
    case 'float64': return Float64Array.from(each(unit));
    case 'float16': return Uint16Array.from(each((index) => halfOf(unit(index))));
    case 'int64': return BigInt64Array.from(each((index) => BigInt(whole(index))));
    case 'uint64': return BigUint64Array.from(each((index) => BigInt(whole(index))));
    case 'int32': return Int32Array.from(each(whole));
    case 'uint32': return Uint32Array.from(each(whole));
    case 'int16': return Int16Array.from(each(whole));
    case 'uint16': return Uint16Array.from(each(whole));
    case 'int8': return Int8Array.from(each(whole));
    case 'uint8': return Uint8Array.from(each((index) => Math.floor(unit(index) * 256)));
    case 'bool': return Uint8Array.from(each((index) => whole(index) & 1));
    default: return undefined;
  }
}

/** IEEE 754 half precision of a number in [0, 1), rounded down. */
function halfOf(value: number): number {
  if (value < 2 ** -14) return Math.floor(value * 2 ** 24);
  const exponent = Math.floor(Math.log2(value));
  return ((exponent + 15) << 10) | Math.floor((value / 2 ** exponent - 1) * 1024);
}
