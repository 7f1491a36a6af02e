// SPDX-License-Identifier: Apache-2.0
// Where components come from, and under which terms (5.1.2-4, 5.2.3-1).
import { folderOf, listed } from '../asset.ts';
import { held, judged, notApplicable, notAssessed, noTexts, type Basis, type Check, type Gap } from '../basis.ts';
import { modelFolders, namedLinks } from './inventory.ts';

const noFacts = notAssessed('the report was written without facts; scan the folder or write it with --facts');

/** Evidence of where the models in a folder come from; undefined when there is none. */
export function originOf(basis: Basis, folder: string): string | undefined {
  const near = (path: string): boolean => folder === '' || path.startsWith(`${folder}/`) || folderOf(path) === '' || folder.startsWith(`${folderOf(path)}/`);
  const cache = basis.assets.find(({ path }) => /\.cache\/huggingface\//.test(path) && near(path));
  if (cache !== undefined) return cache.path;
  if (basis.declaration?.origin === 'own') return basis.declaration.path;
  const bom = basis.boms.find(({ items }) => items.some(({ purl, isFile }) => purl !== undefined && !isFile));
  if (bom !== undefined) return bom.path;
  for (const { artefact, facts } of basis.report.inspected) {
    if (near(artefact.id) && facts.some((fact) => fact.kind === 'claim' && (fact.field === 'repository' || fact.field === 'homepage' || fact.field === 'url'))) return artefact.id.split('!/', 1)[0]!;
    // Not folder names on somebody's machine, which these often are.
    if (near(artefact.id) && facts.some((fact) => fact.kind === 'link' && fact.role === 'base-model' && /^[\w.-]+\/[\w.-]+$/.test(fact.target))) return artefact.id.split('!/', 1)[0]!;
  }
  return undefined;
}

export function hasLicence(basis: Basis, folder: string): string | undefined {
  const file = basis.assets.find(({ path, name }) => /^(licen[cs]e|copying)([._-].*)?$/i.test(name) && (folderOf(path) === folder || folder === '' || folder.startsWith(folderOf(path))));
  if (file !== undefined) return file.path;
  return basis.report.inspected.find(({ artefact, facts }) => (folder === '' || artefact.id.startsWith(`${folder}/`) || folderOf(artefact.id.split('!/', 1)[0]!) === '')
    && facts.some((fact) => fact.kind === 'claim' && (fact.field === 'licence' || fact.field === 'licence-name') && !/^(unknown|other|unlicensed)$/i.test(fact.value)))?.artefact.id.split('!/', 1)[0];
}

/** A 40- or 64-digit commit is the only revision that cannot be moved. */
function isPinned(revision: string | undefined): boolean {
  return revision !== undefined && /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(revision);
}

export const provenanceChecks: readonly Check[] = [
  {
    id: 'PRV-ORIGIN', title: 'The origin of every model is known', severity: 'medium', fix: 'State the package URL or repository in the BOM or card, or `origin: own` in the declaration.',
    run(basis) {
      if (!basis.hasFacts) return noFacts;
      const folders = modelFolders(basis);
      if (folders.length === 0) return notApplicable('no weights lie under the root');
      const origins = folders.map((folder) => ({ folder, origin: originOf(basis, folder) }));
      return judged(origins.filter(({ origin }) => origin === undefined).map(({ folder }) => ({ message: `the origin of the model in ${folder === '' ? 'the root' : folder} is unknown`, artefact: folder, key: 'origin' })), 'every model has evidence of its origin', origins.flatMap(({ origin }) => origin ?? []));
    },
  },
  {
    id: 'PRV-UNPINNED', title: 'What is fetched from outside is pinned', severity: 'medium', fix: 'Name the 40-digit commit or a digest in place of a branch or tag.', rules: ['base-model-unpinned'],
    run(basis) {
      if (!basis.hasFacts) return noFacts;
      const all = namedLinks(basis);
      if (all.length === 0) return notApplicable('no file names a model or dataset outside');
      const purls = basis.boms.flatMap(({ items }) => items.flatMap(({ purl }) => (purl !== undefined && /@[0-9a-f]{40}/.test(purl) ? [purl.toLowerCase()] : [])));
      const loose = all.filter(({ link }) => !isPinned(link.revision) && !purls.some((purl) => purl.includes(link.target.toLowerCase())));
      return judged(loose.map(({ path, link }): Gap => ({ message: `${path} names the ${link.role} ${link.target} ${link.revision === undefined ? 'without a revision' : `at ${link.revision}, which can move`}`, artefact: path, key: `unpinned ${link.target}` })), `${all.length} references are pinned`, all.map(({ path }) => path));
    },
  },
  {
    id: 'PRV-LICENCE', title: 'Every model has a licence, and its files agree on it', severity: 'medium', fix: 'Add a LICENSE file or `license:` in the card; resolve what conflicts.', rules: ['model-licence-missing', 'licence-conflict', 'dataset-licence-missing'],
    run(basis) {
      if (!basis.hasFacts) return noFacts;
      const folders = modelFolders(basis);
      if (folders.length === 0) return notApplicable('no weights lie under the root');
      const found = folders.map((folder) => ({ folder, by: hasLicence(basis, folder) }));
      const gaps: Gap[] = found.filter(({ by }) => by === undefined).map(({ folder }) => ({ message: `the model in ${folder === '' ? 'the root' : folder} states no licence`, artefact: folder, key: 'licence' }));
      for (const { rule, artefact, message, fingerprint, suppressed } of basis.report.findings) if (rule === 'licence-conflict' && suppressed === undefined) gaps.push({ message, artefact, finding: fingerprint });
      return judged(gaps, 'every model states a licence', found.flatMap(({ by }) => by ?? []));
    },
  },
  {
    id: 'PRV-ATTESTATION', title: 'Provenance of build or training is bound to the weights', severity: 'low', fix: 'Ship an in-toto statement (SLSA provenance) whose subject is the digest of the weights.',
    run(basis) {
      if (basis.texts === undefined) return noTexts;
      const weights = basis.assets.filter(({ role, sha256 }) => role === 'weights' && sha256 !== undefined);
      if (weights.length === 0) return notApplicable('no weights lie under the root');
      const statements = basis.assets.filter(({ path, name }) => /intoto|provenance|slsa|attestation/i.test(name) && basis.texts!.has(path));
      const bound = statements.filter(({ path }) => weights.some(({ sha256 }) => holds(basis.texts!.get(path)!, sha256!)));
      return bound.length > 0 ? held(`bound to the weights in ${listed(bound.map(({ path }) => path))}`, bound.map(({ path }) => path)) : judged([{ message: 'no statement of build or training provenance names the digest of the weights', artefact: '', key: 'provenance' }], '', []);
    },
  },
  {
    id: 'PRV-DATASET-LINK', title: 'Datasets that a model names have a record', severity: 'medium', fix: 'Put the dataset into the BOM, or its card under the root.',
    run(basis) {
      if (!basis.hasFacts) return noFacts;
      const named = namedLinks(basis).filter(({ link }) => link.role === 'dataset');
      if (named.length === 0) return notApplicable('no model names a dataset');
      const known = [...basis.boms.flatMap(({ items }) => items.map(({ name, purl }) => `${name} ${purl ?? ''}`.toLowerCase())), ...basis.assets.filter(({ role }) => role === 'data').map(({ path }) => path.toLowerCase())];
      const gaps = named.filter(({ link }) => !known.some((one) => one.includes(link.target.toLowerCase().split('/').at(-1)!)))
        .map(({ path, link }): Gap => ({ message: `${path} names the dataset ${link.target}; there is no record of it`, artefact: path, key: `dataset ${link.target}` }));
      return judged(gaps, `${named.length} datasets have a record`, named.map(({ path }) => path));
    },
  },
  { id: 'PRV-LINEAGE', title: 'The declared base fits the fingerprint of the weights', severity: 'medium', fix: 'Ask which base it really is.', planned: 'needs fingerprints of known base models, which a folder does not hold' },
  {
    id: 'FMT-UNSAFE', title: 'Weights are in a format that holds no code', severity: 'medium', fix: 'Convert to safetensors, GGUF or ONNX and ship those only.',
    run(basis) {
      const weights = basis.assets.filter(({ role }) => role === 'weights');
      if (weights.length === 0) return notApplicable('no weights lie under the root');
      const unsafe = weights.filter(({ format }) => format.split('+').some((one) => /^(pickle|torch|torch-legacy|numpy-object|joblib|keras|zfile)$/.test(one)));
      return judged(unsafe.map(({ path, format }): Gap => ({ message: `${path} is ${format}, a format that runs code when it is loaded`, artefact: path, key: 'format' })), `${weights.length} weights files are in formats without code`, weights.map(({ path }) => path));
    },
  },
];

/** Whether a text holds a digest, in hex or in the base64 of a signed envelope. */
export function holds(text: string, sha256: string): boolean {
  if (text.includes(sha256)) return true;
  for (const [encoded] of text.slice(0, 1 << 20).matchAll(/[A-Za-z0-9+/]{200,}={0,2}/g)) if (Buffer.from(encoded, 'base64').includes(sha256)) return true;
  return false;
}
