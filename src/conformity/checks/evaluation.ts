// SPDX-License-Identifier: Apache-2.0
// Evaluations and tests (5.2.3-3, 5.2.5-1, 5.4.1-2): are there any, and are they about these bytes?
import { listed, type Asset } from '../asset.ts';
import { held, judged, notApplicable, notAssessed, noTexts, type Basis, type Check } from '../basis.ts';
import { statementOn } from '../documents.ts';
import { holds } from './provenance.ts';

/** Files with results of evaluations. */
export function evaluations({ assets }: Basis): Asset[] {
  return assets.filter(({ role }) => role === 'evaluation');
}

const weightsOf = ({ assets }: Basis): Asset[] => assets.filter(({ role, sha256 }) => role === 'weights' && sha256 !== undefined);
const noWeights = notApplicable('no weights lie under the root');

/** Evaluations of a kind: by the name of the file, by what it measures, or as a section of the documentation. */
function ofKind(id: string, title: string, severity: Check['severity'], pattern: RegExp, what: string): Check {
  return {
    id, title, severity, fix: `Ship the ${what} report or its result, and name the digest of the weights in it.`,
    run(basis) {
      if (basis.texts === undefined) return noTexts;
      if (weightsOf(basis).length === 0) return noWeights;
      const file = evaluations(basis).find(({ path }) => pattern.test(path) || pattern.test(basis.texts!.get(path) ?? ''));
      if (file !== undefined) return held(file.path, [file.path]);
      const found = statementOn(basis, pattern);
      return found === undefined ? judged([{ message: `no ${what} is shipped or documented`, artefact: '', key: id }], '', []) : held(`"${found.text}" in ${found.path}`, [found.path]);
    },
  };
}

export const evaluationChecks: readonly Check[] = [
  {
    id: 'EVL-NONE', title: 'There are results of an evaluation', severity: 'medium', fix: 'Run your own evaluation and keep its results with the model (eval_results.json, naming the digest).',
    run(basis) {
      if (weightsOf(basis).length === 0) return noWeights;
      const found = evaluations(basis);
      if (found.length > 0) return held(listed(found.map(({ path }) => path)), found.map(({ path }) => path));
      const claimed = basis.report.inspected.find(({ facts }) => facts.some((fact) => fact.kind === 'claim' && fact.field === 'metric'));
      return claimed === undefined ? judged([{ message: 'no results of an evaluation lie under the root', artefact: '', key: 'none' }], '', []) : held('metrics are stated in the card', [claimed.artefact.id.split('!/', 1)[0]!]);
    },
  },
  {
    id: 'EVL-UNBOUND', title: 'Evaluations name the digest of the weights', severity: 'medium', fix: 'Write the SHA-256 of every weights file into the results; results without it could be of any model.',
    run(basis) {
      if (basis.texts === undefined) return noTexts;
      const weights = weightsOf(basis);
      if (weights.length === 0) return noWeights;
      const found = evaluations(basis);
      if (found.length === 0) return judged([{ message: 'no evaluation lies under the root that could be bound to the weights', artefact: '', key: 'unbound' }], '', []);
      const bound = found.filter(({ path }) => weights.some(({ sha256 }) => holds(basis.texts!.get(path) ?? '', sha256!)));
      const uncovered = weights.filter(({ sha256 }) => !bound.some(({ path }) => holds(basis.texts!.get(path)!, sha256!)));
      if (bound.length === 0) return judged(found.map(({ path }) => ({ message: `${path} names the digest of none of the ${weights.length} weights files`, artefact: path, key: 'unbound' })), '', found.map(({ path }) => path));
      return judged(uncovered.map(({ path }) => ({ message: `no evaluation names the digest of ${path}`, artefact: path, key: 'unbound' })), `${listed(bound.map(({ path }) => path))} name the digests of the weights`, bound.map(({ path }) => path));
    },
  },
  {
    id: 'EVL-STALE', title: 'Evaluations are not older than the weights', severity: 'medium', fix: 'Evaluate the weights that are there now.',
    run(basis) {
      const { history } = basis;
      const last = history?.releases.at(-1);
      if (history === undefined || last === undefined) return notAssessed('no ledger tells when weights and evaluations changed (--ledger)');
      const found = evaluations(basis);
      if (found.length === 0) return notAssessed('no evaluation lies under the root');
      const weights = weightsOf(basis);
      // The last entry in which the weights were others than now: evaluations that were there already are older.
      const before = history.releases.findLast((one) => weights.some(({ path, sha256 }) => one.files[path] !== undefined && one.files[path] !== sha256));
      if (before === undefined) return held('the weights did not change since the first entry of the ledger', [history.path, ...found.map(({ path }) => path)]);
      const old = found.filter(({ path, sha256 }) => sha256 !== undefined && before.files[path] === sha256);
      return judged(old.map(({ path }) => ({ message: `${path} was there in entry ${before.sequence} (${before.version}) already, with other weights`, artefact: path, key: 'stale' })), `evaluations are newer than entry ${before.sequence}`, [history.path, ...found.map(({ path }) => path)]);
    },
  },
  ofKind('EVL-SECURITY', 'A security test is shipped or documented', 'medium', /\b(security (test|assessment|evaluation|review)|red[ _-]?team\w*|penetration|jail-?break|prompt[ _-]injection|adversarial (test|evaluation)|backdoor (test|scan))\b/i, 'security test'),
  ofKind('EVL-ROBUSTNESS', 'A measure of robustness is shipped or documented', 'low', /\b(robust(ness)?|adversarial|corruption|perturbation)\b/i, 'measure of robustness'),
  ofKind('EVL-PRIVACY', 'A privacy test is shipped or documented', 'low', /\b(membership[ _-]inference|extraction (attack|test)|memori[sz]ation|model inversion|privacy (test|evaluation|attack))\b/i, 'privacy test'),
  { id: 'EVL-REGRESSION', title: 'No metric fell against the release before', severity: 'medium', fix: 'Find out why; a sudden fall is a suspect attack.', planned: 'the ledger keeps digests of evaluations, not their numbers' },
  {
    id: 'EVL-HISTORY-GAP', title: 'Every recorded release has an evaluation of its own', severity: 'low', fix: 'Evaluate each release.',
    run({ history }) {
      if (history === undefined || history.releases.length < 2) return notAssessed('fewer than two recorded releases (--ledger)');
      const without = history.releases.filter(({ event, evaluations: found }) => event === 'release' && Object.keys(found).length === 0);
      return judged(without.map(({ sequence, version }) => ({ message: `entry ${sequence} (${version}) of ${history.path} records no evaluation`, artefact: history.path, key: `evaluation ${sequence}` })), 'every release has one', [history.path]);
    },
  },
];
