// SPDX-License-Identifier: Apache-2.0
// What conformity looks at beside the scan: BOMs and advisories, brought into its own plain shape.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isObject, objects, type Json } from '../../sbom/check/lint.ts';
import type { Asset } from '../conformity/asset.ts';
import type { Advisory, BomFile, BomItem } from '../conformity/basis.ts';
import { UsageError } from '../model/usage-error.ts';

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const object = (value: unknown): Json => (isObject(value) ? value : {});

/** BOMs under the root and those named; a named one that is none is a mistake of the person, others are passed over. */
export async function bomsOf(root: string | undefined, assets: readonly Asset[], texts: ReadonlyMap<string, string> | undefined, named: readonly string[]): Promise<BomFile[]> {
  const { check, readBomFile } = await import('../../sbom/check/index.ts');
  const { inventoryOf } = await import('../../sbom/compare/inventory.ts');
  const candidates = root === undefined ? [] : assets.filter(({ path, name }) => name.endsWith('.json') && (/\b(s?bom|cdx|spdx)\b/i.test(name) || /"bomFormat"\s*:\s*"CycloneDX"|spdx\.org\/rdf/.test(texts?.get(path)?.slice(0, 65_536) ?? '')));
  const out: BomFile[] = [];
  for (const { shown, place, sha256 } of [...candidates.map(({ path, sha256: digest }) => ({ shown: path, place: join(root!, path), sha256: digest })), ...named.map((path) => ({ shown: basename(path), place: path, sha256: undefined }))]) {
    const isNamed = sha256 === undefined && named.includes(place);
    if (isNamed && !existsSync(place)) throw new UsageError(`--bom ${shown} is not there`);
    const read = readBomFile(place);
    if (read.kind === 'unchecked' || read.kind === 'unreadable') {
      if (isNamed) throw new UsageError(`--bom ${shown} cannot be read as a BOM: ${read.what}`);
      continue;
    }
    const checked = check(read);
    const externals = read.kind === 'cyclonedx' ? externalNames(read.document) : new Map<string, BomItem>();
    const items = inventoryOf(read).items.map((item): BomItem => {
      const known = externals.get(item.name);
      return {
        name: item.name, type: known?.type ?? (item.isFile ? 'file' : 'component'), isFile: item.isFile, external: known?.external ?? false, hashes: item.hashes,
        ...(item.version === undefined ? {} : { version: item.version }), ...(known?.purl === undefined ? (item.key.startsWith('pkg:') ? { purl: item.key } : {}) : { purl: known.purl }),
      };
    });
    const digest = sha256 ?? createHash('sha256').update(readFileSync(place)).digest('hex');
    const cyclonedx = read.kind === 'cyclonedx' ? read.document : undefined;
    out.push({
      path: shown, sha256: digest, format: checked.format ?? read.kind, items, problems: checked.problems.filter(({ level }) => level === 'error').length,
      statements: cyclonedx === undefined ? [] : vulnerabilities(cyclonedx, shown), references: cyclonedx === undefined ? [] : referencesOf(cyclonedx),
      phases: cyclonedx === undefined ? [] : objects(object(cyclonedx['metadata'])['lifecycles']).map(({ phase }) => text(phase)), card: cyclonedx === undefined ? '' : cardOf(cyclonedx),
    });
  }
  return out;
}

function all(document: Json): Json[] {
  const subject = object(document['metadata'])['component'];
  const out: Json[] = [];
  const stack = [...(isObject(subject) ? [subject] : []), ...objects(document['components'])];
  for (let one = stack.pop(); one !== undefined && out.length < 100_000; one = stack.pop()) {
    out.push(one);
    stack.push(...objects(one['components']));
  }
  return out;
}

function externalNames(document: Json): Map<string, BomItem> {
  const subject = object(document['metadata'])['component'];
  return new Map(all(document).map((one) => {
    const [name, purl, type] = [text(one['name']), text(one['purl']), text(one['type'])];
    const external = one['isExternal'] === true || (one !== subject && type !== 'file' && purl !== '');
    return [name, { name, type, isFile: type === 'file', external, hashes: {}, ...(purl === '' ? {} : { purl }) }];
  }));
}

function referencesOf(document: Json): { type: string; url: string }[] {
  return [document, ...all(document)].flatMap((one) => objects(one['externalReferences']).map(({ type, url }) => ({ type: text(type), url: text(url) })));
}

function vulnerabilities(document: Json, path: string): Advisory[] {
  return objects(document['vulnerabilities']).map((one) => {
    const analysis = object(one['analysis']);
    const response = Array.isArray(analysis['response']) ? (analysis['response'] as unknown[]).map(text).join(', ') : '';
    return { path, id: text(one['id']), state: text(analysis['state']), description: text(one['description']) || text(one['detail']), impact: text(analysis['detail']) || text(one['detail']), action: text(one['recommendation']) || text(one['workaround']) || response };
  });
}

/** The model cards as Markdown, so that they are read like any other documentation. */
function cardOf(document: Json): string {
  const out: string[] = [];
  const section = (heading: string, value: unknown): void => {
    const lines = typeof value === 'string' ? [value] : Array.isArray(value) ? (value as unknown[]).map((one) => (typeof one === 'string' ? one : text(object(one)['name']) || text(object(one)['ref']) || text(object(one)['description']))) : [];
    const said = lines.filter((line) => line.trim() !== '');
    if (said.length > 0) out.push(`## ${heading}`, '', ...said.map((line) => line.replaceAll('\n', ' ')), '');
  };
  for (const one of all(document)) {
    const card = object(one['modelCard']);
    const considerations = object(card['considerations']);
    section('Training data', object(card['modelParameters'])['datasets']);
    section('Intended users', considerations['users']);
    section('Intended use and scope', considerations['useCases']);
    section('Limitations', considerations['technicalLimitations']);
    section('Ethical considerations', considerations['ethicalConsiderations']);
    for (const data of objects(one['data'])) {
      const governance = object(data['governance']);
      section('Custodian', objects(governance['custodians']).map((holder) => text(object(holder['organization'])['name']) || text(object(holder['contact'])['name'])));
    }
  }
  return out.join('\n');
}

/** OpenVEX documents and the findings in BOMs. */
export function advisoriesOf(boms: readonly BomFile[], texts: ReadonlyMap<string, string> | undefined): Advisory[] {
  const out = boms.flatMap(({ statements }) => statements);
  for (const [path, content] of texts ?? []) {
    if (!path.endsWith('.json') || !content.slice(0, 4096).includes('openvex.dev/ns')) continue;
    let parsed: unknown;
    try {
      parsed = JSON.parse(content);
    } catch {
      continue; // the scan says that it is broken
    }
    for (const one of objects(object(parsed)['statements'])) {
      const { vulnerability } = one;
      const id = typeof vulnerability === 'string' ? vulnerability : text(object(vulnerability)['name']) || text(object(vulnerability)['@id']);
      out.push({ path, id, state: text(one['status']), description: text(object(vulnerability)['description']) || text(one['status_notes']), impact: text(one['impact_statement']), action: text(one['action_statement']) });
    }
  }
  return out;
}
