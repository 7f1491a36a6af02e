// SPDX-License-Identifier: Apache-2.0
// Spectra of small symmetric matrices, and a sketch of a large one from which its rank shows (Halko, Martinsson and Tropp, arXiv 0909.4061).

/** Eigenvalues of a symmetric matrix of n rows, largest first (Jacobi's method). */
export function eigenvalues(matrix: Float64Array, n: number): Float64Array {
  const a = matrix.slice();
  for (let sweep = 0; sweep < 30; sweep += 1) {
    let off = 0;
    let on = 0;
    for (let i = 0; i < n; i += 1) for (let j = 0; j < n; j += 1) if (i === j) on += a[i * n + j]! ** 2; else off += a[i * n + j]! ** 2;
    if (off <= 1e-24 * on || off === 0) break;
    for (let p = 0; p < n; p += 1) for (let q = p + 1; q < n; q += 1) rotate(a, n, p, q);
  }
  return Float64Array.from({ length: n }, (_, i) => a[i * n + i]!).sort().toReversed();
}

function rotate(a: Float64Array, n: number, p: number, q: number): void {
  const apq = a[p * n + q]!;
  if (apq === 0) return;
  const theta = (a[q * n + q]! - a[p * n + p]!) / (2 * apq);
  const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < n; k += 1) {
    const [x, y] = [a[k * n + p]!, a[k * n + q]!];
    a[k * n + p] = c * x - s * y;
    a[k * n + q] = s * x + c * y;
  }
  for (let k = 0; k < n; k += 1) {
    const [x, y] = [a[p * n + k]!, a[q * n + k]!];
    a[p * n + k] = c * x - s * y;
    a[q * n + k] = s * x + c * y;
  }
}

/** Columns of the sketch: ranks up to half of it are told. */
export const width = 16;

/** Y = D·Ω row by row, Ω of normal numbers; keeps only YᵀY, whose eigenvalues tell how the energy of D is spread over directions. */
export class Sketch {
  readonly #omega: Float32Array;
  readonly #gram = new Float64Array(width * width);
  readonly #columns: number;
  readonly #y = new Float64Array(width);

  constructor(columns: number) {
    this.#columns = columns;
    this.#omega = normals(columns * width);
  }

  /** Adds one row of D, `columns` numbers from `from` on. */
  add(row: Float64Array, from: number): void {
    const [y, omega] = [this.#y, this.#omega];
    y.fill(0);
    for (let j = 0, at = 0; j < this.#columns; j += 1, at += width) {
      const d = row[from + j]!;
      if (d === 0) continue;
      for (let k = 0; k < width; k += 1) y[k]! += d * omega[at + k]!;
    }
    for (let i = 0; i < width; i += 1) {
      const yi = y[i]!;
      if (yi !== 0) for (let j = 0; j < width; j += 1) this.#gram[i * width + j]! += yi * y[j]!;
    }
  }

  /** Shares of the energy by direction, largest first. All zero where nothing was added. */
  shares(): Float64Array {
    const values = eigenvalues(this.#gram, width).map((value) => Math.max(0, value));
    const all = values.reduce((sum, value) => sum + value, 0);
    return all === 0 ? values : values.map((value) => value / all);
  }
}

/** Normal numbers from a generator of our own: the same ones on every machine. */
function normals(length: number): Float32Array {
  let state = 0x2545f491;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return ((state >>> 0) + 0.5) / 2 ** 32;
  };
  return Float32Array.from({ length }, () => Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next()));
}
