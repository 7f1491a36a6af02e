// SPDX-License-Identifier: Apache-2.0
// Signatures and who may sign (5.2.1-2), a known good state to go back to (5.2.1-3.1), and what suppliers declare (5.1.2-7).
import { listed } from '../asset.ts';
import { failed, held, judged, notApplicable, notAssessed, type Basis, type Check } from '../basis.ts';
import { namedLinks } from './inventory.ts';

const unsigned = notApplicable('there is no signature; SIG-UNSIGNED says so');

export const signingChecks: readonly Check[] = [
  {
    id: 'SIG-UNSIGNED', title: 'The root is signed', severity: 'medium', fix: 'Sign the release: assay sign PATH --key KEY.',
    run: ({ signatures }) => (signatures.length === 0 ? failed('no signature covers the root; looked for model.sig and other signature files', '', { key: 'unsigned' }) : held(`signed in ${listed(signatures.map(({ path }) => path))}`, signatures.map(({ path }) => path))),
  },
  {
    id: 'SIG-INVALID', title: 'Every signature verifies', severity: 'critical', fix: 'Do not use the files: get them again from the signer, and ask which bytes were signed.',
    run({ signatures }) {
      if (signatures.length === 0) return unsigned;
      const refused = signatures.filter(({ state }) => state === 'refused');
      if (refused.length > 0) return judged(refused.map(({ path, problems }) => ({ message: `the signature ${path} does not verify: ${listed(problems, 3)}`, artefact: path, key: 'refused' })), '', refused.map(({ path }) => path));
      const unchecked = signatures.filter(({ state }) => state === 'unchecked');
      if (unchecked.length === signatures.length) return notAssessed(listed(unchecked.map(({ path, problems }) => `${path}: ${problems[0] ?? 'no key was given (--key)'}`), 3));
      const good = signatures.filter(({ state }) => state === 'verified');
      return held(`${listed(good.map(({ path, signer }) => `${path} by ${signer}`))} verified`, good.map(({ path }) => path));
    },
  },
  {
    id: 'SIG-SIGNER', title: 'The signer is one that the policy allows', severity: 'high', fix: 'Add the signer to `signers` in the declaration if it is the right one; otherwise treat the release as not yours.',
    run({ signatures, signers }) {
      const good = signatures.filter(({ state }) => state === 'verified');
      if (good.length === 0) return signatures.length === 0 ? unsigned : notAssessed('no signature was verified, so nobody is known to have signed');
      if (signers.length === 0) return held(`signed by whom the command line trusts: ${listed(good.map(({ signer }) => signer))}`, good.map(({ path }) => path));
      const others = good.filter(({ signer }) => !signers.includes(signer));
      return judged(others.map(({ path, signer }) => ({ message: `${path} is signed by ${signer}, not one of the ${signers.length} accepted signers`, artefact: path, key: `signer ${signer}` })), 'the signer is an accepted one', good.map(({ path }) => path));
    },
  },
  {
    id: 'SIG-COVERAGE', title: 'The signature covers every file', severity: 'medium', fix: 'Sign again after the last file was added.',
    run({ signatures }) {
      const good = signatures.filter(({ state }) => state === 'verified');
      if (good.length === 0) {
        // What a signature lists is readable without a key; that files are outside it is true whoever signed.
        const lacking = signatures.filter(({ outside }) => outside.length > 0);
        if (lacking.length > 0) return judged(lacking.map(({ path, outside }) => ({ message: `${outside.length} files are outside the signature ${path}: ${listed(outside)}`, artefact: path, key: 'outside' })), '', lacking.map(({ path }) => path));
        return signatures.length === 0 ? unsigned : notAssessed('no signature was verified');
      }
      const lacking = good.filter(({ outside }) => outside.length > 0);
      return judged(lacking.length < good.length ? [] : lacking.map(({ path, outside }) => ({ message: `${outside.length} files are outside the signature ${path}: ${listed(outside)}`, artefact: path, key: 'outside' })), 'every file is covered', good.map(({ path }) => path));
    },
  },
  {
    id: 'BAS-PRESENT', title: 'An earlier known good state is recorded', severity: 'medium', fix: 'Record every release with assay ledger add, or keep its signed manifest.',
    run({ history, signatures }) {
      if (history !== undefined && history.releases.length > 0) return held(`the ledger ${history.path} records ${history.releases.length} states`, [history.path]);
      const good = signatures.filter(({ state, of }) => state === 'verified' && of === undefined);
      return good.length > 0 ? held(`the signed manifest ${good[0]!.path} records a state`, good.map(({ path }) => path)) : failed('no ledger and no verified manifest records a state to go back to', '', { key: 'baseline' });
    },
  },
  {
    id: 'BAS-VERIFY', title: 'What is there equals a recorded state', severity: 'high', fix: 'Restore the files of the last recorded release, or record what is there as a new one.',
    run({ history, subject, signatures }) {
      const good = signatures.filter(({ state, of }) => state === 'verified' && of === undefined);
      if (history === undefined || history.releases.length === 0) return good.length > 0 ? held('the files are those of the signed manifest', good.map(({ path }) => path)) : notAssessed('no recorded state was given (--ledger) to compare with');
      if (subject.digest === undefined) return notAssessed('the subject could not be hashed as a whole');
      const same = history.releases.findLast((one) => one.subject === subject.digest);
      return same === undefined ? failed(`the files equal none of the ${history.releases.length} states in ${history.path}`, history.path, { key: 'restored' }) : held(`the files equal entry ${same.sequence} (${same.name} ${same.version}) of ${history.path}`, [history.path]);
    },
  },
  {
    id: 'SUP-DECL-VERIFY', title: 'Declarations of suppliers are there, signed and about these bytes', severity: 'medium', fix: 'Ask the supplier for a signed BOM or declaration that states the digests of what was delivered.',
    run(basis) {
      const bases = namedLinks(basis).filter(({ link }) => link.role === 'base-model');
      if (bases.length === 0 && basis.declaration?.origin !== 'external') return notApplicable('no component of a supplier is named');
      const signed = basis.signatures.filter(({ state }) => state === 'verified');
      const bom = basis.boms.filter(({ items }) => items.some(({ external }) => external));
      if (signed.length > 0 && (bom.length > 0 || basis.declaration?.origin === 'external')) return held('a verified signature and a BOM cover what came from outside', [...signed, ...bom].map(({ path }) => path));
      return judged(namesOf(basis, bases.map(({ link }) => link.target)).map((name) => ({ message: `no signed declaration of the supplier covers ${name}`, artefact: '', key: `supplier ${name}` })), '', []);
    },
  },
];

function namesOf({ subject }: Basis, bases: readonly string[]): string[] {
  return bases.length > 0 ? [...new Set(bases)].slice(0, 50) : [subject.name];
}
