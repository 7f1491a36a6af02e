// SPDX-License-Identifier: Apache-2.0
// What a BOM lists, whatever its format: for comparing two of them, or one with a folder.
import type { Read } from '../check/index.ts';
import { isObject, objects, type Json } from '../check/lint.ts';
import { elementsOf, listOf } from '../check/spdx/graph.ts';

/** A component, package or file. */
export interface Item {
  /** By what two documents agree that it is the same thing: the purl without its version, or type and name. */
  readonly key: string;
  readonly name: string;
  /** A file of the described folder, by its path there. */
  readonly isFile: boolean;
  /** A symbolic link, or something else that has no bytes of its own. */
  readonly hasNoBytes: boolean;
  readonly version?: string;
  /** Digests by the algorithm's name in CycloneDX. */
  readonly hashes: Readonly<Record<string, string>>;
  readonly licences: readonly string[];
  /** What it was made from, by name. */
  readonly ancestors: readonly string[];
}

export interface Finding {
  readonly key: string;
  readonly id: string;
  readonly affects: readonly string[];
  readonly severity: string;
  readonly state: string;
}

export interface Inventory {
  readonly items: readonly Item[];
  readonly findings: readonly Finding[];
}

/** Reads what a document lists; keys that occur twice are numbered. */
export function inventoryOf(read: Extract<Read, { document: Json }>): Inventory {
  const { items, findings } = read.kind === 'cyclonedx' ? fromCyclonedx(read.document) : fromSpdx(read.document);
  return { items: numbered(items), findings: numbered(findings) };
}

function numbered<T extends { readonly key: string }>(list: readonly T[]): T[] {
  const seen = new Map<string, number>();
  return list.map((item) => {
    const count = (seen.get(item.key) ?? 0) + 1;
    seen.set(item.key, count);
    return count === 1 ? item : { ...item, key: `${item.key} #${count}` };
  });
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function fromCyclonedx(document: Json): Inventory {
  const items: Item[] = [];
  const names = new Map<string, string>();
  const metadata = isObject(document['metadata']) ? document['metadata'] : {};
  const subject = isObject(metadata['component']) ? metadata['component'] : undefined;
  const listed = objects(document['components']);
  const stack: Json[] = [...(subject === undefined ? [] : [subject]), ...listed].toReversed();
  for (let component = stack.pop(); component !== undefined; component = stack.pop()) {
    const [type, group, name, purl] = [text(component['type']), text(component['group']), text(component['name']), text(component['purl'])];
    if (typeof component['bom-ref'] === 'string') names.set(component['bom-ref'], name);
    const pedigree = isObject(component['pedigree']) ? component['pedigree'] : {};
    const role = objects(component['properties']).find((property) => property['name'] === 'assay:file:role')?.['value'];
    items.push({
      key: purl === '' ? `${type} ${group === '' ? '' : `${group}/`}${name}` : purl.replace(/[?#].*$/s, '').replace(/(?<=\/[^/@]*)@[^/]*$/, ''),
      name,
      // A subject of type file beside other components is the folder that they are in.
      isFile: type === 'file' && !(component === subject && listed.length > 0),
      hasNoBytes: role === 'link',
      ...(typeof component['version'] === 'string' ? { version: component['version'] } : {}),
      hashes: hashesOf(objects(component['hashes']), 'alg', 'content', (algorithm) => algorithm),
      licences: objects(component['licenses']).map((choice) => text(choice['expression']) || text((choice['license'] as Json | undefined)?.['id']) || text((choice['license'] as Json | undefined)?.['name'])).sort(),
      ancestors: objects(pedigree['ancestors']).map((one) => text(one['purl']) || text(one['name'])).sort(),
    });
    for (const inner of objects(component['components']).toReversed()) stack.push(inner);
  }
  const findings = objects(document['vulnerabilities']).map((one): Finding => {
    const affects = objects(one['affects']).map(({ ref }) => names.get(text(ref)) ?? text(ref)).sort();
    const analysis = isObject(one['analysis']) ? one['analysis'] : {};
    return { key: `${text(one['id'])} in ${affects.join(', ')}`, id: text(one['id']), affects, severity: text(objects(one['ratings'])[0]?.['severity']) || 'unknown', state: text(analysis['state']) };
  });
  return { items, findings };
}

const spdxAlgorithms: Readonly<Record<string, string>> = { md5: 'MD5', sha1: 'SHA-1', sha256: 'SHA-256', sha384: 'SHA-384', sha512: 'SHA-512', sha3_256: 'SHA3-256', sha3_384: 'SHA3-384', sha3_512: 'SHA3-512', blake2b512: 'BLAKE2b-512', blake3: 'BLAKE3' };

function fromSpdx(document: Json): Inventory {
  const elements = elementsOf(document);
  const byId = new Map(elements.map((element) => [element.id, element.value]));
  const licences = new Map<string, string[]>();
  const ancestors = new Map<string, string[]>();
  const affected = new Map<string, { names: string[]; state: string }>();
  for (const { value, type } of elements) {
    if (!type.endsWith('Relationship')) continue;
    const [from, kind] = [text(value['from']), text(value['relationshipType'])];
    for (const to of listOf(value['to']).map(text)) {
      const target = byId.get(to);
      if (kind === 'hasDeclaredLicense') licences.set(from, [...(licences.get(from) ?? []), text(target?.['simplelicensing_licenseExpression']) || text(target?.['name']) || to]);
      if (kind === 'descendantOf') ancestors.set(from, [...(ancestors.get(from) ?? []), text(target?.['software_packageUrl']) || text(target?.['name']) || to]);
      if (type.startsWith('security_Vex') || kind === 'affects' || kind === 'hasAssociatedVulnerability') {
        const [vulnerability, subject] = kind === 'hasAssociatedVulnerability' ? [to, from] : [from, to];
        const known = affected.get(vulnerability) ?? { names: [], state: '' };
        affected.set(vulnerability, { names: [...known.names, text(byId.get(subject)?.['name']) || subject], state: type.startsWith('security_Vex') ? type.slice(12).replace('VulnAssessmentRelationship', '') : known.state });
      }
    }
  }
  const items = elements.filter(({ type }) => /^(software_Package|software_File|ai_AIPackage|dataset_DatasetPackage)$/.test(type)).map(({ value, type, id }): Item => {
    const [name, purl] = [text(value['name']), text(value['software_packageUrl'])];
    return {
      key: purl === '' ? `${type} ${name}` : purl.replace(/[?#].*$/s, '').replace(/(?<=\/[^/@]*)@[^/]*$/, ''),
      name: name.replace(/^\.\//, ''),
      isFile: type === 'software_File',
      hasNoBytes: text(value['software_fileKind']) === 'directory',
      ...(typeof value['software_packageVersion'] === 'string' ? { version: value['software_packageVersion'] } : {}),
      hashes: hashesOf(objects(value['verifiedUsing']), 'algorithm', 'hashValue', (algorithm) => spdxAlgorithms[algorithm] ?? algorithm),
      licences: (licences.get(id) ?? []).sort(),
      ancestors: (ancestors.get(id) ?? []).sort(),
    };
  });
  const findings = elements.filter(({ type }) => type === 'security_Vulnerability').map(({ value, id }): Finding => {
    const { names, state } = affected.get(id) ?? { names: [], state: '' };
    const affects = [...new Set(names)].sort();
    const name = text(objects(value['externalIdentifier'])[0]?.['identifier']) || text(value['name']) || id;
    return { key: `${name} in ${affects.join(', ')}`, id: name, affects, severity: 'unknown', state };
  });
  return { items, findings };
}

function hashesOf(list: readonly Json[], algorithm: string, digest: string, named: (algorithm: string) => string): Record<string, string> {
  const out = new Map<string, string>();
  for (const hash of list) {
    if (typeof hash[algorithm] === 'string' && typeof hash[digest] === 'string') out.set(named(hash[algorithm]), hash[digest].toLowerCase());
  }
  return Object.fromEntries([...out].sort(([a], [b]) => (a < b ? -1 : 1)));
}
