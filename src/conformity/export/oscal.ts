// SPDX-License-Identifier: Apache-2.0
// OSCAL 1.2.1 assessment results: an observation for each check and statement, a finding for each provision that was judged.
import type { CheckResult, Conformity, ProvisionResult } from '../conformity.ts';
import { standard } from '../profile.ts';
import { line, uuid5Of } from './uuid.ts';

const ns = 'urn:assay:oscal';
const controlId = (id: string): string => `en304223-${id}`;

/** The result as OSCAL assessment results. The time is the date by which dates were judged. */
export function conformityOscal(result: Conformity): string {
  const seed = JSON.stringify(result);
  const id = (...parts: string[]): string => uuid5Of(seed, ...parts);
  const when = `${result.asOf.date}T00:00:00Z`;
  const tool = id('tool');
  const people = [...new Set(result.provisions.flatMap(({ attestation }) => (attestation === undefined ? [] : [attestation.by])))];
  const judged = result.provisions.filter(({ status }) => status === 'evidenced' || status === 'attested' || status === 'gap' || status === 'contradicted');
  const reviewed = result.provisions.filter(({ status }) => status !== 'not-applicable');
  const observations = [...checksOf(reviewed).map((check) => observation(check, result, id, when, tool)), ...reviewed.flatMap((one) => statementObservation(one, id, when))];
  const document = {
    'assessment-results': {
      uuid: id('results'),
      metadata: {
        title: line(`Evidence for provisions of ${standard.name}: ${result.subject.name}`), 'last-modified': when, version: line(result.subject.version ?? 'unknown'), 'oscal-version': '1.2.1',
        props: [prop('profile', `${result.standard.id}@${result.standard.profileVersion}`), prop('ruleset', result.tool.ruleset), prop('scan-complete', String(result.scan.complete))],
        parties: [{ uuid: tool, type: 'organization', name: `assay ${result.tool.version}`, remarks: 'A program, not an organisation: OSCAL has no other kind of party for it.' }, ...people.map((name) => ({ uuid: id('person', name), type: 'person', name: line(name) }))],
        remarks: result.disclaimer,
      },
      'import-ap': { href: `#${id('profile')}`, remarks: 'No assessment plan: the profile lists what is looked at.' },
      results: [{
        uuid: id('result'), title: line(`Scan of ${result.root}`), start: when, end: when,
        description: line(`Roles: ${result.roles.join(', ')}. Root declared ${result.kind}. Scan ${result.scan.complete ? 'complete' : `incomplete: ${result.scan.why[0] ?? ''}`}. Not applicable: ${result.provisions.filter(({ status }) => status === 'not-applicable').map(({ id: one, reason }) => `${one} (${reason})`).join('; ')}`),
        props: [prop('subject-sha256', result.subject.digest ?? 'unknown'), ...Object.entries(result.counts).flatMap(([force, counts]) => Object.entries(counts).map(([status, count]) => prop(`${force}-${status}`, String(count))))],
        'reviewed-controls': { 'control-selections': [{ description: 'Provisions that concern the subject; those without a finding were not assessed, or wait for a statement.', 'include-controls': reviewed.map(({ id: one }) => ({ 'control-id': controlId(one) })) }] },
        ...(observations.length > 0 ? { observations } : {}),
        ...(judged.length > 0 ? { findings: judged.map((one) => finding(one, result, id)) } : {}),
      }],
      'back-matter': { resources: [{ uuid: id('profile'), title: `${standard.name} ${standard.version}`, description: 'The 72 provisions as identifiers and paraphrases; the standard itself is what counts.', rlinks: [{ href: standard.url }] }] },
    },
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function prop(name: string, value: string): object {
  return { name, ns, value: line(value) };
}

/** Checks that ran, once each; rules of the scan are one check for each provision. */
function checksOf(reviewed: readonly ProvisionResult[]): { check: CheckResult; key: string; provisions: string[] }[] {
  const out = new Map<string, { check: CheckResult; key: string; provisions: string[] }>();
  for (const { id, checks } of reviewed) {
    for (const check of checks) {
      if (check.outcome !== 'held' && check.outcome !== 'failed') continue;
      const key = keyOf(check, id);
      const known = out.get(key);
      if (known === undefined) out.set(key, { check, key, provisions: [id] });
      else known.provisions.push(id);
    }
  }
  return [...out.values()];
}

function keyOf({ id }: CheckResult, provision: string): string {
  return id === 'RULES' || id === 'STATEMENT' ? `${id} ${provision}` : id;
}

function observation({ check, key, provisions }: { check: CheckResult; key: string; provisions: readonly string[] }, result: Conformity, id: (...parts: string[]) => string, when: string, tool: string): object {
  const gaps = check.findings.flatMap((one) => result.findings.find(({ fingerprint }) => fingerprint === one) ?? []);
  const evidence = check.evidence.map(({ path, sha256 }) => ({ href: encodeURI(path).replaceAll('#', '%23').replaceAll('?', '%3F'), description: line(path), ...(sha256 === undefined ? {} : { props: [prop('sha256', sha256)] }) }));
  return {
    uuid: id('observation', key), title: line(`${check.id}: ${check.title}`), description: line([check.what, ...gaps.slice(1).map(({ message }) => message)].join(' · ').slice(0, 8000)),
    props: [prop('outcome', check.outcome), ...provisions.map((one) => prop('provision', one)), ...check.findings.map((one) => prop('finding', one))],
    methods: ['TEST'], types: [check.outcome === 'failed' ? 'finding' : 'control-objective'], origins: [{ actors: [{ type: 'tool', 'actor-uuid': tool }] }],
    ...(evidence.length > 0 ? { 'relevant-evidence': evidence } : {}), collected: when,
  };
}

function statementObservation(one: ProvisionResult, id: (...parts: string[]) => string, when: string): object[] {
  const { attestation } = one;
  if (attestation === undefined) return [];
  const evidence = attestation.documents.map(({ path, sha256, title }) => ({ href: encodeURI(path).replaceAll('#', '%23').replaceAll('?', '%3F'), description: line(title ?? path), props: [prop('sha256', sha256)] }));
  return [{
    uuid: id('observation', 'people', one.id), title: line(`Statement on ${one.id}: ${attestation.state}`), description: line(attestation.counts ? attestation.statement : `${attestation.statement} (does not count: ${attestation.faults.join('; ')})`),
    props: [prop('state', attestation.state), prop('counts', String(attestation.counts)), prop('provision', one.id)],
    methods: ['INTERVIEW'], types: ['control-objective'], origins: [{ actors: [{ type: 'party', 'actor-uuid': id('person', attestation.by) }] }],
    ...(evidence.length > 0 ? { 'relevant-evidence': evidence } : {}), collected: `${attestation.date}T00:00:00Z`, ...(attestation.expires === undefined ? {} : { expires: `${attestation.expires}T00:00:00Z` }), ...(attestation.date > when ? { remarks: 'The date lies in the future.' } : {}),
  }];
}

function finding(one: ProvisionResult, result: Conformity, id: (...parts: string[]) => string): object {
  const related = [...one.checks.filter(({ outcome }) => outcome === 'held' || outcome === 'failed').map((check) => id('observation', keyOf(check, one.id))), ...(one.attestation === undefined ? [] : [id('observation', 'people', one.id)])];
  const gaps = one.findings.flatMap((fingerprint) => result.findings.find((known) => known.fingerprint === fingerprint) ?? []);
  return {
    uuid: id('finding', one.id), title: line(`${one.id}: ${one.status}`), description: line([one.summary, one.reason, ...gaps.map(({ message }) => message)].join(' · ').slice(0, 8000)),
    props: [prop('status', one.status), prop('force', one.force), ...one.findings.map((fingerprint) => prop('finding', fingerprint))],
    target: { type: 'objective-id', 'target-id': `${controlId(one.id)}_obj`, status: { state: one.status === 'evidenced' || one.status === 'attested' ? 'satisfied' : 'not-satisfied', remarks: line(one.reason) } },
    ...(related.length > 0 ? { 'related-observations': related.map((uuid) => ({ 'observation-uuid': uuid })) } : {}),
  };
}
