// SPDX-License-Identifier: Apache-2.0
// Tails of distributions as -log10 p: p itself leaves the range of a double long before evidence does.

/** ln Γ(x) for x > 0, by Stirling's series behind a shift: error below 1e-10. */
export function lnGamma(x: number): number {
  let shift = 0;
  let at = x;
  while (at < 12) {
    shift -= Math.log(at);
    at += 1;
  }
  const inverse = 1 / at;
  const square = inverse * inverse;
  const series = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680)));
  return shift + (at - 0.5) * Math.log(at) - at + 0.5 * Math.log(2 * Math.PI) + series;
}

/** -log10 P(X ≥ count) of a Poisson variable of mean `mean`; 0 where the count is not above the mean. */
export function poissonTail(count: number, mean: number): number {
  if (count <= mean || count <= 0) return 0;
  if (mean <= 0) return 300;
  let term = 1;
  let sum = 1;
  for (let k = count + 1; term > sum * 1e-12 && k < count + 1000; k += 1) {
    term *= mean / k;
    sum += term;
  }
  const ln = count * Math.log(mean) - mean - lnGamma(count + 1) + Math.log(sum);
  return Math.max(0, -ln / Math.LN10);
}

/** -log10 P(X ≥ hits) of a binomial variable; 0 where the hits are not above what is expected. */
export function binomialTail(hits: number, n: number, p: number): number {
  if (hits <= n * p || hits <= 0) return 0;
  if (p <= 0) return 300;
  if (p >= 1) return 0;
  const first = lnGamma(n + 1) - lnGamma(hits + 1) - lnGamma(n - hits + 1) + hits * Math.log(p) + (n - hits) * Math.log1p(-p);
  let term = 1;
  let sum = 1;
  for (let k = hits; k < n && term > sum * 1e-12; k += 1) {
    term *= ((n - k) / (k + 1)) * (p / (1 - p));
    sum += term;
  }
  return Math.max(0, -(first + Math.log(sum)) / Math.LN10);
}

/** Numbers in [0, 1) that are the same everywhere (mulberry32): studies must give the same answer twice. */
export function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
