// SPDX-License-Identifier: Apache-2.0
import type { Basis } from './basis.ts';
import { modelFolders, namedLinks } from './checks/inventory.ts';
import { exceptional } from './checks/policy.ts';
import { currentFiles, isMajor, steers } from './checks/releases.ts';
import { components } from './components.ts';
import { changedFiles } from './history.ts';
import type { Condition, Provision } from './profile.ts';

/** `yes`: it concerns the subject, as far as files can tell. `no` and `unknown` say why. */
export type Applicability = { readonly applies: 'yes' } | { readonly applies: 'no' | 'unknown'; readonly why: string };

const yes: Applicability = { applies: 'yes' };
const no = (why: string): Applicability => ({ applies: 'no', why });
const unknown = (why: string): Applicability => ({ applies: 'unknown', why });

/** Whether a provision concerns the subject at all: the roles held, the scope of the standard, and its own condition. */
export function applicability(provision: Provision, basis: Basis): Applicability {
  if (!basis.deployed) return no('declared as research that will not be deployed, which the standard leaves out (clause 1)');
  const held: readonly string[] = [...basis.roles, 'organisation'];
  if (!provision.addressees.some((party) => held.includes(party))) {
    return no(`addressed to ${provision.addressees.join(' and ')}; roles held: ${basis.roles.join(', ')}`);
  }
  return conditions[provision.applies](basis);
}

const noLedger = unknown('no ledger tells the state before (--ledger)');

/** Compares with the last release that was recorded before what is there now. */
function changedSince(basis: Basis, concerns: (path: string) => boolean, what: string): Applicability {
  const releases = basis.history?.releases;
  if (releases === undefined || releases.length === 0) return noLedger;
  const last = releases.at(-1)!;
  const before = last.subject === basis.subject.digest ? releases.at(-2) : last;
  if (before === undefined) return no('what is there is the first state that the ledger records');
  const { added, removed, changed } = changedFiles(before.files, currentFiles(basis));
  return [...added, ...removed, ...changed].some(concerns) ? yes : no(`no ${what} changed since entry ${before.sequence} (${before.version}) of the ledger`);
}

const conditions: Readonly<Record<Condition, (basis: Basis) => Applicability>> = {
  always: () => yes,
  // Only people know these; a statement that one does not apply is theirs to make.
  'api-offered': () => yes,
  'cloud-used': () => yes,
  'custodian-in-house': () => yes,
  'outside-party': () => yes,
  'oversight-is-a-control': () => yes,
  'updates-impossible': () => yes,
  confidential: () => yes,
  'external-component': (basis) => (!basis.hasFacts ? unknown('the report was written without facts') : components(basis).some(({ external }) => external !== undefined) || basis.declaration?.origin === undefined ? yes : no('declared as of own making, and no file names a component from outside')),
  'external-provider': () => yes,
  'configuration-changed': (basis) => changedSince(basis, steers, 'setting'),
  'model-changed': (basis) => changedSince(basis, isMajor, 'weights, tokenizer or template'),
  'major-update': (basis) => changedSince(basis, isMajor, 'weights, tokenizer or template'),
  'open-finding': ({ report, incomplete }) => {
    const open = report.findings.some(({ suppressed, severity }) => suppressed === undefined && severity !== 'info' && severity !== 'low');
    if (open) return yes;
    return incomplete.length > 0 ? unknown('the scan is incomplete, so there may be open findings') : no('the scan has no open finding of medium severity or above');
  },
  'undocumented-component': (basis) => {
    if (!basis.hasFacts) return unknown('the report was written without facts');
    return exceptional(basis).length > 0 ? yes : no('no component from outside is poorly documented or unsecured');
  },
  'released-model-used': (basis) => {
    if (!basis.hasFacts) return unknown('the report was written without facts');
    if (components(basis).some(({ external }) => external !== undefined)) return yes;
    return modelFolders(basis).length === 0 && namedLinks(basis).length === 0 ? no('no model lies under the root and none is named') : basis.declaration?.origin === 'own' ? no('declared as of own making') : yes;
  },
  'given-to-others': ({ kind, assets }) => {
    if (kind === 'development' || kind === 'training') return no(`the root is declared ${kind}; nothing in it is given to others`);
    return assets.some(({ role }) => role === 'weights' || role === 'tokenizer' || role === 'configuration' || role === 'prompt' || role === 'code' || role === 'other') ? yes : no('no model component lies under the root');
  },
  'public-data': (basis) => {
    if (!basis.hasFacts) return unknown('the report was written without facts');
    if (basis.assets.some(({ role }) => role === 'data') || namedLinks(basis).some(({ link }) => link.role === 'dataset')) return yes;
    return unknown('no data lie under the root and none are named, so nothing is known of the training data');
  },
  transferred: ({ declaration }) => ((declaration?.disposals.length ?? 0) > 0 ? yes : no('no transfer or disposal is declared (disposals), so none is judged')),
  decommissioned: ({ declaration, boms }) => {
    if ((declaration?.disposals.length ?? 0) > 0 || boms.some(({ phases }) => phases.includes('decommission'))) return yes;
    return no('neither the declaration (disposals) nor a BOM (lifecycle phase decommission) says that anything is decommissioned');
  },
};
