// SPDX-License-Identifier: Apache-2.0
// CycloneDX 1.6 and 1.7: the standard under `definitions`, claims with evidence and attestations under `declarations`.
import type { Conformity, ProvisionResult } from '../conformity.ts';
import { forceOf, principles, provisions, standard } from '../profile.ts';
import { line, uuid5Of } from './uuid.ts';

const standardRef = `${standard.id}-${standard.version}`;
const requirementRef = (id: string): string => `en304223-${id}`;

interface Pair { readonly name: string; readonly value: string }

/** The index of the standard: numbers, verbs and addressees, with titles that are our paraphrase. */
export function standardDefinition(): object {
  const phases = [...new Set(principles.map(({ phase }) => phase))];
  const clauses = new Map(phases.map((phase) => [phase, principles.find((one) => one.phase === phase)!.clause.slice(0, 3)]));
  const properties = (pairs: readonly (readonly [string, string])[]): Pair[] => pairs.map(([name, value]) => ({ name: `assay:provision:${name}`, value })).sort((a, b) => (a.name + a.value < b.name + b.value ? -1 : 1));
  const ids = new Set(provisions.map(({ id }) => id));
  return {
    'bom-ref': standardRef, name: `${standard.name} ${standard.title} (identifiers and paraphrase)`, version: standard.version, owner: 'ETSI',
    description: 'Index of the 72 provisions. Texts are a paraphrase by a third party; the standard itself is what counts.',
    requirements: [
      ...phases.map((phase) => ({ 'bom-ref': requirementRef(clauses.get(phase)!), identifier: clauses.get(phase)!, title: phase })),
      ...principles.map(({ clause, number, title, phase }) => ({ 'bom-ref': requirementRef(clause), identifier: clause, title: `Principle ${number}: ${title}`, parent: requirementRef(clauses.get(phase)!) })),
      ...provisions.map((provision) => {
        const { id, uk, summary, verbs, addressees, evidence } = provision;
        // 5.2.4-1.2 belongs to 5.2.4-1, which belongs to 5.2.4.
        const above = /^(.+)\.\d+$/.exec(id.slice(id.indexOf('-')))?.[1];
        const parent = above === undefined ? undefined : `${id.slice(0, id.indexOf('-'))}${above}`;
        return {
          'bom-ref': requirementRef(id), identifier: id, title: summary, text: `Paraphrase, not ETSI text: ${summary}.`,
          parent: requirementRef(parent !== undefined && ids.has(parent) ? parent : principles[provision.principle - 1]!.clause),
          properties: properties([...addressees.map((one) => ['addressee', one] as const), ['evidence-class', evidence], ['force', forceOf(provision)], ['uk-code', uk], ...verbs.map((verb) => ['verb', verb] as const)]),
        };
      }),
    ],
    externalReferences: [{ type: 'website', url: standard.url }],
  };
}

/** The result as a CycloneDX document. The time is the date by which dates were judged. */
export function conformityCyclonedx(result: Conformity, specVersion: '1.6' | '1.7'): string {
  const target = 'subject';
  const judged = result.provisions.filter(({ status }) => status !== 'not-applicable');
  const declared = result.declaration !== undefined;
  const claims = judged.flatMap((one) => claimsOf(one, target));
  const evidence = [...result.provisions.flatMap((one) => evidenceOf(one, result)), ...result.findings.map((finding) => ({
    'bom-ref': `finding:${finding.fingerprint}`, propertyName: `assay:check:${finding.check}`,
    description: line(`${finding.severity}: ${finding.message}`), data: [{ name: line(finding.artefact === '' ? 'the root' : finding.artefact), contents: { attachment: { contentType: 'text/plain', content: line(finding.message) } } }],
  }))];
  const document = {
    $schema: `http://cyclonedx.org/schema/bom-${specVersion}.schema.json`, bomFormat: 'CycloneDX', specVersion,
    serialNumber: `urn:uuid:${uuid5Of('cyclonedx', JSON.stringify(result))}`, version: 1,
    metadata: {
      timestamp: `${result.asOf.date}T00:00:00Z`,
      tools: { components: [{ type: 'application', name: 'assay', version: result.tool.version }] },
      component: {
        type: 'application', 'bom-ref': target, name: result.subject.name, version: result.subject.version ?? 'unknown',
        ...(result.subject.digest === undefined ? {} : { hashes: [{ alg: 'SHA-256', content: result.subject.digest }] }),
      },
      properties: [
        ...Object.entries(result.counts).flatMap(([force, counts]) => Object.entries(counts).map(([status, count]) => ({ name: `assay:conformity:${force}:${status}`, value: String(count) }))),
        { name: 'assay:conformity:disclaimer', value: result.disclaimer }, { name: 'assay:conformity:profile', value: `${result.standard.id}@${result.standard.profileVersion}` },
        { name: 'assay:conformity:roles', value: result.roles.join(', ') }, { name: 'assay:conformity:scan-complete', value: String(result.scan.complete) }, { name: 'assay:ruleset', value: result.tool.ruleset },
      ].sort((a, b) => (a.name < b.name ? -1 : 1)),
    },
    dependencies: [{ ref: target }],
    definitions: { standards: [standardDefinition()] },
    declarations: {
      assessors: [
        { 'bom-ref': 'assessor:scan', thirdParty: false, organization: { name: `assay ${result.tool.version} (a program; its report is evidence, not an assessment by an accredited body)` } },
        ...(declared ? [{ 'bom-ref': 'assessor:people', thirdParty: false, organization: { name: 'The declarers named in the evidence' } }] : []),
      ],
      attestations: [
        { summary: 'What files showed', assessor: 'assessor:scan', map: judged.map((one) => mapped(one, 'scan')) },
        ...(declared ? [{ summary: 'What people declared', assessor: 'assessor:people', map: judged.filter(({ attestation }) => attestation !== undefined).map((one) => mapped(one, 'people')) }] : []),
      ].filter(({ map }) => map.length > 0),
      claims, evidence,
      targets: { components: [{ type: 'application', 'bom-ref': 'target:subject', name: result.subject.name, version: result.subject.version ?? 'unknown' }] },
      affirmation: { statement: result.disclaimer },
    },
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function isContrary({ status }: ProvisionResult): boolean {
  return status === 'gap' || status === 'contradicted';
}

function claimsOf(one: ProvisionResult, _target: string): object[] {
  const files = one.evidence.length > 0 ? [`evidence:${one.id}:files`] : [];
  const exception = one.findings.length;
  const scan = {
    'bom-ref': `claim:scan:${one.id}`, target: 'target:subject', predicate: line(`${one.status}: ${one.summary}`), reasoning: line(one.reason),
    ...(isContrary(one) ? { counterEvidence: one.findings.map((finding) => `finding:${finding}`), ...(files.length > 0 ? { evidence: files } : {}) } : files.length > 0 ? { evidence: files } : {}),
  };
  if (one.attestation === undefined) return [scan];
  const { attestation } = one;
  return [scan, {
    'bom-ref': `claim:people:${one.id}`, target: 'target:subject', predicate: line(`${attestation.state}${attestation.counts ? '' : ' (does not count)'}: ${attestation.statement}`), reasoning: line(attestation.counts ? `stated by ${attestation.by} on ${attestation.date}` : attestation.faults.join('; ')),
    evidence: [`evidence:${one.id}:statement`], ...(isContrary(one) && exception > 0 ? { counterEvidence: one.findings.map((finding) => `finding:${finding}`) } : {}),
  }];
}

function evidenceOf(one: ProvisionResult, result: Conformity): object[] {
  const created = `${result.asOf.date}T00:00:00Z`;
  const out: object[] = [];
  if (one.status !== 'not-applicable' && one.evidence.length > 0) {
    out.push({
      'bom-ref': `evidence:${one.id}:files`, propertyName: 'assay:files', created,
      description: line(`Read by assay ${result.tool.version}: ${one.checks.filter(({ outcome }) => outcome === 'held').map(({ id, what }) => `${id}: ${what}`).join('; ')}`).slice(0, 4000),
      data: one.evidence.map(({ path, sha256 }) => ({ name: line(path), contents: { attachment: { contentType: 'text/plain', content: line(`sha256:${sha256 ?? 'unknown'}  ${path}`) } } })),
    });
  }
  if (one.status !== 'not-applicable' && one.attestation !== undefined) {
    const { attestation } = one;
    out.push({
      'bom-ref': `evidence:${one.id}:statement`, propertyName: 'assay:statement', created: `${attestation.date}T00:00:00Z`, ...(attestation.expires === undefined ? {} : { expires: `${attestation.expires}T00:00:00Z` }),
      description: line(attestation.statement), author: { name: attestation.by },
      data: attestation.documents.map(({ path, sha256, title }) => ({ name: line(title ?? path), contents: { attachment: { contentType: 'text/plain', content: `sha256:${sha256}  ${line(path)}` } } })),
    });
  }
  return out;
}

/** A score only where it is 0 or 1: what was measured in part is in words. */
function mapped(one: ProvisionResult, by: 'scan' | 'people'): object {
  const contrary = isContrary(one);
  const claim = `claim:${by}:${one.id}`;
  const score = by === 'scan' ? (one.status === 'evidenced' ? 1 : contrary ? 0 : undefined) : undefined;
  return {
    requirement: requirementRef(one.id), ...(contrary ? { counterClaims: [claim] } : { claims: [claim] }),
    conformance: { ...(score === undefined ? {} : { score }), rationale: line(`${one.status}: ${one.reason}`) },
  };
}
