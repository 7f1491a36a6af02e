// SPDX-License-Identifier: Apache-2.0
// Inventory (5.2.1-1): does a BOM list what is there, and does everything named exist?
import type { FactOf } from '../../model/fact.ts';
import { folderOf, isModelPart, listed, type Asset } from '../asset.ts';
import { held, judged, notApplicable, notAssessed, type Basis, type BomFile, type BomItem, type Check, type Gap } from '../basis.ts';

const noBom = notAssessed('no BOM lies under the root and none was named with --bom; write one with assay bom');
const noBomGap = (what: string): Gap => ({ message: `${what}: there is no BOM under the root, and none was named`, artefact: '', key: 'no-bom' });

/** Names in a BOM, as paths under the root. */
export function listedFiles(bom: BomFile): Map<string, BomItem> {
  const out = new Map<string, BomItem>();
  for (const item of bom.items) if (item.isFile && !item.name.includes('!/')) out.set(item.name.replaceAll('\\', '/').replace(/^(\.\/)+/, ''), item);
  return out;
}

/** Files that an inventory has to list: not the records about the others, which cannot list themselves. */
function inventoried({ assets, declaration }: Basis): Asset[] {
  const ignored = declaration?.ignore.map(({ path }) => path) ?? [];
  return assets.filter(({ path, role }) => role !== 'record' && role !== 'control' && !ignored.some((one) => path === one || path.startsWith(`${one}/`)));
}

/** BOMs that list files at all: one of software packages says nothing of them. */
function fileBoms({ boms }: Basis): BomFile[] {
  return boms.filter((bom) => bom.items.some(({ isFile }) => isFile));
}

export const inventoryChecks: readonly Check[] = [
  {
    id: 'INV-UNLISTED', title: 'Every file is listed in a BOM', severity: 'medium', fix: 'Write the BOM again (assay bom PATH), or state in the declaration under `ignore` why a file needs no entry.',
    run(basis) {
      const boms = fileBoms(basis);
      if (boms.length === 0) return judged([noBomGap('no inventory lists the files')], '', []);
      const known = new Set(boms.flatMap((bom) => [...listedFiles(bom).keys()]));
      const missing = inventoried(basis).filter(({ path }) => !known.has(path));
      return judged(missing.map(({ path }) => ({ message: `${path} is under the root, and in no BOM`, artefact: path, key: 'unlisted' })), `all ${inventoried(basis).length} files are listed in ${listed(boms.map(({ path }) => path))}`, boms.map(({ path }) => path));
    },
  },
  {
    id: 'INV-MISSING', title: 'Every file that a BOM lists is there', severity: 'high', fix: 'Find out whether the file was removed or the BOM belongs to another release.',
    run(basis) {
      const boms = fileBoms(basis);
      if (boms.length === 0) return noBom;
      const there = new Set(basis.assets.map(({ path }) => path));
      const gaps = boms.flatMap((bom) => [...listedFiles(bom).keys()].filter((path) => !there.has(path)).map((path): Gap => ({ message: `${bom.path} lists ${path}, which is not there`, artefact: bom.path, key: `missing ${path}` })));
      return judged(gaps, 'every file listed is there', boms.map(({ path }) => path));
    },
  },
  {
    id: 'INV-STALE', title: 'The BOM describes this state', severity: 'high', fix: 'Write the BOM again for what is released now; if nobody changed the file, find out who did.',
    run(basis) {
      const boms = fileBoms(basis);
      if (boms.length === 0) return noBom;
      const digests = new Map(basis.assets.map(({ path, sha256 }) => [path, sha256]));
      const gaps = boms.flatMap((bom) => [...listedFiles(bom)].flatMap(([path, item]): Gap[] => {
        const [told, found] = [item.hashes['SHA-256'], digests.get(path)];
        return told === undefined || found === undefined || told === found ? [] : [{ message: `${bom.path} describes another state: ${path} has the SHA-256 ${found}, listed is ${told.slice(0, 64)}`, artefact: path, key: 'stale' }];
      }));
      return judged(gaps, 'digests in the BOM are those of the files', boms.map(({ path }) => path));
    },
  },
  {
    id: 'INV-DANGLING', title: 'Everything that is named exists in the inventory', severity: 'medium', fix: 'Put the base model or dataset into the BOM, as external where it is not shipped, or correct the name.',
    rules: ['shard-index', 'onnx-external-data-missing', 'tf-assets', 'tf-checkpoint-data', 'openvino-data'],
    run(basis) {
      if (!basis.hasFacts) return notAssessed('the report was written without facts; scan the folder or write it with --facts');
      const gaps: Gap[] = basis.report.findings.filter(({ rule, suppressed }) => suppressed === undefined && (rule === 'shard-index' || rule === 'onnx-external-data-missing' || rule === 'tf-assets' || rule === 'tf-checkpoint-data' || rule === 'openvino-data'))
        .map(({ artefact, message, fingerprint }) => ({ message, artefact, finding: fingerprint }));
      const named = namedLinks(basis);
      if (named.length > 0 && basis.boms.length === 0) gaps.push(noBomGap('models or datasets are named, and no inventory lists them'));
      else {
        const names = basis.boms.flatMap(({ items }) => items.flatMap(({ name, purl }) => [name.toLowerCase(), ...(purl === undefined ? [] : [purl.toLowerCase()])]));
        for (const { path, link } of named) {
          const target = link.target.toLowerCase();
          const short = target.slice(target.lastIndexOf('/') + 1);
          if (!names.some((name) => name === target || name === short || name.includes(`/${target}`) || name.endsWith(`/${short}`))) {
            gaps.push({ message: `${path} names the ${link.role} ${link.target}, which no BOM lists`, artefact: path, key: `dangling ${link.role} ${link.target}` });
          }
        }
      }
      const evidence = basis.boms.length > 0 ? basis.boms.map(({ path }) => path) : basis.assets.filter(isModelPart).map(({ path }) => path);
      return judged(unique(gaps), named.length === 0 ? 'no file names a model or dataset outside' : `${named.length} names resolve to entries of the inventory`, evidence);
    },
  },
  {
    id: 'INV-NO-VERSION', title: 'Every component has a version', severity: 'low', fix: 'State version, commit or digest for the component in the BOM.',
    run(basis) {
      if (basis.boms.length === 0) return noBom;
      const gaps = basis.boms.flatMap(({ path, items }) => items.filter(({ version, hashes, isFile, purl }) => (version === undefined || version === '' || /^(unknown|latest|main|master)$/i.test(version)) && Object.keys(hashes).length === 0 && !isFile && !(purl ?? '').includes('@'))
        .map(({ name, type }): Gap => ({ message: `${type} ${name} in ${path} has neither version nor digest`, artefact: path, key: `version ${name}` })));
      return judged(gaps, 'every component has a version or a digest', basis.boms.map(({ path }) => path));
    },
  },
  {
    id: 'INV-EXTERNAL', title: 'What comes from outside is declared so', severity: 'low', fix: 'Give the base model or dataset an entry of its own in the BOM with its package URL.',
    run(basis) {
      if (basis.boms.length === 0) return noBom;
      const bases = namedLinks(basis).filter(({ link }) => link.role === 'base-model');
      if (bases.length === 0) return notApplicable('no file names a base model');
      const external = basis.boms.flatMap(({ items }) => items.filter((one) => one.external || one.purl !== undefined).flatMap(({ name, purl }) => [name.toLowerCase(), (purl ?? '').toLowerCase()]));
      const gaps = bases.filter(({ link }) => !external.some((name) => name.includes(link.target.toLowerCase().split('/').at(-1)!)))
        .map(({ path, link }): Gap => ({ message: `${link.target}, named in ${path}, comes from outside and is not declared so in a BOM`, artefact: path, key: `external ${link.target}` }));
      return judged(gaps, `${bases.length} outside components are declared`, basis.boms.map(({ path }) => path));
    },
  },
  {
    id: 'INV-PROMPT', title: 'Prompts and effective configuration are tracked with digests', severity: 'medium', fix: 'Add prompts, templates and generation settings to the BOM (assay bom lists every file) and to the ledger.',
    run(basis) {
      const tracked = basis.assets.filter(({ role, name }) => role === 'prompt' || (role === 'configuration' && /^(config|model_index|adapter_config|preprocessor_config)\.json$|^(settings|mcp|tools?|agent)[\w.-]*\.(json|ya?ml|toml)$/i.test(name)));
      if (tracked.length === 0) return notApplicable('no prompt, template or configuration file lies under the root');
      const digests = new Map<string, string>();
      for (const bom of basis.boms) for (const [path, item] of listedFiles(bom)) if (item.hashes['SHA-256'] !== undefined) digests.set(path, item.hashes['SHA-256']);
      for (const [path, digest] of Object.entries(basis.history?.releases.at(-1)?.files ?? {})) if (!digests.has(path)) digests.set(path, digest);
      const gaps = tracked.filter(({ path }) => !digests.has(path)).map(({ path, role }): Gap => ({ message: `${role} ${path} is tracked with a digest in neither BOM nor ledger`, artefact: path, key: 'untracked' }));
      return judged(gaps, `${tracked.length} prompt and configuration files are tracked`, [...tracked.map(({ path }) => path), ...basis.boms.map(({ path }) => path)]);
    },
  },
  {
    id: 'SCAN-INCOMPLETE', title: 'The scan read every file to its end', severity: 'medium', fix: 'See which files were not read (assay scan PATH) and raise the limit or replace the file.',
    run(basis) {
      if (basis.incomplete.length > 0) return notAssessed(`the scan is incomplete: ${listed(basis.incomplete, 3)}`);
      return held(`${basis.assets.length} files were read to their end`, basis.assets.map(({ path }) => path));
    },
  },
];

/** Names of models and datasets outside, once each. */
export function namedLinks(basis: Basis): { path: string; link: FactOf<'link'> }[] {
  const seen = new Set<string>();
  const out: { path: string; link: FactOf<'link'> }[] = [];
  for (const { artefact, facts } of basis.report.inspected) {
    for (const fact of facts) {
      if (fact.kind !== 'link' || (fact.role !== 'base-model' && fact.role !== 'dataset') || fact.detail === '_name_or_path') continue;
      if (/^(\.{0,2}\/|~)/.test(fact.target) || seen.has(`${fact.role} ${fact.target}`)) continue;
      seen.add(`${fact.role} ${fact.target}`);
      out.push({ path: artefact.id.split('!/', 1)[0]!, link: fact });
    }
  }
  return out;
}

function unique(gaps: readonly Gap[]): Gap[] {
  return [...new Map(gaps.map((gap) => [`${gap.artefact} ${gap.key ?? gap.message}`, gap])).values()];
}

/** Folders with weights in them. */
export function modelFolders({ assets }: Basis): string[] {
  return [...new Set(assets.filter(({ role }) => role === 'weights').map(({ path }) => folderOf(path)))].sort();
}
