// SPDX-License-Identifier: Apache-2.0
// What the AI and Dataset profiles have members for (SPDX 3.0.1).
import type { Bom } from './bom.ts';
import { canonicalJson } from './canonical.ts';
import { textsOf } from './considerations.ts';
import { overlayOf } from './datasets.ts';
import type { Element } from './spdx-graph.ts';
import { webUrl } from './text.ts';

/** Where it can be had: the hub, or what the user gave. */
export function downloadOf(bom: Bom): string | undefined {
  const { identity, overlay } = bom;
  if (overlay.model?.url !== undefined) return overlay.model.url;
  return identity.purl?.value.startsWith('pkg:huggingface/') === true && identity.group !== undefined ? `https://huggingface.co/${identity.group.value}/${identity.name.value}` : undefined;
}

/** A day or time in the form that SPDX asks for; undefined for what is none. */
export function timeOf(text: string | undefined): string | undefined {
  const match = text === undefined ? null : /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}:\d{2}:\d{2})Z)?$/.exec(text);
  if (match === null || Number.isNaN(Date.parse(text!))) return undefined;
  return `${match[1]}-${match[2]}-${match[3]}T${match[4] ?? '00:00:00'}Z`;
}

export function references(bom: Bom): Element {
  const out: Element[] = [];
  const add = (type: string, url: string): void => {
    if (webUrl(url) !== undefined || url.startsWith('mailto:')) out.push({ type: 'ExternalRef', externalRefType: type, locator: [url] });
  };
  for (const { value } of bom.claims('paper')) add('documentation', value);
  for (const { value } of bom.claims('repository')) add('vcs', value);
  for (const { value } of bom.claims('homepage')) add('altWebPage', value);
  for (const { value, source } of bom.claims('contact')) add(/^security/i.test(source) ? 'securityPolicy' : 'support', value.includes('@') && !value.includes(':') ? `mailto:${value}` : value);
  if (bom.overlay.security?.policy !== undefined) add('securityPolicy', bom.overlay.security.policy);
  return out.length === 0 ? {} : { externalRef: [...new Map(out.map((one) => [canonicalJson(one), one])).values()] };
}

const presence = { yes: 'yes', no: 'no', unknown: 'noAssertion' } as const;

/** By the types of its columns ('name: type'), as far as they were read. */
function typesOf(columns: readonly string[]): string[] {
  const types = new Set(columns.map((column) => column.slice(column.lastIndexOf(': ') + 2)));
  const out = [...(types.has('int') || types.has('float') ? ['numeric'] : []), ...(types.has('object') ? ['structured'] : []), ...(types.has('string') ? ['text'] : [])];
  return out.length === 0 ? ['noAssertion'] : out;
}

/** The Dataset profile's own properties, of the data in one folder. */
export function datasetProperties(bom: Bom, folder: string, bytes: number | undefined): Element {
  const details = bom.details.datasets.get(folder);
  const overlay = overlayOf(bom, folder === '' ? '.' : folder, details?.name?.value);
  const topics = (...keys: readonly string[]): string[] => (details?.topics ?? []).filter(({ key }) => keys.includes(key)).map(({ value }) => value.value);
  const collection = [...topics('collection', 'data-collection'), ...(overlay?.provenance === undefined ? [] : [overlay.provenance])].join('\n');
  const [prepared, bias, use] = [topics('preprocessing', 'manipulation'), [...topics('bias', 'risks'), ...(overlay?.bias ?? [])], topics('intended-use').join('\n')];
  const built = timeOf(overlay?.collected);
  const levels: Readonly<Record<string, string>> = { public: 'clear', internal: 'green', confidential: 'amber', secret: 'red' };
  const level = overlay?.classification === undefined ? undefined : levels[overlay.classification.toLowerCase()];
  return {
    dataset_datasetType: typesOf(bom.localDatasets.filter((one) => one.folder === folder || (folder === '' && bom.kind === 'dataset')).flatMap(({ columns }) => columns)),
    ...(bytes === undefined ? {} : { dataset_datasetSize: bytes }),
    ...(collection === '' ? {} : { dataset_dataCollectionProcess: collection }),
    ...(prepared.length === 0 ? {} : { dataset_dataPreprocessing: prepared }),
    ...(bias.length === 0 ? {} : { dataset_knownBias: bias }),
    ...(use === '' ? {} : { dataset_intendedUse: use }),
    ...(built === undefined ? {} : { builtTime: built }),
    ...(level === undefined ? {} : { dataset_confidentialityLevel: level }),
    ...(overlay?.personalData === undefined ? {} : { dataset_hasSensitivePersonalInformation: presence[overlay.personalData] }),
  };
}

export function modelProperties(bom: Bom): Element {
  const values = (field: Parameters<Bom['claims']>[0]): string[] => [...new Set(bom.claims(field).map(({ value }) => value))].sort();
  const entries = (pairs: readonly (readonly [string, string])[]): object[] => pairs.map(([key, value]) => ({ type: 'DictionaryEntry', key, value }));
  const types = [...new Set([...values('architecture'), ...values('model-type')])].sort();
  const fields = ['context-length', 'hidden-size', 'layers', 'vocabulary-size', 'quantisation', 'tokenizer-class', 'dtype'] as const;
  const hyper = [
    ...(bom.parameters === undefined ? [] : [['parameter_count', String(bom.parameters.value)] as const]),
    ...fields.flatMap((field) => values(field).slice(0, 1).map((value) => [field, value] as const)),
  ];
  const metrics = values('metric').map((text) => {
    const cut = text.indexOf('=');
    return [cut === -1 ? text : text.slice(0, cut), cut === -1 ? '' : text.slice(cut + 1)] as const;
  });
  const { model, system, security } = bom.overlay;
  const domains = [...new Set([...(model?.domains ?? []), ...values('task'), ...values('language').map((language) => `language: ${language}`)])].sort();
  return {
    ...(types.length === 0 ? {} : { ai_typeOfModel: types }),
    ...(hyper.length === 0 ? {} : { ai_hyperparameter: entries(hyper) }),
    ...(metrics.length === 0 ? {} : { ai_metric: entries(metrics) }),
    ...(domains.length === 0 ? {} : { ai_domain: domains }),
    ...told('ai_limitation', [...textsOf(bom, 'limitations', model?.limitations), ...textsOf(bom, 'out-of-scope').map((text) => `Out of scope: ${text}`)].join('\n')),
    ...told('ai_informationAboutApplication', [...textsOf(bom, 'intended-use', model?.useCases), ...(system?.applicationArea ?? []), ...(system?.dataFlow ?? []).map(({ name, flow }) => `${name}: ${flow}`)].join('\n')),
    ...told('ai_informationAboutTraining', [...textsOf(bom, 'training-procedure'), ...textsOf(bom, 'training-data'), ...bom.details.training.map(({ key, value }) => `${key}: ${value.value}`)].join('\n')),
    ...told('ai_modelExplainability', textsOf(bom, 'explainability', [model?.explainability])),
    ...told('ai_modelDataPreprocessing', textsOf(bom, 'preprocessing', [model?.preprocessing])),
    ...told('ai_standardCompliance', (security?.compliance ?? []).map(({ name, version }) => [name, version].filter((text) => text !== undefined).join(' '))),
    ...told('ai_metricDecisionThreshold', entries(Object.entries(model?.thresholds ?? {}).map(([key, value]) => [key, String(value)] as const))),
    ...(model?.safetyRisk === undefined ? {} : { ai_safetyRiskAssessment: model.safetyRisk }),
    ...(model?.autonomy === undefined ? {} : { ai_autonomyType: presence[model.autonomy] }),
    ...(model?.personalData === undefined ? {} : { ai_useSensitivePersonalInformation: presence[model.personalData] }),
    ...energy(bom),
  };
}

function told(name: string, value: string | readonly unknown[]): Element {
  return value.length === 0 ? {} : { [name]: value };
}

/** CodeCarbon measures what training used, in kWh. */
function energy(bom: Bom): Element {
  const kwh = bom.details.energy.find(({ key }) => key === 'kwh')?.value.value;
  if (kwh === undefined || !/^\d+(\.\d+)?$/.test(kwh)) return {};
  return { ai_energyConsumption: { type: 'ai_EnergyConsumption', ai_trainingEnergyConsumption: [{ type: 'ai_EnergyConsumptionDescription', ai_energyQuantity: kwh, ai_energyUnit: 'kilowattHour' }] } };
}
