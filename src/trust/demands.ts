// SPDX-License-Identifier: Apache-2.0
// A policy's demands against what was found; each unmet one is a hit of one of the rules here.
import type { FactOf } from '../model/fact.ts';
import type { Component, ComponentProvenance, Place } from '../model/report.ts';
import { places } from '../model/report.ts';
import { collectionRule, type Collection, type Hit, type Rule } from '../model/rule.ts';
import type { Verified } from './ladder.ts';
import type { TrustPolicy } from './policy.ts';

/** What the rules of a policy look at besides the facts. */
export interface Stand {
  readonly policy: TrustPolicy;
  readonly provenance: readonly ComponentProvenance[];
  readonly verified: readonly Verified[];
  /** Signatures that were checked against every signer of the policy and fit none, with the reason. */
  readonly refused: readonly { readonly signature: string; readonly why: string }[];
}

const shared = { confidence: 'high', references: ['https://slsa.dev/spec/v1.0/verifying-artifacts'], provisions: ['5.2.1-2'], example: ['', ''], reads: ['claim', 'link', 'record'] } as const;

/** The rules of a policy: asked by `assay trust` only, for what one organisation demands is no property of the files. */
export function trustRules(stand: Stand): Rule[] {
  return [
    collectionRule({
      ...shared, id: 'trust-demand', severity: 'high', title: 'The policy demands more proof than there is',
      why: 'Your policy says what must be proven of each component before it is used. This one does not reach it.',
      fix: 'Get a signature or a recorded digest for it from its publisher (`assay sign`, a list of SHA-256 sums, a pinned revision), or change the policy on purpose.',
      check: () => demands(stand),
    }),
    collectionRule({
      ...shared, id: 'trust-signer', severity: 'high', title: 'Signed by nobody the policy trusts',
      why: 'There is a signature, and it is not of any signer that the policy names, or it does not hold for these bytes.',
      fix: 'Do not use the artefact as signed. If the signer is right, add their key or identity to the policy.',
      check: () => stand.refused.map(({ signature, why }): Hit => ({ artefact: signature, message: why, key: 'signer' })),
    }),
    collectionRule({
      ...shared, id: 'trust-builder', severity: 'high', title: 'Built by a builder that the policy does not name',
      why: 'The build provenance names a builder that is not on your list.',
      fix: 'Ask for a build by one of the builders you trust, or add this one to the policy.',
      check: (among) => builders(among, stand.policy),
    }),
    collectionRule({
      ...shared, id: 'trust-source', severity: 'medium', title: 'Comes from a source that the policy does not name',
      why: 'A base model or a data set named here comes from somewhere that is not on your list of sources.',
      fix: 'Review the source and add it to the policy, or use what comes from those you trust.',
      check: (among) => sources(among, stand.policy),
    }),
  ];
}

function* demands({ policy, provenance }: Stand): Generator<Hit> {
  for (const [component, wanted] of Object.entries(policy.demand) as [Component, Place][]) {
    const row = provenance.find((one) => one.component === component);
    if (row === undefined || (row.place !== 'contradicted' && places.indexOf(row.place) <= places.indexOf(wanted))) continue;
    const short = row.evidence.filter(({ place }) => places.indexOf(place) > places.indexOf(wanted));
    yield {
      message: `${component}: ${row.place}, the policy demands ${wanted}`,
      evidence: short.map(({ place, what, from, of }) => `${place}: ${what}${from === '' ? '' : ` (${from})`}, ${of} of ${row.of}`),
      key: component,
    };
  }
}

function* builders(among: Collection, { builders: allowed }: TrustPolicy): Generator<Hit> {
  if (allowed === undefined) return;
  for (const { artefact, facts } of among.all) {
    for (const fact of facts) {
      if (fact.kind === 'claim' && fact.field === 'builder' && !matches(fact.value, allowed)) yield { artefact: artefact.id, message: `the builder is ${fact.value}, which the policy does not name`, key: fact.value };
    }
  }
}

function* sources(among: Collection, { sources: allowed }: TrustPolicy): Generator<Hit> {
  if (allowed === undefined) return;
  const roles = new Set<FactOf<'link'>['role']>(['base-model', 'dataset']);
  for (const { artefact, facts } of among.all) {
    for (const fact of facts) {
      if (fact.kind === 'link' && roles.has(fact.role) && !matches(fact.target, allowed)) yield { artefact: artefact.id, message: `the ${fact.role === 'dataset' ? 'data set' : 'base model'} ${fact.target} is from no source that the policy names`, key: fact.target };
    }
  }
}

/** Whether a text fits one of the patterns, '*' standing for any text. In time linear in both. */
export function matches(text: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const parts = pattern.split('*');
    if (parts.length === 1) return text === pattern;
    const [first, last] = [parts[0]!, parts.at(-1)!];
    if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
    let at = first.length;
    for (const part of parts.slice(1, -1)) {
      const found = text.indexOf(part, at);
      if (found < 0 || found + part.length > text.length - last.length) return false;
      at = found + part.length;
    }
    return true;
  });
}
