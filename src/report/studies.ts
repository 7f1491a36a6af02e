// SPDX-License-Identifier: Apache-2.0
// What was asked of data sets and weights, and how it came out: the part of every report that says what was not found, and not looked for.
import type { FactOf } from '../model/fact.ts';
import type { Report } from '../model/report.ts';

export interface StudyOf {
  /** The artefact that the answer stands with: the set's first file. */
  readonly artefact: string;
  readonly fact: FactOf<'study'>;
}

/** All answers, in the report's order. */
export function studiesOf({ inspected }: Report): StudyOf[] {
  return inspected.flatMap(({ artefact, facts }) => facts.flatMap((fact) => (fact.kind === 'study' ? [{ artefact: artefact.id, fact }] : [])));
}

/** Answers by what was studied. */
export function bySubject(report: Report): Map<string, StudyOf[]> {
  return Map.groupBy(studiesOf(report), ({ fact }) => fact.of);
}

/** How much was looked at, in words. */
export function amount({ n, among }: FactOf<'study'>): string {
  return among === undefined ? `n = ${n}` : `n = ${n} of ${among}`;
}

/** Score and null in words; '' where there is no score. */
export function measured({ score, null: nothing }: FactOf<'study'>): string {
  if (score === undefined) return '';
  const shown = `score ${Number(score.toPrecision(4))}`;
  return nothing === undefined ? shown : `${shown}, at most ${Number(nothing.max.toPrecision(4))} in ${nothing.trials} resamples without it`;
}

/** An SVG as an image that runs nothing and loads nothing, whatever stands in it. */
export function imageOf(svg: string): string {
  return `data:image/svg+xml;base64,${Buffer.from(svg, 'utf8').toString('base64')}`;
}
