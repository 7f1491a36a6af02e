// SPDX-License-Identifier: Apache-2.0
// Models and base models as components: what an integrator asks of each (POL-UNDOCUMENTED, 5.2.3-2).
import { folderOf, type Asset } from './asset.ts';
import type { Basis } from './basis.ts';
import { modelFolders, namedLinks } from './checks/inventory.ts';
import { hasLicence, originOf } from './checks/provenance.ts';
import { subjects } from './checks/documentation.ts';
import { saysSomething, sectionsOf } from './documents.ts';
import { published } from './published.ts';

/** A model under the root, or one that is named and lies elsewhere. */
export interface Component {
  /** Folder, or the name by which it is referred to. */
  readonly name: string;
  readonly here: boolean;
  /** Why it counts as coming from outside; undefined for what is of the declarer's own making. */
  readonly external?: string;
  readonly origin: string;
  readonly signature: string;
  readonly digest: string;
  readonly card: string;
  readonly licence: string;
  readonly format: string;
  readonly scan: string;
  /** What it lacks of being well documented and secured; empty when nothing. */
  readonly lacks: readonly string[];
}

const unsafe = /^(pickle|torch|torch-legacy|joblib|keras|zfile)$/;

/** Every model under the root, then every base model that is only named. */
export function components(basis: Basis): readonly Component[] {
  const here = modelFolders(basis).map((folder) => modelHere(basis, folder));
  const bases = namedLinks(basis).filter(({ link }) => link.role === 'base-model').map(({ path, link }): Component => {
    const bom = basis.boms.find(({ items }) => items.some(({ name, purl }) => `${name} ${purl ?? ''}`.toLowerCase().includes(link.target.toLowerCase().split('/').at(-1)!)));
    const pinned = /^[0-9a-f]{40}/.test(link.revision ?? '');
    return {
      name: link.target, here: false, external: `named as base model in ${path}`, origin: link.target, signature: 'not here', digest: 'not here', card: 'not here',
      licence: bom === undefined ? 'not recorded' : `see ${bom.path}`, format: 'not here', scan: 'not here',
      lacks: [...(pinned ? [] : ['pinned revision']), ...(bom === undefined ? ['BOM entry'] : [])],
    };
  });
  return [...here, ...bases];
}

function modelHere(basis: Basis, folder: string): Component {
  const files = basis.assets.filter((asset) => asset.role === 'weights' && folderOf(asset.path) === folder);
  const origin = originOf(basis, folder);
  const licence = hasLicence(basis, folder);
  const verified = basis.signatures.find(({ state }) => state === 'verified');
  const digests = published(basis);
  const matches = files.filter(({ path, sha256 }) => digests.some((one) => one.path === path && one.algorithm === 'SHA-256' && one.digest === sha256));
  const card = cardOf(basis, folder);
  const code = files.filter(({ format }) => format.split('+').some((one) => unsafe.test(one)));
  const findings = basis.report.findings.filter(({ suppressed, severity, artefact }) => suppressed === undefined && (severity === 'critical' || severity === 'high') && (folder === '' || artefact.startsWith(`${folder}/`)));
  const unread = files.filter(({ coverage }) => coverage !== 'complete');
  const secured = verified !== undefined || matches.length === files.length;
  const safe = code.length === 0 || (findings.length === 0 && unread.length === 0);
  const lacks = [
    ...(card === undefined ? ['model card'] : card.missing), ...(licence === undefined ? ['licence'] : []), ...(origin === undefined ? ['origin'] : []),
    ...(secured ? [] : ['verified digest or signature']), ...(safe && findings.length === 0 ? [] : ['clean scan']),
  ];
  return {
    name: folder === '' ? '.' : folder, here: true,
    ...externalOf(basis, folder),
    origin: origin ?? 'unknown',
    signature: verified === undefined ? (basis.signatures.length === 0 ? 'unsigned' : basis.signatures[0]!.state) : `verified (${verified.signer.slice(0, 16)})`,
    digest: `${matches.length} of ${files.length} files`,
    card: card === undefined ? 'none' : card.path,
    licence: licence ?? 'unknown',
    format: formats(files),
    scan: findings.length > 0 ? `${findings.length} at high or above` : unread.length > 0 ? 'incomplete' : 'clean',
    lacks,
  };
}

function formats(files: readonly Asset[]): string {
  return [...new Set(files.map(({ format }) => format))].sort().join(', ');
}

/** Why a folder of models counts as coming from outside. */
function externalOf(basis: Basis, folder: string): { external?: string } {
  const origin = basis.declaration?.origin;
  if (origin === 'own') return {};
  if (origin === 'external') return { external: 'declared as external' };
  const cache = basis.assets.find(({ path }) => /\.cache\/huggingface\//.test(path) && (folder === '' || path.startsWith(folder)));
  if (cache !== undefined) return { external: `fetched from a hub (${cache.path})` };
  if (!basis.roles.includes('developer')) return { external: 'no developer role is held' };
  return {};
}

/** The card of a model: its own, or one above it; and which of data sources, scope and limits it leaves out. */
function cardOf(basis: Basis, folder: string): { path: string; missing: string[] } | undefined {
  for (let at = folder; ; at = folderOf(at)) {
    const card = basis.assets.find(({ path, name }) => folderOf(path) === at && /^(readme|model_?card)(\.\w+)?$/i.test(name));
    if (card !== undefined) {
      const text = basis.texts?.get(card.path) ?? '';
      const parts = sectionsOf(card.path, text);
      const says = (subject: RegExp): boolean => parts.some(({ heading, body }) => subject.test(heading) && saysSomething(body));
      return {
        path: card.path,
        missing: [
          ...(says(subjects.dataSources) || /^datasets\s*:/m.test(text) ? [] : ['training-data sources']), ...(says(subjects.scope) ? [] : ['scope']), ...(says(subjects.limits) ? [] : ['limitations']),
        ],
      };
    }
    if (at === '') return undefined;
  }
}
