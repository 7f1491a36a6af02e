// SPDX-License-Identifier: Apache-2.0
// Checks of data themselves (5.2.1-4.1, 5.1.2-5): what the studies of the scan asked, and how it came out.
import type { FactOf } from '../../model/fact.ts';
import type { Severity } from '../../model/rule.ts';
import { folderOf, listed, type Asset } from '../asset.ts';
import { held, judged, notApplicable, notAssessed, type Basis, type Check, type Gap } from '../basis.ts';
import { ruleFindings } from './rules.ts';

/** Results of studies whose question matches, with the file they are of. */
export function studies(basis: Basis, question: RegExp): { path: string; study: FactOf<'study'> }[] {
  return basis.report.inspected.flatMap(({ artefact, facts }) => facts.flatMap((fact) => (fact.kind === 'study' && question.test(fact.question) ? [{ path: artefact.id.split('!/', 1)[0]!, study: fact }] : [])));
}

function studied(id: string, title: string, severity: Severity, question: RegExp, fix: string, rules: readonly string[] = []): Check {
  return {
    id, title, severity, fix, rules,
    run(basis) {
      if (!basis.hasFacts) return notAssessed('the report was written without facts; scan the folder or write it with --facts');
      const found = studies(basis, question);
      const gaps: Gap[] = found.filter(({ study }) => study.outcome === 'finding').slice(0, 100).map(({ path, study }) => ({ message: `${study.of}: ${study.what}`, artefact: path, key: `${study.question} ${study.of} ${study.trigger ?? ''}` }));
      gaps.push(...ruleFindings(basis, rules));
      if (gaps.length > 0) return judged(gaps, '', found.map(({ path }) => path));
      const assessed = found.filter(({ study }) => study.outcome === 'assessed');
      if (assessed.length > 0) return held(`${listed([...new Set(assessed.map(({ study }) => study.question))])}: assessed over ${assessed.reduce((sum, { study }) => sum + study.n, 0)} rows, nothing found; blind to ${assessed[0]!.study.blind}`, assessed.map(({ path }) => path));
      const why = found[0]?.study.what;
      return notAssessed(why === undefined ? 'no study put this question to data under the root' : `not assessable: ${why}`);
    },
  };
}

/** Questions on secrets and on personal data. */
export const secretQuestion = /secret|credential|token-leak/;
export const personalQuestion = /personal|pii|privacy/;

export const dataChecks: readonly Check[] = [
  studied('DAT-SCHEMA', 'Records keep to their schema', 'low', /schema|column|type|missing|range|value/, 'Correct or remove the records, or correct the schema.'),
  studied('DAT-DUP', 'Duplicates were looked for', 'low', /duplicate/, 'Remove duplicates before training.'),
  studied('DAT-LABEL', 'Equal inputs have equal labels', 'medium', /label|conflicting-duplicates/, 'Have a person decide the conflicting labels.'),
  studied('DAT-OUTLIER', 'Outliers were looked for', 'low', /outlier|anomal/, 'Look at the listed records.'),
  studied('DAT-TRIGGER', 'Patterns tied to one label were looked for', 'high', /trigger|backdoor|association|patch|spectral|activation|stamp|shortcut|scaling/, 'Look at the rows with the pattern, find where they come from, and train without them.'),
  studied('DAT-CONCENTRATION', 'No single source supplies a label', 'medium', /concentrat|single-source|burst/, 'Find out why one source supplies the label.'),
  studied('DAT-HIDDEN-TEXT', 'Invisible text was looked for', 'medium', /hidden|invisible|homoglyph/, 'Remove the invisible characters, or the records.'),
  studied('DAT-INJECTION', 'Instructions aimed at a model were looked for', 'medium', /injection|instruction|formula/, 'Remove the records or mark them as untrusted.'),
  studied('DAT-LEAK', 'Splits do not overlap', 'medium', /leak|overlap|contaminat|split-/, 'Remove the records from one of the splits.'),
  studied('DAT-DRIFT', 'Drift against the reference was looked for', 'medium', /drift|shift/, 'Find out what changed; an abrupt change is a suspect attack.'),
  studied('PRI-PII', 'Personal data were looked for', 'medium', personalQuestion, 'Remove or mask them, or state the class of the data and the grounds.'),
  studied('PRI-SECRET', 'Secrets were looked for', 'high', secretQuestion, 'Revoke the secret, then remove it.'),
  {
    id: 'DAT-MALFORMED', title: 'Data files are what they say they are', severity: 'medium', fix: 'Remove the files or get them again.', rules: ['extension-mismatch', 'polyglot', 'archive-bomb', 'archive-damage'],
    run(basis) {
      const data = basis.assets.filter(({ role }) => role === 'data');
      if (data.length === 0) return notApplicable('no data file lies under the root');
      if (!basis.allRules) return notAssessed('the report was made with another set of rules');
      const paths = new Set(data.map(({ path }) => path));
      const gaps = ruleFindings(basis, ['extension-mismatch', 'polyglot', 'archive-bomb', 'archive-damage']).filter(({ artefact }) => paths.has(artefact.split('!/', 1)[0]!));
      const unread = data.filter(({ coverage }) => coverage === 'partial' || coverage === 'failed');
      if (gaps.length === 0 && unread.length > 0) return notAssessed(`${unread.length} data files were not fully read: ${listed(unread.map(({ path }) => path), 3)}`);
      return judged(gaps, `${data.length} data files are what they say they are`, data.map(({ path }) => path));
    },
  },
  {
    id: 'DAT-UNCHECKED-REVISION', title: 'Data did not change since they were last checked', severity: 'medium', fix: 'Scan the new revision and record it: assay ledger add.',
    run(basis) {
      const data = basis.assets.filter(({ role, sha256 }) => role === 'data' && sha256 !== undefined);
      if (data.length === 0) return notApplicable('no data file lies under the root');
      const last = basis.history?.releases.at(-1);
      if (last === undefined) return notAssessed('no ledger tells what was checked before (--ledger)');
      const known = new Map(Object.entries(last.files));
      const gaps = data.filter(({ path, sha256 }) => known.get(path) !== sha256).map(({ path }): Gap => ({ message: `${path} ${known.has(path) ? 'changed' : 'is new'} since entry ${last.sequence} of ${basis.history!.path} (${last.time.slice(0, 10)})`, artefact: path, key: 'revision' }));
      return judged(gaps, 'data are those of the last entry', [basis.history!.path, ...data.map(({ path }) => path)]);
    },
  },
  {
    id: 'SEP-TRAINING-DATA', title: 'A release holds no training data that are not public', severity: 'high', fix: 'Take the data out of the release, or mark them public in their card ("Classification: public").',
    run(basis) {
      const data = basis.assets.filter(({ role }) => role === 'data');
      if (basis.kind === 'training' || basis.kind === 'data' || basis.kind === 'development') return notApplicable(`the root is declared ${basis.kind}, where training data belong`);
      if (data.length === 0) return held('no data file lies in the release', basis.assets.map(({ path }) => path));
      // Pictures and sounds beside a card are examples; tables and records are what a model is trained on.
      const suspects = data.filter(({ path, name }) => /\.(csv|tsv|jsonl|ndjson|parquet|arrow|feather|tfrecords?|warc|npy|sqlite|lmdb|json|txt)(\.\w+)?$/i.test(name) || /(^|\/)(train|training|data|dataset)s?\//i.test(path));
      const secret = suspects.filter(({ path }) => !isPublic(basis, path));
      if (basis.kind === 'unknown' && secret.length > 0 && !basis.assets.some(({ role }) => role === 'weights')) return notAssessed('the root holds data and no model, and is not declared as a release, a deployment or data (--kind)');
      return judged(secret.map(({ path }) => ({ message: `${path} is data in a release folder, and nothing marks it public`, artefact: path, key: 'training-data' })), `${data.length} data files in the release are examples or marked public`, data.map(({ path }) => path));
    },
  },
  {
    id: 'SEP-DEV-LEFTOVER', title: 'A release holds no leftovers of development', severity: 'low', fix: 'Delete them before the release; they show how the model was made and may let training be resumed.',
    run(basis) {
      if (basis.kind === 'training' || basis.kind === 'data' || basis.kind === 'development') return notApplicable(`the root is declared ${basis.kind}`);
      const left = basis.assets.filter(({ role }) => role === 'leftover');
      return judged(left.map(({ path, name }) => ({ message: `${path} is a leftover of development in a release folder`, artefact: path, key: 'leftover', severity: name.startsWith('.env') ? 'high' as const : 'low' as const })), 'no optimiser state, trainer state, event log, notebook or .env is there', basis.assets.map(({ path }) => path));
    },
  },
  {
    id: 'FS-WORLD-READABLE', title: 'Confidential files cannot be read by everybody', severity: 'medium', fix: 'chmod o-r the file, or state that it is public.',
    run(basis) {
      const secret = basis.assets.filter((asset) => isConfidential(basis, asset));
      if (secret.length === 0) return notApplicable('no file is classified as confidential');
      if (secret.every(({ mode }) => mode === undefined)) return notAssessed('permission bits are not at hand; give the folder in place of a report');
      return judged(secret.filter(({ mode }) => mode !== undefined && (mode & 0o004) !== 0).map(({ path, mode }) => ({ message: `${path} is classified confidential and readable by everybody (mode ${(mode! & 0o777).toString(8)})`, artefact: path, key: 'mode' })), `${secret.length} confidential files are closed to others`, secret.map(({ path }) => path));
    },
  },
];

/** What a card in the folder of a file, or above it, says of its class. */
export function classOf(basis: Basis, path: string): string | undefined {
  for (let folder = folderOf(path); ; folder = folderOf(folder)) {
    for (const asset of basis.assets) {
      if (folderOf(asset.path) !== folder || !/^(readme|data(set)?_?(card|sheet)|croissant|data[_-]?provenance|classification)/i.test(asset.name)) continue;
      const found = /^[ \t>*|_#-]{0,20}"?(?:data )?(?:classification|sensitivity|confidentiality|protection class)"?\*{0,2}[ \t]{0,4}[:|]\*{0,2}[ \t]{0,4}"?([\w -]{2,40})/im.exec(basis.texts?.get(asset.path) ?? '')?.[1];
      if (found !== undefined) return found.trim().toLowerCase();
    }
    if (folder === '') return undefined;
  }
}

function isPublic(basis: Basis, path: string): boolean {
  return /^(public|open|unrestricted)/.test(classOf(basis, path) ?? '');
}

function isConfidential(basis: Basis, { path, role, name }: Asset): boolean {
  return name.startsWith('.env') || ((role === 'data' || role === 'weights') && /^(confidential|secret|restricted|internal|private|sensitive|personal)/.test(classOf(basis, path) ?? ''));
}

export const noData = (basis: Basis): ReturnType<typeof notApplicable> | undefined => (basis.assets.some(({ role }) => role === 'data') ? undefined : notApplicable('no data file lies under the root'));
