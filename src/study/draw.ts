// SPDX-License-Identifier: Apache-2.0
// Small SVG pictures of numbers; the only text of the artefact in them is escaped.
import { escaped } from './images/svg.ts';

/** A score on a line, with the largest score under the null and the alarm's threshold. */
export function scorePicture(score: number, nullMax: number, threshold: number, title: string): string {
  const most = Math.max(score, threshold, nullMax, 1) * 1.1;
  const x = (value: number): number => Math.round(20 + (440 * Math.max(0, value)) / most);
  const tick = (value: number, name: string, y: number): string => `<path d="M${x(value)} 30V74" stroke="#555" stroke-dasharray="3 3"/><text x="${x(value)}" y="${y}" text-anchor="middle" font-family="sans-serif" font-size="11" fill="#333">${name} ${value.toFixed(1)}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 100"><rect width="100%" height="100%" fill="#fff"/><text x="20" y="18" font-family="sans-serif" font-size="12">${escaped(title)}: score ${score.toFixed(1)}</text><rect x="20" y="40" width="${x(score) - 20}" height="22" fill="#c33"/>${tick(nullMax, 'null', 86)}${tick(threshold, 'alarm', 98)}</svg>`;
}
