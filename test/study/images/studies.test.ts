import { expect, test } from 'vitest';
import { drawn, numbers, type Drawn } from '../../../fixtures/support/picture-sets.ts';
import { contentOf, votes } from '../../../src/study/images/content.ts';
import { factsOf } from '../../../src/study/images/facts.ts';
import { noiseOf } from '../../../src/study/images/noise.ts';
import { Album, type Pictures } from '../../../src/study/images/pictures.ts';
import { scalingOf } from '../../../src/study/images/scaling.ts';
import { binomialTail, lnGamma, poissonTail } from '../../../src/study/images/tails.ts';

const side = 12;

function pictures({ pixels, labels }: Drawn): Pictures {
  const count = labels.length;
  return { count, among: count, whole: { width: side, height: side, channels: 1, pixels }, labels: Int32Array.from(labels), classes: ['disc', 'rows', 'columns', 'ramp'], id: String };
}

function findings(set: Drawn): string[] {
  return [...factsOf(pictures(set), 'set', () => {})].filter(({ outcome }) => outcome === 'finding').map(({ question }) => question);
}

function stamped(set: Drawn, rows: readonly number[], x: number, y: number): void {
  for (const i of rows) for (let n = 0; n < 9; n += 1) set.pixels[(i * side + y + Math.floor(n / 3)) * side + x + (n % 3)] = n % 2 === 0 ? 255 : 0;
}

test('tails agree with sums done by hand', () => {
  expect(lnGamma(10)).toBeCloseTo(Math.log(362_880), 9);
  expect(10 ** -poissonTail(3, 1)).toBeCloseTo(1 - Math.exp(-1) * (1 + 1 + 0.5), 9);
  expect(10 ** -binomialTail(2, 3, 0.25)).toBeCloseTo(3 * 0.25 ** 2 * 0.75 + 0.25 ** 3, 9);
  expect(poissonTail(1e6, 1)).toBeGreaterThan(1e6);
});

test('a clean set raises nothing', () => {
  expect(findings(drawn(800, side, 1))).toEqual([]);
});

test('a stamp on pictures of one class is found though their labels are right', () => {
  const set = drawn(1000, side, 2);
  const rows = [...set.labels.keys()].filter((i) => set.labels[i] === 3).slice(0, 20);
  stamped(set, rows, 8, 8);
  const found = [...factsOf(pictures(set), 'set', () => {})].find(({ question, outcome }) => question === 'image-stamp' && outcome === 'finding');
  expect(found?.detail).toMatchObject({ label: 'ramp', kind: 'trigger' });
  expect(found?.rows?.toSorted()).toEqual(rows.map(String).toSorted());
  expect(found?.picture).toMatch(/^<svg .*<\/svg>$/s);
});

test('the same stamp on pictures of all classes is told as a watermark only', () => {
  const set = drawn(1000, side, 3);
  stamped(set, Array.from({ length: 80 }, (_, i) => i * 12), 8, 8);
  expect(findings(set)).toEqual(['image-shortcut']);
});

test('a stamp on a whole class is a shortcut, not a trigger', () => {
  const set = drawn(1000, side, 4);
  stamped(set, [...set.labels.keys()].filter((i) => set.labels[i] === 0), 8, 8);
  expect(findings(set)).toEqual(['image-shortcut']);
});

test('twenty copies of one picture are no stamp', () => {
  const set = drawn(1000, side, 5);
  for (let n = 0; n < 25; n += 1) {
    set.pixels.copyWithin((100 + 7 * n) * side * side, 0, side * side);
    set.labels[100 + 7 * n] = set.labels[0]!;
  }
  expect(findings(set)).toEqual(['image-near-duplicates']);
});

test('wrong labels are counted about as they are, and ranked first', () => {
  const set = drawn(1500, side, 6);
  const next = numbers(7);
  const wrong = new Set<number>();
  for (const [i, label] of set.labels.entries()) {
    if (next() >= 0.04) continue;
    wrong.add(i);
    set.labels[i] = (label + 1 + Math.floor(3 * next())) % 4;
  }
  const content = contentOf(pictures(set), () => {});
  const noise = noiseOf(content, votes(content, Int32Array.from(set.labels), 4), Int32Array.from(set.labels), 4);
  expect(Math.abs(noise.rate - wrong.size / 1500)).toBeLessThan(0.02);
  expect(noise.ranked.slice(0, wrong.size).filter((row) => wrong.has(row)).length).toBeGreaterThan(0.9 * wrong.size);
});

test('too few pictures, or none with labels, are not assessed, and say why', () => {
  const few = [...factsOf(pictures(drawn(40, side, 8)), 'set', () => {})];
  expect(few.find(({ question }) => question === 'image-stamp')).toMatchObject({ outcome: 'not-assessable', what: '40 pictures, 200 are wanted' });
  const set = pictures(drawn(400, side, 8));
  const bare = [...factsOf({ ...set, labels: new Int32Array(400).fill(-1), classes: [] }, 'set', () => {})];
  expect(bare.find(({ question }) => question === 'image-label-noise')).toMatchObject({ outcome: 'not-assessable', what: '0 pictures have a label, 200 are wanted' });
  expect(bare.find(({ question }) => question === 'image-stamp')?.outcome).toBe('assessed');
});

test('the same set gives the same facts twice', () => {
  const set = pictures(drawn(500, side, 9));
  expect([...factsOf(set, 'set', () => {})]).toEqual([...factsOf(set, 'set', () => {})]);
});

test('an album keeps a sample of what does not fit, and says how many there were', () => {
  const album = new Album(2 * 64 * side * side * 2);
  const { pixels } = drawn(1000, side, 10);
  for (let i = 0; i < 1000; i += 1) album.add({ width: side, height: side, channels: 1, pixels: pixels.subarray(i * side * side, (i + 1) * side * side) }, { id: `p${i}`, label: String(i % 3) });
  const set = album.finish();
  expect([set?.among, set?.classes]).toEqual([1000, ['0', '1', '2']]);
  expect(set!.count).toBe(128);
  const i = Number(set!.id(100).slice(1));
  expect(set!.whole.pixels.subarray(100 * side * side, 101 * side * side)).toEqual(pixels.subarray(i * side * side, (i + 1) * side * side));
});

test('pictures that are larger keep their corners as they are', () => {
  const album = new Album();
  const pixels = new Uint8Array(200 * 150);
  pixels[149 * 200 + 199] = 255;
  album.add({ width: 200, height: 150, channels: 1, pixels }, { id: 'one' });
  const set = album.finish()!;
  expect([set.whole.width, set.whole.height, set.corners?.width]).toEqual([64, 64, 64]);
  expect(set.corners!.pixels[64 * 64 - 1]).toBe(255);
});

test('a picture that hides another one for nearest scaling is found, photographs of stripes are not', () => {
  const wave = (hidden: boolean): Uint8Array => Uint8Array.from({ length: 256 * 256 }, (_, p) => {
    const [x, y] = [p % 256, Math.floor(p / 256)];
    return hidden && x % 8 === 4 && y % 8 === 4 ? (x > 128 ? 250 : 5) : 128 + Math.round(60 * Math.sin(x / 20) * Math.cos(y / 25));
  });
  expect(scalingOf({ width: 256, height: 256, channels: 1, pixels: wave(true) })?.target).toEqual([32, 32]);
  expect(scalingOf({ width: 256, height: 256, channels: 1, pixels: wave(false) })).toBeUndefined();
  const stripes = Uint8Array.from({ length: 256 * 256 }, (_, p) => ((p % 256) % 7 < 3 ? 220 : 30));
  expect(scalingOf({ width: 256, height: 256, channels: 1, pixels: stripes })).toBeUndefined();
});
