// SPDX-License-Identifier: Apache-2.0
// Order of judgement: role, condition, failing check, statement that it is not met, incomplete scan, statement, passed checks.
import { createHash } from 'node:crypto';
import { version } from '../version.ts';
import { applicability } from './applicability.ts';
import type { Basis, Check, Gap, Outcome } from './basis.ts';
import { checkOf } from './catalogue.ts';
import { subjects } from './checks/documentation.ts';
import { currentFiles } from './checks/releases.ts';
import { rulesFor } from './checks/rules.ts';
import { components } from './components.ts';
import { statuses, type CheckResult, type Conformity, type ConformityFinding, type EvidenceFile, type ProvisionResult, type Status } from './conformity.ts';
import { saysSomething, sections } from './documents.ts';
import { changedFiles } from './history.ts';
import { aliases, disclaimer, forceOf, numberOf, principleOf, provisions, standard, type Alias, type Provision } from './profile.ts';
import type { CheckedAttestation, CheckedDeclaration } from './statements.ts';
import { threatLists, threatsOf } from './threats.ts';

export interface AssessOptions {
  readonly alias: Alias;
  readonly declaration?: CheckedDeclaration;
}

/** Files listed behind one check or provision; all are counted. */
const mostFiles = 100;
/** Findings listed for one check. */
const mostGaps = 200;

/** Judges all 72 provisions. */
export function assess(basis: Basis, options: AssessOptions): Conformity {
  const findings = new Map<string, ConformityFinding>();
  const results = provisions.map((provision) => new Judge(basis, options, provision, findings).result());
  const { report, subject, history } = basis;
  const last = history?.releases.findLast((one) => one.subject !== subject.digest);
  return {
    schemaVersion: 1,
    disclaimer,
    standard: { id: standard.id, name: standard.name, version: standard.version, profileVersion: standard.profileVersion, shownAs: aliases[options.alias].name },
    tool: { name: 'assay', version, ruleset: report.tool.ruleset },
    subject, root: report.root, roles: basis.roles, kind: basis.kind, deployed: basis.deployed,
    asOf: { date: basis.asOf, from: basis.asOfFrom },
    scan: { complete: basis.incomplete.length === 0, why: basis.incomplete.slice(0, 50), verdict: report.summary.verdict, files: report.summary.files, bytes: report.summary.bytes, rules: basis.rules.length },
    signatures: basis.signatures.map(({ path, state, signer, sha256 }) => ({ path, state, signer, ...digest(sha256) })),
    boms: basis.boms.map(({ path, sha256, items, problems }) => ({ path, items: items.length, problems, ...digest(sha256) })),
    ...(history === undefined ? {} : { ledger: { path: history.path, state: history.state, entries: history.releases.length, head: history.head, faults: history.faults } }),
    ...(options.declaration === undefined ? {} : {
      declaration: {
        path: options.declaration.declaration.path, sha256: options.declaration.declaration.sha256, signature: options.declaration.signature.state,
        detail: options.declaration.signature.detail, faults: options.declaration.faults.map(({ detail }) => detail),
      },
    }),
    counts: { shall: counted(results, 'shall'), should: counted(results, 'should') },
    provisions: results,
    findings: [...findings.values()].sort(byProvision),
    components: basis.hasFacts ? components(basis) : [],
    exceptions: (options.declaration?.exceptions ?? []).map(({ exception, faults }) => ({
      component: exception.component, lacks: exception.lacks, justification: exception.justification, mitigations: exception.mitigations, owner: exception.owner, expires: exception.expires, faults: faults.map(({ detail }) => detail),
    })),
    ...(last === undefined ? {} : { changes: { since: `entry ${last.sequence} (${last.name} ${last.version}, ${last.time.slice(0, 10)})`, ...changedFiles(last.files, currentFiles(basis)) } }),
    files: basis.assets.filter(({ path }) => !subject.excluded.includes(path)).map(({ path, sha256 }) => ({ path, ...digest(sha256) })),
    forUsers: forUsers(basis),
    threats: overlay(basis),
  };
}

/**
 * Where files can give a hint at most, what was not found in them is no gap: it may be elsewhere. Where they tell most of it,
 * that holds for hygiene only. Records that have to be kept are none of those. `low` is undefined where something is wrong.
 */
function isHint({ evidence, applies }: Provision, low: boolean | undefined): boolean {
  if (low === undefined || evidence === 'automatic' || applies === 'undocumented-component') return false;
  return evidence === 'partial-strong' ? low : true;
}

/** In the order of the provisions they are held against, then by check and place. */
function byProvision(a: ConformityFinding, b: ConformityFinding): number {
  const [left, right] = [order(a.provisions[0] ?? ''), order(b.provisions[0] ?? '')];
  if (left !== right) return left - right;
  return `${a.check} ${a.artefact}` < `${b.check} ${b.artefact}` ? -1 : 1;
}

const places = new Map(provisions.map(({ id }, index) => [id, index]));
function order(id: string): number {
  return places.get(id) ?? 0;
}

function digest(sha256: string | undefined): { sha256?: string } {
  return sha256 === undefined ? {} : { sha256 };
}

function counted(results: readonly ProvisionResult[], force: 'shall' | 'should'): Record<Status, number> {
  return Object.fromEntries(statuses.map((status) => [status, results.filter((one) => one.force === force && one.status === status).length])) as Record<Status, number>;
}

/** One provision. */
class Judge {
  readonly #basis: Basis;
  readonly #provision: Provision;
  readonly #options: AssessOptions;
  readonly #findings: Map<string, ConformityFinding>;
  readonly #known: ReadonlyMap<string, string | undefined>;
  /** Checks that only did not find something, and whether that is of low severity. Where files cannot decide, it is a hint: the document may be elsewhere. */
  readonly #absent = new Map<string, boolean>();

  constructor(basis: Basis, options: AssessOptions, provision: Provision, findings: Map<string, ConformityFinding>) {
    this.#basis = basis;
    this.#options = options;
    this.#provision = provision;
    this.#findings = findings;
    const declared = options.declaration?.declaration;
    const { history } = basis;
    this.#known = new Map([
      ...basis.assets.map(({ path, sha256 }) => [path, sha256] as const), ...basis.boms.map(({ path, sha256 }) => [path, sha256] as const), ...basis.signatures.map(({ path, sha256 }) => [path, sha256] as const),
      ...(declared === undefined ? [] : [[declared.path, declared.sha256] as const]), ...(history === undefined ? [] : [[history.path, history.sha256] as const]),
    ]);
  }

  result(): ProvisionResult {
    const provision = this.#provision;
    const applies = applicability(provision, this.#basis);
    const attested = this.#options.declaration?.attestations.find(({ attestation }) => attestation.provision === provision.id);
    if (applies.applies === 'no') return this.#made('not-applicable', applies.why, [], attested);
    const checks = this.#checks();
    const state = attested !== undefined && attested.faults.length === 0 ? attested.attestation.state : undefined;
    const failing = checks.filter(({ id, outcome }) => outcome === 'failed' && !isHint(provision, this.#absent.get(id)));
    if (failing.length > 0) {
      const what = `${failing.map(({ id }) => id).join(', ')}: ${failing[0]!.what}`;
      if (state === 'met' || state === 'not-applicable') return this.#made('contradicted', `stated as ${state} by ${attested!.attestation.by.name}; ${what}`, checks, attested);
      return this.#made('gap', what, checks, attested);
    }
    if (state === 'not-met' || state === 'planned') {
      const finding = this.#finding('STATEMENT', { message: `${attested!.attestation.by.name} states (${attested!.attestation.date}): ${state}: ${attested!.attestation.statement}`, artefact: '', key: state }, 'medium', 'Do what is stated as not met or planned, then state it again.');
      const said: CheckResult = { id: 'STATEMENT', title: 'What the declaration says', outcome: 'failed', what: attested!.attestation.statement, rules: [], findings: [finding], evidence: [], files: 0 };
      return this.#made('gap', `stated as ${state}: ${attested!.attestation.statement}`, [...checks, said], attested);
    }
    if (state === 'not-applicable') return this.#made('not-applicable', `stated by ${attested!.attestation.by.name}: ${attested!.attestation.statement}`, checks, attested);
    return this.#withoutGap(checks, attested, state === 'met', applies.applies === 'unknown' ? applies.why : undefined);
  }

  /** No check failed and nobody says that it is not met. */
  #withoutGap(checks: readonly CheckResult[], attested: CheckedAttestation | undefined, isMet: boolean, unknown: string | undefined): ProvisionResult {
    const { evidence: kind } = this.#provision;
    const unrun = checks.filter(({ outcome }) => outcome === 'not-assessed');
    const passed = checks.filter(({ outcome }) => outcome === 'held');
    const fault = attested !== undefined && attested.faults.length > 0 ? ` The statement of ${attested.attestation.by.name} does not count: ${attested.faults.map(({ detail }) => detail).join('; ')}.` : '';
    const statement = isMet ? `stated by ${attested!.attestation.by.name} on ${attested!.attestation.date}${attested!.attestation.expires === undefined ? '' : `, until ${attested!.attestation.expires}`}` : '';
    if (kind === 'automatic') {
      const hasFile = passed.some(({ evidence }) => evidence.some(({ sha256 }) => sha256 !== undefined));
      if (unknown === undefined && unrun.length === 0 && hasFile && this.#basis.incomplete.length === 0) return this.#made('evidenced', `${passed.map(({ id }) => id).join(', ')} passed.${fault}`, checks, attested);
      const why = unknown ?? (this.#basis.incomplete.length > 0 ? `the scan is incomplete: ${this.#basis.incomplete[0]!}` : unrun.length > 0 ? `${unrun[0]!.id}: ${unrun[0]!.what}` : 'nothing under the root that the checks could look at');
      if (isMet) return this.#made('attested', `${statement}; not evidenced, since ${why}`, checks, attested);
      return this.#made('not-assessed', `${why}.${fault}`, checks, attested);
    }
    if (isMet) return this.#made('attested', `${statement}${passed.length > 0 ? `; ${passed.map(({ id }) => id).join(', ')} passed` : ''}${unrun.length > 0 ? `; not assessed: ${unrun.map(({ id }) => id).join(', ')}` : ''}`, checks, attested);
    if (unknown !== undefined) return this.#made('not-assessed', `${unknown}.${fault}`, checks, attested);
    // A record that the standard asks for in so many words is there, with the digests of what it cites: somebody stated it.
    if (this.#provision.applies === 'undocumented-component' && checks.length > 0 && checks.every(({ outcome }) => outcome === 'held') && this.#options.declaration?.faults.length === 0) return this.#made('attested', `exception records: ${passed.map(({ what }) => what).join('; ')}`, checks, attested);
    if ((kind === 'partial-strong' || kind === 'partial-weak') && passed.length === 0 && unrun.length > 0) return this.#made('not-assessed', `${unrun[0]!.id}: ${unrun[0]!.what}.${fault}`, checks, attested);
    const hints = checks.filter(({ outcome }) => outcome === 'failed').map(({ id, what }) => `${id}: ${what}; `).join('');
    const shown = hints !== '' ? hints : passed.length > 0 ? `${passed.map(({ id }) => id).join(', ')} passed; ` : '';
    return this.#made('needs-attestation', `${shown}a person has to state how it is met.${fault}`, checks, attested);
  }

  #checks(): CheckResult[] {
    const { id, checks } = this.#provision;
    const results = checks.map((name) => this.#run(checkOf(name)));
    const byRules = rulesFor(this.#basis, id);
    if (byRules === undefined) return results;
    const rules = this.#basis.rules.filter(({ provisions: named }) => named.includes(id)).map((rule) => rule.id);
    return [...results, this.#told({ id: 'RULES', title: 'Rules of the scan that serve this provision', severity: 'medium', fix: 'See assay rules RULE.', rules }, byRules)];
  }

  #run(check: Check): CheckResult {
    const outcome: Outcome = check.run === undefined ? { outcome: 'not-assessed', what: `planned: ${check.planned ?? 'not written'}` } : cached(this.#basis, check);
    return this.#told(check, outcome);
  }

  #told(check: Pick<Check, 'id' | 'title' | 'severity' | 'fix' | 'rules'>, outcome: Outcome): CheckResult {
    const { id, title } = check;
    const paths = 'evidence' in outcome ? [...new Set(outcome.evidence)] : [];
    const gaps = outcome.outcome === 'failed' ? outcome.gaps : [];
    if (gaps.length > 0 && gaps.every(({ absent, artefact, finding }) => finding === undefined && (absent ?? artefact === ''))) this.#absent.set(id, gaps.every((gap) => (gap.severity ?? check.severity) === 'low'));
    const findings = gaps.slice(0, mostGaps).map((gap) => this.#finding(id, gap, gap.severity ?? check.severity, check.fix));
    const more = gaps.length > 1 ? ` (and ${gaps.length - 1} more)` : '';
    return {
      id, title, outcome: outcome.outcome, what: outcome.outcome === 'failed' ? `${gaps[0]!.message}${more}` : outcome.what,
      rules: check.rules ?? [], findings: [...new Set(findings)], evidence: paths.slice(0, mostFiles).map((path) => this.#file(path)), files: paths.length,
    };
  }

  #file(path: string): EvidenceFile {
    return { path, ...digest(this.#known.get(path)) };
  }

  /** Lists the finding, once for all provisions; gives its fingerprint. */
  #finding(check: string, gap: Gap, severity: ConformityFinding['severity'], fix: string): string {
    const fingerprint = gap.finding ?? createHash('sha256').update(JSON.stringify(['conformity', check, gap.artefact, gap.key ?? gap.message])).digest('hex').slice(0, 32);
    const known = this.#findings.get(fingerprint);
    const scanned = gap.finding === undefined ? undefined : this.#basis.report.findings.find((one) => one.fingerprint === gap.finding);
    const rule = this.#basis.rules.find(({ id }) => id === scanned?.rule);
    const exception = this.#options.declaration?.exceptions.find((one) => one.faults.length === 0 && gap.artefact !== '' && (gap.artefact === one.exception.component || gap.artefact.startsWith(`${one.exception.component.replace(/\/+$/, '')}/`)))?.exception;
    this.#findings.set(fingerprint, {
      fingerprint, check: known?.check ?? check, severity: scanned?.severity ?? severity, artefact: gap.artefact, message: gap.message, fix: rule?.fix ?? fix,
      provisions: [...new Set([...(known?.provisions ?? []), this.#provision.id])],
      ...(scanned === undefined ? {} : { rule: scanned.rule }),
      ...(exception === undefined ? {} : { accepted: `until ${exception.expires} by ${exception.owner}` }),
    });
    return fingerprint;
  }

  #made(status: Status, reason: string, checks: readonly CheckResult[], attested: CheckedAttestation | undefined): ProvisionResult {
    const provision = this.#provision;
    const files = new Map(checks.filter(({ outcome }) => outcome === 'held' || outcome === 'failed').flatMap(({ evidence }) => evidence.filter(({ sha256 }) => sha256 !== undefined)).map((one) => [one.path, one]));
    const { attestation, faults = [] } = attested ?? {};
    return {
      id: provision.id, number: numberOf(provision, this.#options.alias), uk: provision.uk, principle: provision.principle, verbs: provision.verbs, force: forceOf(provision), phase: principleOf(provision).phase,
      addressees: provision.addressees, summary: provision.summary, evidenceClass: provision.evidence, status, reason: reason.trim(), checks,
      evidence: [...files.values()].slice(0, mostFiles), findings: status === 'not-applicable' ? [] : [...new Set(checks.flatMap(({ findings }) => findings))],
      ...(attestation === undefined ? {} : {
        attestation: {
          state: attestation.state, statement: attestation.statement, by: attestation.by.role === undefined ? attestation.by.name : `${attestation.by.name}, ${attestation.by.role}`, date: attestation.date,
          ...(attestation.expires === undefined ? {} : { expires: attestation.expires }), counts: faults.length === 0, faults: faults.map(({ detail }) => detail), documents: attestation.evidence,
        },
      }),
      open: status === 'not-applicable' || status === 'evidenced' || (attestation !== undefined && faults.length === 0) ? '' : provision.statement,
    };
  }
}

/** What the documentation says to those who use the system, cut to a screen each. */
function forUsers(basis: Basis): Conformity['forUsers'] {
  const topics = [['Limitations', subjects.limits], ['Failure modes', subjects.failureModes], ['Prohibited uses', subjects.prohibited], ['Use of data', subjects.dataUse]] as const;
  return topics.flatMap(([topic, subject]) => {
    const found = sections(basis).find(({ heading, body }) => subject.test(heading) && saysSomething(body));
    return found === undefined ? [] : [{ topic, path: found.path, text: found.body.replaceAll(/\s+/g, ' ').trim().slice(0, 1000) }];
  });
}

const outcomes = new WeakMap<Basis, Map<string, Outcome>>();

/** A check serves several provisions, and is asked once. */
function cached(basis: Basis, check: Check): Outcome {
  let known = outcomes.get(basis);
  if (known === undefined) outcomes.set(basis, known = new Map());
  let outcome = known.get(check.id);
  if (outcome === undefined) known.set(check.id, outcome = check.run!(basis));
  return outcome;
}

/** Which techniques were looked for, by how many rules, and how many findings they have. */
function overlay({ rules, report }: Basis): Conformity['threats'] {
  const out = new Map<string, { list: string; rules: number; findings: number }>();
  for (const { id } of rules) {
    const findings = report.findings.filter((one) => one.rule === id && one.suppressed === undefined).length;
    for (const threat of threatsOf(id)) {
      const known = out.get(threat) ?? { list: threatLists[threat.slice(0, threat.indexOf(':'))]?.name ?? '', rules: 0, findings: 0 };
      out.set(threat, { ...known, rules: known.rules + 1, findings: known.findings + findings });
    }
  }
  return [...out].map(([id, entry]) => ({ id, ...entry })).sort((a, b) => (a.id < b.id ? -1 : 1));
}
