// SPDX-License-Identifier: Apache-2.0
import { References } from './references.ts';

/** An element as JSON-LD: `type`, and properties by their names in the SPDX context. */
export type Element = Readonly<Record<string, unknown>>;

/** Elements and relationships of one document; ids are fragments ('#file:config.json') until the document has a name. */
export class SpdxGraph {
  readonly elements: Element[] = [];
  readonly #refs = new References();

  /** Adds an element under an id like `wanted`; remembers it for the artefact at `path`. */
  add(element: Element, wanted: string, path?: string): string {
    const spdxId = `#${encodeURIComponent(this.#refs.claim(wanted.toWellFormed(), path))}`;
    const { type, ...rest } = element;
    this.elements.push({ type, spdxId, creationInfo: '_:creation', ...rest });
    return spdxId;
  }

  /** The element of an artefact. */
  at(path: string): string | undefined {
    const ref = this.#refs.of(path);
    return ref === undefined ? undefined : `#${encodeURIComponent(ref)}`;
  }

  /** Says nothing when there is nothing to relate to. */
  relate(from: string, relationshipType: string, to: readonly string[], completeness?: 'complete' | 'incomplete' | 'noAssertion'): void {
    if (to.length === 0) return;
    this.add({ type: 'Relationship', from, relationshipType, to: [...new Set(to)].sort(), ...(completeness === undefined ? {} : { completeness }) }, `${relationshipType}:${decodeURIComponent(from.slice(1))}`);
  }

  /** What a vulnerability means for elements: under investigation, or not affected for a reason that somebody gave. */
  assess(vulnerability: string, to: readonly string[], reason: string | undefined): void {
    const name = decodeURIComponent(vulnerability.slice(1));
    for (const element of to) this.add({ type: 'Relationship', from: element, relationshipType: 'hasAssociatedVulnerability', to: [vulnerability] }, `hasAssociatedVulnerability:${name}:${decodeURIComponent(element.slice(1))}`);
    if (reason === undefined) this.add({ type: 'security_VexUnderInvestigationVulnAssessmentRelationship', from: vulnerability, relationshipType: 'underInvestigationFor', to }, `vex:${name}`);
    else this.add({ type: 'security_VexNotAffectedVulnAssessmentRelationship', from: vulnerability, relationshipType: 'doesNotAffect', to, security_impactStatement: reason }, `vex:${name}`);
  }
}
