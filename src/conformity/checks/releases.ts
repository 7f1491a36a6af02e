// SPDX-License-Identifier: Apache-2.0
// Releases over time (5.1.2-3, 5.2.1-2, 5.2.4-3, 5.4.1-2), as the ledger tells them.
import { isModelPart, listed, roleOf } from '../asset.ts';
import { held, judged, notApplicable, notAssessed, noTexts, type Basis, type Check, type Gap, type Outcome } from '../basis.ts';
import { changedFiles, type History, type Release } from '../history.ts';

const none = notAssessed('no ledger was given; record releases with assay ledger add and give it with --ledger');

function withLedger(look: (basis: Basis, history: History, last: Release) => Outcome): (basis: Basis) => Outcome {
  return (basis) => {
    const { history } = basis;
    if (history === undefined) return none;
    const last = history.releases.at(-1);
    return last === undefined ? notAssessed(`the ledger ${history.path} has no entry that holds`) : look(basis, history, last);
  };
}

/** Digests of what is there now. */
export function currentFiles({ assets, subject }: Basis): Record<string, string> {
  return Object.fromEntries(assets.filter(({ path, sha256 }) => sha256 !== undefined && !subject.excluded.includes(path)).map(({ path, sha256 }) => [path, sha256!]));
}

/** Whether a file steers what a model does without being its weights: prompts, templates, settings. */
export function steers(path: string): boolean {
  const role = roleOf(path, '');
  return role === 'prompt' || role === 'configuration' || role === 'tokenizer';
}

/** Whether a change of the file makes another model of it. */
export function isMajor(path: string): boolean {
  const role = roleOf(path, '');
  return role === 'weights' || role === 'tokenizer' || /(^|\/)(chat_template\.|adapter_config\.json$)/i.test(path);
}

/** Pairs of states, one after the other, what is there now last where it is recorded in none. */
interface Step {
  readonly from: Release;
  readonly to: Pick<Release, 'name' | 'version' | 'subject' | 'files' | 'note' | 'evaluations'>;
  readonly words: string;
}

function steps(basis: Basis, { releases }: History): Step[] {
  const out: Step[] = releases.slice(1).map((to, i) => ({ from: releases[i]!, to, words: `entry ${to.sequence}` }));
  const last = releases.at(-1);
  if (last !== undefined && basis.subject.digest !== undefined && basis.subject.digest !== last.subject) {
    const evaluations = Object.fromEntries(basis.assets.filter(({ role, sha256 }) => role === 'evaluation' && sha256 !== undefined).map(({ path, sha256 }) => [path, sha256!]));
    return [...out, { from: last, to: { name: last.name, version: basis.subject.version ?? last.version, subject: basis.subject.digest, files: currentFiles(basis), note: '', evaluations }, words: 'what is there now' }];
  }
  return out;
}

export const releaseChecks: readonly Check[] = [
  {
    id: 'LED-CHAIN', title: 'The ledger is whole', severity: 'high', fix: 'Get the ledger from a copy whose head you noted; find out who changed it.',
    run({ history }) {
      if (history === undefined) return none;
      if (history.state === 'broken') return judged(history.faults.map((fault) => ({ message: `the ledger is broken: ${fault}`, artefact: history.path, key: fault })), '', [history.path]);
      if (history.releases.length === 0) return notAssessed(`the ledger ${history.path} has no entry`);
      if (history.state === 'chain-only') return notAssessed(`the chain of ${history.path} holds; its signatures were not checked, as no key was given (--ledger-key)`);
      return held(`${history.releases.length} entries, chain and signatures hold; head sha256:${history.head}`, [history.path]);
    },
  },
  {
    id: 'LED-GAP', title: 'What is there is recorded in the ledger', severity: 'medium', fix: 'Find out who changed the files; then record the state: assay ledger add.',
    run: withLedger((basis, history, last) => {
      if (basis.subject.digest === undefined) return notAssessed('the subject could not be hashed as a whole');
      if (basis.subject.digest === last.subject) return held(`the files are those of entry ${last.sequence}`, [history.path]);
      const { added, removed, changed } = changedFiles(last.files, currentFiles(basis));
      return judged([...changed.map((path) => [path, 'changed'] as const), ...added.map((path) => [path, 'came'] as const), ...removed.map((path) => [path, 'went'] as const)]
        .map(([path, what]): Gap => ({ message: `${path} ${what} since entry ${last.sequence} (${last.version}), without an entry in the ledger`, artefact: path, key: `gap ${what}` })), '', [history.path]);
    }),
  },
  {
    id: 'LED-SCAN-AGE', title: 'The last recorded scan is not older than 90 days', severity: 'low', fix: 'Scan again and record it.',
    run: withLedger((basis, history, last) => {
      const days = Math.floor((Date.parse(`${basis.asOf}T00:00:00Z`) - Date.parse(last.time)) / 86_400_000);
      return judged(days > 90 ? [{ message: `the last recorded scan is ${days} days old as of ${basis.asOf}; at most 90 are allowed`, artefact: history.path, key: 'age' }] : [], `the last recorded scan is ${Math.max(0, days)} days old`, [history.path]);
    }),
  },
  {
    id: 'LED-GATE', title: 'What is in use was scanned clean before', severity: 'high', fix: 'Scan and record before deploying; state `inUseSince` in the declaration.',
    run: withLedger((basis, history) => {
      const since = basis.declaration?.inUseSince;
      if (since === undefined) return notAssessed('the declaration does not say since when the subject is in use (inUseSince)');
      const passed = history.releases.find(({ subject, verdict }) => subject === basis.subject.digest && verdict === 'clean');
      return judged(passed === undefined || passed.time.slice(0, 10) > since ? [{ message: `in use since ${since}, ${passed === undefined ? 'and no clean scan of these bytes is recorded' : `first clean scan recorded ${passed.time.slice(0, 10)}`}`, artefact: history.path, key: 'gate' }] : [], `scanned clean on ${passed?.time.slice(0, 10) ?? ''}, in use since ${since}`, [history.path]);
    }),
  },
  {
    id: 'REL-SILENT-CHANGE', title: 'No release changed its content under the same version', severity: 'high', fix: 'Give every changed release a new version; find out who changed this one.',
    run: withLedger((basis, history) => {
      const gaps = steps(basis, history).filter(({ from, to }) => from.name === to.name && from.version === to.version && from.subject !== to.subject).flatMap(({ from, to, words }): Gap[] => {
        const { added, removed, changed } = changedFiles(from.files, to.files);
        const parts = [...added, ...removed, ...changed].filter((path) => isModelPart({ path, role: roleOf(path, ''), name: '', size: 0, format: '', coverage: 'complete' }));
        return parts.length === 0 ? [] : [{ message: `${to.name} ${to.version} changed content without a new version between entry ${from.sequence} and ${words}: ${listed(parts)}`, artefact: history.path, key: `silent ${from.sequence} ${to.subject}` }];
      });
      return judged(gaps, 'no content changed under the same version', [history.path]);
    }),
  },
  {
    id: 'REL-NO-NEW-EVAL', title: 'A major change has an evaluation of its own', severity: 'medium', fix: 'Evaluate after a change of weights, tokenizer, template or base.',
    run: withLedger((basis, history) => {
      const gaps = steps(basis, history).flatMap(({ from, to, words }): Gap[] => {
        const { added, removed, changed } = changedFiles(from.files, to.files);
        const major = [...added, ...removed, ...changed].filter(isMajor);
        const fresh = Object.entries(to.evaluations).some(([path, digest]) => from.evaluations[path] !== digest);
        return major.length > 0 && !fresh ? [{ message: `${words}: ${listed(major, 3)} changed since entry ${from.sequence}, and no evaluation is new`, artefact: history.path, key: `eval ${from.sequence} ${to.subject}` }] : [];
      });
      return judged(gaps, 'every major change has a new evaluation', [history.path]);
    }),
  },
  {
    id: 'REL-UNLOGGED-CHANGE', title: 'Changes of prompts and configuration are logged with who and why', severity: 'medium', fix: 'Record the change: assay ledger add --event change --by NAME --note TEXT.',
    run: withLedger((basis, history) => {
      const gaps = steps(basis, history).flatMap(({ from, to, words }): Gap[] => {
        const { added, removed, changed } = changedFiles(from.files, to.files);
        const silent = [...added, ...removed, ...changed].filter(steers);
        if (silent.length === 0 || (words !== 'what is there now' && to.note.trim() !== '')) return [];
        return silent.map((path) => ({ message: `${path} changed between entry ${from.sequence} and ${words} ${words === 'what is there now' ? 'without a log entry' : 'without a note that says why'}`, artefact: path, key: `unlogged ${from.sequence}` }));
      });
      return judged(gaps, 'every change of prompts and configuration is logged', [history.path]);
    }),
  },
  {
    id: 'REL-CONFIG-CHANGED', title: 'Settings that changed since the last release are known', severity: 'info', fix: 'Go through the threat model again for the changed settings.',
    run: withLedger((basis, history, last) => {
      const { added, removed, changed } = changedFiles(last.files, currentFiles(basis));
      const settings = [...added, ...removed, ...changed].filter(steers);
      return held(settings.length === 0 ? `no setting changed since entry ${last.sequence}` : `${settings.length} settings changed since entry ${last.sequence}: ${listed(settings)}`, [history.path]);
    }),
  },
  {
    id: 'REL-NO-NOTICE', title: 'The update is announced', severity: 'medium', fix: 'Write a dated entry for the version into CHANGELOG.md or the release notes before the update.',
    run: (basis) => notes(basis, (text, version) => text.includes(version), 'names the version', 'does not name the version'),
  },
  {
    id: 'REL-NO-SECURITY-NOTE', title: 'Security-relevant changes are explained', severity: 'low', fix: 'Say in the release notes what was fixed and what users should do.',
    run: withLedger((basis, history, last) => {
      if (basis.texts === undefined) return noTexts;
      const now = new Set(basis.report.findings.map(({ fingerprint }) => fingerprint));
      const closed = last.open.filter((one) => !now.has(one));
      if (closed.length === 0) return notApplicable('no high finding was closed since the last entry');
      const text = basis.assets.filter(({ name }) => /^(changelog|changes|release[_-]?notes|news)\b/i.test(name)).map(({ path }) => basis.texts!.get(path) ?? '').join('\n');
      return judged(/\b(security|vulnerab|fix(es|ed)?|CVE-\d{4})\b/i.test(text) ? [] : [{ message: `${closed.length} high findings were closed since entry ${last.sequence}, and the release notes do not speak of security`, artefact: history.path, key: 'security-note' }], 'the release notes speak of it', [history.path]);
    }),
  },
  {
    id: 'REL-REPORT-MISSING', title: 'Results of tests are shipped', severity: 'low', fix: 'Put the scan report (assay scan -f json=…) or the conformity report into the release.',
    run(basis) {
      if (basis.texts === undefined) return noTexts;
      const found = basis.assets.filter(({ name, path }) => /\.sarif$|^(assay|scan|security|conformity)[\w-]*report[\w.-]*$|^conformity\.(json|html|md)$|^assay[\w-]*\.(json|html|md)$/i.test(name) || (basis.texts!.get(path) ?? '').includes('"name": "assay"'));
      const bom = basis.boms.find(({ statements }) => statements.length > 0);
      if (found.length > 0) return held(listed(found.map(({ path }) => path)), found.map(({ path }) => path));
      return bom === undefined ? judged([{ message: 'no report of a test or scan is shipped', artefact: '', key: 'report' }], '', []) : held(`${bom.path} holds the findings`, [bom.path]);
    },
  },
  {
    id: 'REL-DIFF-MISSING', title: 'A change is described for operators', severity: 'low', fix: 'Ship a change report: assay bom diff OLD NEW, or an entry in CHANGELOG.md.',
    run: (basis) => notes(basis, (text) => text.trim() !== '', 'describes changes', 'is empty'),
  },
  {
    id: 'REL-OPEN-CRITICAL', title: 'No critical or high finding stays open', severity: 'high', fix: 'Correct it, or accept it with a reason and a date.',
    run(basis) {
      const open = basis.report.findings.filter(({ severity, suppressed }) => suppressed === undefined && (severity === 'critical' || severity === 'high'));
      const known = new Set(basis.history?.releases.flatMap((one) => one.open) ?? []);
      if (open.length === 0 && (basis.incomplete.length > 0 || !basis.allRules)) return notAssessed('the scan is incomplete, or was made with other rules');
      return judged(open.map(({ artefact, message, severity, fingerprint }) => ({ artefact, message: known.has(fingerprint) ? `open since an earlier release: ${message}` : message, severity, finding: fingerprint })), 'no critical or high finding is open', basis.assets.map(({ path }) => path));
    },
  },
];

function notes(basis: Basis, good: (text: string, version: string) => boolean, yes: string, no: string): Outcome {
  if (basis.texts === undefined) return noTexts;
  const found = basis.assets.find(({ name }) => /^(changelog|changes|release[_-]?notes|news)\b/i.test(name));
  if (found === undefined) return judged([{ message: 'no release notes or changelog lie under the root', artefact: '', key: 'notes' }], '', []);
  const version = basis.subject.version ?? '';
  return judged(good(basis.texts.get(found.path) ?? '', version) ? [] : [{ message: `${found.path} ${no}${version === '' ? '' : ` ${version}`}`, artefact: found.path, key: 'notes' }], `${found.path} ${yes}`, [found.path]);
}
