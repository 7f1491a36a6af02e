// SPDX-License-Identifier: Apache-2.0
import { recoloured, type Raster } from './pictures.ts';

/** A picture that shows something else once it is made smaller (Xiao 2019, Quiring 2020). */
export interface Scaling {
  /** Size it turns at. */
  readonly target: readonly [width: number, height: number];
  /** Root mean square difference, in grey levels, of the pixels that a program takes for that size to their surroundings. */
  readonly at: number;
  /** The same for pixels that no program takes: half a step aside. */
  readonly beside: number;
}

/** Input sizes of usual models. */
const targets = [32, 64, 96, 128, 224, 227, 256, 299, 320, 384, 416, 448, 512, 640] as const;
/** Grey levels; ordinary sharp pictures stay below on average. */
const leastDifference = 24;
const leastRatio = 3;

/**
 * Compares what nearest and bilinear scaling take with what lies around it. They read few pixels of a large picture; who changes
 * only these changes what the model sees. In an ordinary picture the pixels taken differ no more than any others.
 */
export function scalingOf(raster: Raster): Scaling | undefined {
  const grey = recoloured(raster, 1);
  let worst: Scaling | undefined;
  for (const size of targets) {
    if (raster.width < 2 * size || raster.height < 2 * size) continue;
    const stepX = raster.width / size;
    const stepY = raster.height / size;
    // Where programs take pixels: OpenCV's nearest at the beginning of each step, Pillow's in its middle; bilinear one on either side.
    const phases = [[0, 0], [0.5, 0.5]] as const;
    const asides = stepX >= 3 && stepY >= 3 ? ([[0.25, 0.25], [0.75, 0.75], [0.25, 0.75], [0.75, 0.25]] as const) : ([[0, 0.5], [0.5, 0]] as const);
    const taken = phases.map((phase) => difference(grey, size, stepX, stepY, phase));
    const beside = Math.min(...asides.map((phase) => difference(grey, size, stepX, stepY, phase)));
    const at = Math.max(...taken);
    if (at >= leastDifference && at >= leastRatio * Math.max(1, beside) && (worst === undefined || at > worst.at)) worst = { target: [size, size], at, beside };
  }
  return worst;
}

/** How far the pixels at one phase of the steps are from the mean of a ring of eight half a step around, which no other phase shares. */
function difference({ width, height, pixels }: Raster, size: number, stepX: number, stepY: number, [phaseX, phaseY]: readonly [number, number]): number {
  let sum = 0;
  const [reachX, reachY] = [Math.max(1, Math.floor(stepX * 0.3)), Math.max(1, Math.floor(stepY * 0.3))];
  for (let row = 0; row < size; row += 1) {
    const y = Math.min(height - 1, Math.floor((row + phaseY) * stepY));
    for (let column = 0; column < size; column += 1) {
      const x = Math.min(width - 1, Math.floor((column + phaseX) * stepX));
      const [left, right] = [Math.max(0, x - reachX), Math.min(width - 1, x + reachX)];
      const [up, down] = [Math.max(0, y - reachY), Math.min(height - 1, y + reachY)];
      const around = (pixels[up * width + left]! + pixels[up * width + right]! + pixels[down * width + left]! + pixels[down * width + right]!) / 4;
      const apart = pixels[y * width + x]! - around;
      sum += apart * apart;
    }
  }
  return Math.sqrt(sum / (size * size));
}
