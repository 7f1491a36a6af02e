// SPDX-License-Identifier: Apache-2.0
import { canonicalJson, contentOrder, serialNumber } from './canonical.ts';
import type { Json } from './check/lint.ts';
import type { Element, SpdxGraph } from './spdx-graph.ts';

/** What a document says of itself. */
export interface DocumentInfo {
  /** Id of the element that the document is about. */
  readonly root: string;
  readonly name: string;
  readonly epoch?: number;
  readonly authors: readonly { readonly name: string; readonly email?: string }[];
  readonly tools: readonly string[];
  readonly ruleset?: string;
  /** Profiles beside those that the elements themselves show. */
  readonly profiles: readonly string[];
  readonly comment: string;
  readonly extension?: unknown;
}

/** The elements of a graph as a document, under a name that is made of their content. */
export function spdxDocument(graph: SpdxGraph, info: DocumentInfo): Json {
  const { root, name, epoch, authors, comment, extension } = info;
  const elements = [...graph.elements].sort(contentOrder((one) => String(one['spdxId'])));
  const parties = authors.map(({ name: who, email }, index): Element => ({
    type: 'Agent', spdxId: `#author-${index + 1}`, creationInfo: '_:creation', name: who, ...(email === undefined ? {} : { externalIdentifier: [{ type: 'ExternalIdentifier', externalIdentifierType: 'email', identifier: email }] }),
  }));
  const tools = (info.tools.length === 0 ? ['unknown'] : info.tools).map((tool, index): Element => ({ type: 'Tool', spdxId: index === 0 ? '#tool' : `#tool-${index + 1}`, creationInfo: '_:creation', name: tool, ...(info.ruleset === undefined ? {} : { description: `ruleset ${info.ruleset}` }) }));
  const agent: Element = { type: 'SoftwareAgent', spdxId: '#agent', creationInfo: '_:creation', name: (info.tools[0] ?? 'unknown').split(' ')[0]!, comment: 'The program that wrote this document. No person or organisation was named as its author.' };
  const created = {
    type: 'CreationInfo', '@id': '_:creation', specVersion: '3.0.1',
    created: new Date((epoch ?? 0) * 1000).toISOString().replace('.000Z', 'Z'),
    createdBy: parties.length === 0 ? ['#agent'] : parties.map((one) => one['spdxId']), createdUsing: tools.map((one) => one['spdxId']),
    ...(epoch === undefined ? { comment: 'The time is not stated, so that the same content gives the same document; SOURCE_DATE_EPOCH sets it.' } : {}),
  };
  const has = (prefix: string): boolean => elements.some(({ type }) => String(type).startsWith(prefix));
  const profiles = [...new Set(['core', 'simpleLicensing', 'software', ...(has('security_') ? ['security'] : []), ...(extension !== undefined || elements.some((one) => one['extension'] !== undefined) ? ['extension'] : []), ...info.profiles])].sort();
  const collection = {
    type: 'software_Sbom', spdxId: '#sbom', creationInfo: '_:creation', profileConformance: profiles, software_sbomType: ['analyzed'], rootElement: [root],
    element: elements.map((one) => String(one['spdxId'])), comment,
  };
  const document = { type: 'SpdxDocument', spdxId: '#document', creationInfo: '_:creation', name, profileConformance: profiles, rootElement: ['#sbom'], dataLicense: '#data-licence', ...(extension === undefined ? {} : { extension }) };
  const data = { type: 'simplelicensing_LicenseExpression', spdxId: '#data-licence', creationInfo: '_:creation', simplelicensing_licenseExpression: 'CC0-1.0' };
  const all = [...(parties.length === 0 ? [agent] : parties), ...tools, data, collection, document, ...elements];
  const base = `https://spdx.org/spdxdocs/assay-${serialNumber(canonicalJson(all)).slice('urn:uuid:'.length)}`;
  return { '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld', '@graph': [created, ...all].map((one) => absolute(one, base)) };
}

/** References inside the document, made absolute. */
function absolute(value: unknown, base: string): unknown {
  if (Array.isArray(value)) return value.map((item) => absolute(item, base));
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, linking.has(key) ? linked(item, base) : absolute(item, base)]));
}

const linking: ReadonlySet<string> = new Set(['spdxId', 'from', 'to', 'rootElement', 'element', 'createdBy', 'createdUsing', 'suppliedBy', 'originatedBy', 'dataLicense']);

function linked(value: unknown, base: string): unknown {
  if (Array.isArray(value)) return value.map((item) => linked(item, base));
  return typeof value === 'string' && value.startsWith('#') ? base + value : value;
}
