// SPDX-License-Identifier: Apache-2.0
// What stands around the model: packages, the system, the training run, standards that the user names, and where values come from.
import { given, type Bom } from './bom.ts';
import { properties } from './canonical.ts';
import { origin } from './components.ts';
import type { Citation, Component, Formula, Organisation, Service, Standard } from './document.ts';
import type { Party } from './overlay.ts';
import type { References } from './references.ts';
import { pathReference, webUrl } from './text.ts';
import { rootFile } from './value.ts';

export function organisation({ name, url, email }: Party): Organisation {
  const web = url === undefined ? undefined : webUrl(url);
  return { name, ...(web === undefined ? {} : { url: [web] }), ...(email === undefined ? {} : { contact: [{ name, email }] }) };
}

/** Packages of manifests and lock files, and the hardware that the user names. */
export function packageComponents(bom: Bom, refs: References): Component[] {
  const packages = bom.details.packages.map(({ ecosystem, name, version, specifier, purl, said }): Component => {
    const scope = ecosystem === 'npm' && name.startsWith('@') ? name.indexOf('/') : -1;
    return {
      type: ecosystem === 'generic' ? 'platform' : 'library',
      'bom-ref': refs.claim(purl ?? `package:${pathReference(`${ecosystem}/${name}`)}`),
      ...(scope < 0 ? {} : { group: name.slice(0, scope) }),
      name: scope < 0 ? name : name.slice(scope + 1),
      version: version ?? 'unknown',
      isExternal: true,
      ...(purl === undefined ? {} : { purl }),
      evidence: { occurrences: [{ location: said.source, ...(said.at === undefined ? {} : { offset: said.at[0] }) }] },
      properties: properties([['assay:origin', origin(said)], ['assay:requirement', specifier === '' ? undefined : specifier], ['assay:hash', 'unknown: referred to, not among the files']]),
    };
  });
  const hardware = (bom.overlay.system?.hardware ?? []).map((name): Component => ({
    type: 'device', 'bom-ref': refs.claim(`hardware:${pathReference(name)}`), name, version: 'unknown', isExternal: true, properties: properties([['assay:origin', origin(given(name))]]),
  }));
  return [...packages, ...hardware];
}

/** The system that the model is used in; nothing when the user did not describe one. */
export function systemService(bom: Bom, refs: References): Service[] {
  const { system } = bom.overlay;
  if (system === undefined) return [];
  const flows = (system.dataFlow ?? []).map(({ flow, classification, name, description }) => ({ flow, classification, name, ...(description === undefined ? {} : { description }) }));
  return [{
    'bom-ref': refs.claim('system'),
    ...(system.producer === undefined ? {} : { provider: { name: system.producer } }),
    name: system.name ?? 'unknown',
    ...(system.version === undefined ? {} : { version: system.version }),
    ...(system.description === undefined ? {} : { description: system.description }),
    ...(flows.length === 0 ? {} : { data: flows }),
    properties: properties([
      ['assay:origin', origin(given(''))],
      ['assay:system:released', system.released],
      ...(system.dataUsage ?? []).map((text) => ['assay:system:data-usage', text] as const),
    ]),
  }];
}

/** The run that made the weights, as far as files tell of it. */
export function formulation(bom: Bom, refs: References, root: string, training: readonly string[]): Formula[] {
  const { training: run, energy } = bom.details;
  if (run.length === 0) return [];
  const source = run[0]!.value.source;
  const id = run.find(({ key }) => key === 'mlflow-run_id')?.value.value;
  return [{
    'bom-ref': refs.claim('formulation:training'),
    workflows: [{
      'bom-ref': refs.claim('workflow:training'),
      uid: id ?? pathReference(source),
      name: 'training',
      taskTypes: ['build'],
      ...(training.length === 0 ? {} : { inputs: training.map((ref) => ({ resource: { ref } })) }),
      outputs: [{ type: 'artifact', resource: { ref: root } }],
      properties: properties([
        ...run.map(({ key, value }) => [`assay:training:${key}`, value.value] as const),
        ...energy.map(({ key, value }) => [`assay:energy:${key}`, value.value] as const),
        ...[...new Set([...run, ...energy].map(({ value }) => value.source))].map((path) => ['assay:source', path] as const),
      ]),
    }],
  }];
}

/** Standards that the user says the system keeps to. Nobody assessed that here. */
export function standards(bom: Bom, refs: References): Standard[] {
  return (bom.overlay.security?.compliance ?? []).map(({ name, version, url }) => ({
    'bom-ref': refs.claim(`standard:${pathReference(name)}`),
    name,
    ...(version === undefined ? {} : { version }),
    description: 'Named by the user; conformity was not assessed by this tool.',
    ...(url === undefined ? {} : { externalReferences: [{ type: 'website', url }] }),
  }));
}

/** Which file each value of the subject was taken from. Needs a time, so it is only there when one is given. */
export function citations(bom: Bom, refs: References, timestamp: string, subject: Component): Citation[] {
  const places: readonly (readonly [string, string | undefined])[] = [
    ['name', bom.identity.name.source], ['version', bom.identity.version?.source], ['purl', bom.identity.purl?.source], ['description', bom.claims('description')[0]?.source],
    ['licenses', bom.licences[0]?.declared.source], ['pedigree', bom.baseModels[0]?.id.source], ['modelCard/modelParameters/task', bom.claims('task')[0]?.source],
    ['modelCard/modelParameters/modelArchitecture', bom.claims('architecture')[0]?.source], ['modelCard/modelParameters/architectureFamily', bom.claims('model-type')[0]?.source], ['modelCard/quantitativeAnalysis', bom.claims('metric')[0]?.source],
  ];
  const byFile = new Map<string, string[]>();
  for (const [pointer, source] of places) {
    const ref = source === undefined || source === '' ? undefined : refs.of(source) ?? refs.of(rootFile(source));
    if (ref === undefined || ref === subject['bom-ref'] || !has(subject, pointer.split('/'))) continue;
    byFile.set(ref, [...(byFile.get(ref) ?? []), `/metadata/component/${pointer}`]);
  }
  return [...byFile].sort(([a], [b]) => (a < b ? -1 : 1)).map(([ref, pointers]) => ({
    'bom-ref': refs.claim(`citation:${ref}`), pointers: pointers.sort(), timestamp, attributedTo: ref, note: 'The value was read in this file.',
  }));
}

function has(value: unknown, path: readonly string[]): boolean {
  let here = value;
  for (const key of path) {
    if (typeof here !== 'object' || here === null) return false;
    here = (here as Record<string, unknown>)[key];
  }
  return here !== undefined;
}
