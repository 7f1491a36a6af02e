// SPDX-License-Identifier: Apache-2.0

/** Plain statistics of a tensor, added up block by block. Sums are in double precision; NaN and infinities are in none. */
export interface Plain {
  count: number;
  nan: number;
  positive: number;
  negative: number;
  zeros: number;
  least: number;
  greatest: number;
  sum: number;
  squares: number;
}

export function plain(): Plain {
  return { count: 0, nan: 0, positive: 0, negative: 0, zeros: 0, least: Infinity, greatest: -Infinity, sum: 0, squares: 0 };
}

/** Adds what the kernel measured of `length` numbers, none of which was NaN or infinite. */
export function merge(to: Plain, { sum, squares, least, greatest, zeros }: Pick<Plain, 'sum' | 'squares' | 'least' | 'greatest' | 'zeros'>, length: number): void {
  to.count += length;
  to.sum += sum;
  to.squares += squares;
  to.least = Math.min(to.least, least);
  to.greatest = Math.max(to.greatest, greatest);
  to.zeros += zeros;
}

/** Adds `length` numbers. */
export function add(to: Plain, numbers: Float32Array | Float64Array | Float16Array, length: number): void {
  let { least, greatest } = to;
  let [sum, sum2, squares, squares2, zeros] = [0, 0, 0, 0, 0];
  const even = length - (length % 2);
  for (let i = 0; i < even; i += 2) { // two chains of additions: one waits for itself
    const x = numbers[i]!;
    const y = numbers[i + 1]!;
    sum += x;
    sum2 += y;
    squares += x * x;
    squares2 += y * y;
    if (x < least) least = x;
    if (y < least) least = y;
    if (x > greatest) greatest = x;
    if (y > greatest) greatest = y;
    if (x === 0) zeros += 1;
    if (y === 0) zeros += 1;
  }
  if (even < length) {
    const x = numbers[even]!;
    sum += x;
    squares += x * x;
    if (x < least) least = x;
    if (x > greatest) greatest = x;
    if (x === 0) zeros += 1;
  }
  sum += sum2;
  squares += squares2;
  to.count += length;
  to.zeros += zeros;
  if (Number.isFinite(sum) && Number.isFinite(squares)) {
    to.sum += sum;
    to.squares += squares;
    to.least = least;
    to.greatest = greatest;
    return;
  }
  for (let i = 0; i < length; i += 1) { // rare: something is not finite, or a square overflowed
    const x = numbers[i]!;
    if (Number.isNaN(x)) to.nan += 1;
    else if (x === Infinity) to.positive += 1;
    else if (x === -Infinity) to.negative += 1;
    else {
      to.sum += x;
      to.squares += x * x;
      if (x < to.least) to.least = x;
      if (x > to.greatest) to.greatest = x;
    }
  }
}
