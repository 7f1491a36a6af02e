// SPDX-License-Identifier: Apache-2.0
// Hashes of model components (5.2.4-1.2): published, strong, right, and in agreement.
import { isModelPart, listed, type Asset } from '../asset.ts';
import { judged, notApplicable, notAssessed, noTexts, type Basis, type Check, type Gap } from '../basis.ts';
import { published, type Published } from '../published.ts';

const noParts = notApplicable('no model component lies under the root');

function parts({ assets }: Basis): Asset[] {
  return assets.filter(isModelPart);
}

function bySource(digests: readonly Published[]): string[] {
  return [...new Set(digests.map(({ source }) => source))].sort();
}

export const integrityChecks: readonly Check[] = [
  {
    id: 'INT-UNHASHED', title: 'Every model component has a digest in a file of the release', severity: 'high', fix: 'Publish digests with the release: `sha256sum` of every file into SHA256SUMS, an AI-BOM (assay bom), or a signature (assay sign).',
    run(basis) {
      if (basis.texts === undefined && !basis.hasFacts && basis.boms.length === 0) return noTexts;
      const wanted = parts(basis);
      if (wanted.length === 0) return noParts;
      const known = new Set(published(basis).filter(({ ships }) => ships).map(({ path }) => path));
      const cached = new Set(published(basis).map(({ path }) => path));
      const without = wanted.filter(({ path }) => !known.has(path) && !cached.has(path));
      const gaps = without.length === 0 ? [] : [
        { message: `${without.length} of ${wanted.length} model components have no published digest: ${listed(without.map(({ path }) => path))}`, artefact: without.length === 1 ? without[0]!.path : '', key: `unhashed ${without.map(({ path }) => path).join('|')}` },
      ];
      return judged(gaps, `${wanted.length} of ${wanted.length} model components have a published digest`, bySource(published(basis)).concat(wanted.map(({ path }) => path)));
    },
  },
  {
    id: 'INT-UNPUBLISHED', title: 'Digests are in a file that leaves with the release', severity: 'medium', fix: 'A local cache does not travel: write SHA256SUMS, an AI-BOM or a signature into the release.',
    run(basis) {
      if (basis.texts === undefined && !basis.hasFacts && basis.boms.length === 0) return noTexts;
      if (parts(basis).length === 0) return noParts;
      const digests = published(basis);
      const ships = new Set(digests.filter((one) => one.ships).map(({ path }) => path));
      const only = parts(basis).filter(({ path }) => !ships.has(path) && digests.some((one) => one.path === path));
      return judged(only.map(({ path }): Gap => ({ message: `the digest of ${path} is in a local cache only, which does not leave with the release`, artefact: path, key: 'unpublished' })), 'digests are in files of the release', bySource(digests.filter((one) => one.ships)));
    },
  },
  {
    id: 'INT-WEAK', title: 'Digests are SHA-256 or better', severity: 'medium', fix: 'Publish SHA-256 or better beside the weak digest; MD5 and SHA-1 can be forged.',
    run(basis) {
      if (basis.texts === undefined && !basis.hasFacts && basis.boms.length === 0) return noTexts;
      const digests = published(basis);
      if (digests.length === 0) return notApplicable('no digest is published; INT-UNHASHED says so');
      const good = new Set(digests.filter((one) => one.strong).map(({ path }) => path));
      const weak = parts(basis).filter(({ path }) => !good.has(path) && digests.some((one) => one.path === path));
      const gaps = weak.map(({ path }): Gap => ({ message: `${path} is published only with ${listed([...new Set(digests.filter((one) => one.path === path).map(({ algorithm }) => algorithm))])}`, artefact: path, key: 'weak' }));
      return judged(gaps, 'every published digest is SHA-256 or better, or has one beside it', bySource(digests));
    },
  },
  {
    id: 'INT-MISMATCH', title: 'Published digests are those of the files, and agree', severity: 'high', fix: 'Get the file again from its source and compare; until then do not load it.',
    run(basis) {
      if (basis.texts === undefined && !basis.hasFacts && basis.boms.length === 0) return noTexts;
      const digests = published(basis);
      if (digests.length === 0) return notApplicable('no digest is published to compare with; INT-UNHASHED says so');
      const found = new Map(basis.assets.map(({ path, sha256 }) => [path, sha256]));
      const gaps: Gap[] = [];
      let compared = 0;
      for (const { path, source, algorithm, digest } of digests) {
        if (algorithm !== 'SHA-256') continue;
        const own = found.get(path);
        if (own === undefined) {
          if (!found.has(path)) gaps.push({ message: `${source} states a digest of ${path}, which is not there`, artefact: source, key: `absent ${path}`, severity: 'medium' });
          continue;
        }
        compared += 1;
        if (own !== digest) gaps.push({ message: `${path}: ${source} says sha256:${digest}, the file is sha256:${own}`, artefact: path, key: `mismatch ${source}` });
      }
      if (compared === 0 && gaps.length === 0) return notAssessed(`only ${listed([...new Set(digests.map(({ algorithm }) => algorithm))])} digests are published, which are not computed here`);
      return judged(gaps, `${compared} published SHA-256 digests are those of the files`, bySource(digests));
    },
  },
];
