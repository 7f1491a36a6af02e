// SPDX-License-Identifier: Apache-2.0

/** An SVG for people: the bias of each mantissa bit as a bar, and what the law expects of it (half of the one before) as a line. */
export function lawPicture(planes: readonly number[]): string {
  const [width, height, left] = [40, 120, 30];
  const most = Math.max(0.01, ...planes);
  const y = (value: number): number => Math.round(10 + height * (1 - Math.max(0, value) / most));
  const bars = planes.map((value, k) => `<rect x="${left + k * width}" y="${y(value)}" width="${width - 10}" height="${10 + height - y(value)}" fill="#4477aa"/><text x="${left + k * width + 10}" y="${height + 24}">${k + 1}</text>`);
  const law = planes.map((_, k) => `${left + k * width + 15},${y(planes[0]! / 2 ** k)}`).join(' ');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${left + planes.length * width} ${height + 44}" font-family="sans-serif" font-size="11"><title>Bias of mantissa bits: seen (bars) and expected (line)</title>${bars.join('')}<polyline points="${law}" fill="none" stroke="#cc3311" stroke-width="2"/><text x="${left}" y="${height + 40}">mantissa bit, highest first</text></svg>`;
}
