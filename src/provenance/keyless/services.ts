// SPDX-License-Identifier: Apache-2.0
import { UsageError } from '../../model/usage-error.ts';
import { array, Fault, object, parseJson, string, type Json, type JsonObject, type Reader } from '../json.ts';
import { printable } from '../names.ts';
import { serviceUrl } from './http.ts';

/** The public instance. */
const publicFulcio = 'https://fulcio.sigstore.dev';
const publicRekor = 'https://rekor.sigstore.dev';

/** A transparency log, and how it is spoken to. */
export interface LogService {
  readonly url: string;
  readonly version: 1 | 2;
}

/** Whom to ask for what. */
export interface Services {
  readonly fulcio: string;
  readonly logs: readonly LogService[];
  readonly authorities: readonly string[];
}

/** Addresses as they were typed; absent: not given. */
export interface ServiceOptions {
  readonly fulcioUrl?: string;
  readonly rekorUrl?: string;
  readonly rekorVersion?: string;
  readonly tsaUrl?: string;
  /** Text of a signing configuration, and its path. */
  readonly config?: { readonly text: string; readonly path: string };
}

/** The services to ask: those of the configuration, those given, the public ones for what is left. Throws `UsageError`. */
export function servicesFrom(options: ServiceOptions, now = new Date()): Services {
  const { fulcioUrl, rekorUrl, rekorVersion, tsaUrl, config } = options;
  const fail = (message: string): Error => new UsageError(message);
  const given = { '--fulcio-url': fulcioUrl, '--rekor-url': rekorUrl, '--rekor-version': rekorVersion, '--tsa-url': tsaUrl };
  if (config !== undefined) {
    const both = Object.entries(given).find(([, value]) => value !== undefined);
    if (both !== undefined) throw new UsageError(`--signing-config and ${both[0]} are both given; allowed is one`);
    return fromConfig(config.text, config.path, now);
  }
  if (rekorVersion !== undefined && rekorVersion !== '1' && rekorVersion !== '2') throw new UsageError(`--rekor-version is ${printable(rekorVersion)}; allowed are 1 and 2`);
  const version = rekorVersion === '2' ? 2 : 1;
  if (version === 2 && rekorUrl === undefined) throw new UsageError('--rekor-version is 2, but --rekor-url is not given; logs of version 2 change their address every year');
  if (version === 2 && tsaUrl === undefined) throw new UsageError('--rekor-version is 2, but --tsa-url is not given; logs of version 2 do not say when, so that a timestamp is needed');
  return {
    fulcio: serviceUrl(fulcioUrl ?? publicFulcio, '--fulcio-url', fail),
    logs: [{ url: serviceUrl(rekorUrl ?? publicRekor, '--rekor-url', fail), version }],
    authorities: tsaUrl === undefined ? [] : [serviceUrl(tsaUrl, '--tsa-url', fail)],
  };
}

const mediaTypes = ['application/vnd.dev.sigstore.signingconfig.v0.2+json'];
const clientConfig = 'application/vnd.dev.sigstore.clienttrustconfig.v0.1+json';

/** Sigstore's signing configuration v0.2, alone or within a client's trust configuration. */
function fromConfig(text: string, from: string, now: Date): Services {
  try {
    const at: Reader = { kind: 'bundle', where: from };
    let config = object(parseJson(Buffer.from(text), at), at, [], ['*']);
    if (config['mediaType'] === clientConfig) config = object(config['signingConfig'], { ...at, where: `${from}: signingConfig` }, [], ['*']);
    const mediaType = string(config['mediaType'], { ...at, where: `${from}: mediaType` });
    if (!mediaTypes.includes(mediaType)) throw new Fault('bundle', `${from} has the mediaType ${printable(mediaType)}; allowed is ${mediaTypes[0]}`);
    const [fulcio] = inUse(config, 'caUrls', 1, now, from);
    if (fulcio === undefined) throw new Fault('bundle', `${from} names no certificate authority (caUrls) of version 1 that is in use`);
    const logs = chosen(config, 'rekorTlogUrls', 'rekorTlogConfig', 2, now, from).map(({ url, version }): LogService => ({ url, version: version === 2 ? 2 : 1 }));
    const authorities = chosen(config, 'tsaUrls', 'tsaConfig', 1, now, from).map(({ url }) => url);
    if (logs.length === 0) throw new Fault('bundle', `${from} names no log (rekorTlogUrls, rekorTlogConfig) that is in use`);
    if (authorities.length === 0 && logs.every(({ version }) => version === 2)) throw new Fault('bundle', `${from} names logs of version 2 and no timestamp authority, so that nothing would say when`);
    return { fulcio: fulcio.url, logs, authorities };
  } catch (error) {
    if (error instanceof Fault) throw new UsageError(`--signing-config: ${error.message}`, { cause: error });
    throw error;
  }
}

interface Known {
  readonly url: string;
  readonly version: number;
  readonly operator: string;
  readonly start: number;
}

/** Services that count now, the newest version and the latest start first. */
function inUse(config: JsonObject, field: string, newest: number, now: Date, from: string): Known[] {
  const at = (where: string): Reader => ({ kind: 'bundle', where: `${from}: ${where}` });
  const known = array(config[field] ?? [], at(field)).flatMap((one: Json, index): Known[] => {
    const where = `${field}[${index}]`;
    const service = object(one, at(where), ['url'], ['*']);
    const version = Number(service['majorApiVersion'] ?? 0);
    const span = object(service['validFor'] ?? {}, at(`${where}.validFor`), [], ['*']);
    const [start, end] = [span['start'], span['end']].map((time) => (typeof time === 'string' ? Date.parse(time) : undefined));
    if (Number.isNaN(start) || Number.isNaN(end)) throw new Fault('bundle', `${from}: ${where}.validFor is not a time`);
    if (version < 1 || version > newest || (start ?? 0) > now.getTime() || (end ?? Infinity) < now.getTime()) return [];
    const url = serviceUrl(string(service['url'], at(`${where}.url`)), `${from}: ${where}.url`, (message) => new Fault('bundle', message));
    return [{ url, version, operator: typeof service['operator'] === 'string' ? service['operator'] : '', start: start ?? 0 }];
  });
  return known.toSorted((a, b) => b.version - a.version || b.start - a.start);
}

/** As many as the configuration's selector wants, at most one of each operator. */
function chosen(config: JsonObject, field: string, selectorField: string, newest: number, now: Date, from: string): Known[] {
  const given = config[selectorField] ?? null;
  if (given === null) return [];
  const selector = object(given, { kind: 'bundle', where: `${from}: ${selectorField}` }, [], ['*']);
  const seen = new Set<string>();
  const all = inUse(config, field, newest, now, from).filter(({ operator, url }) => {
    const of = operator === '' ? url : operator;
    return !seen.has(of) && seen.add(of) !== undefined;
  });
  const { selector: way, count } = selector;
  if (way === 'ALL') return all;
  if (way === 'ANY') return all.slice(0, 1);
  if (way !== 'EXACT') throw new Fault('bundle', `${from}: the selector of ${selectorField} is ${printable(JSON.stringify(way ?? null))}; allowed are ANY, ALL and EXACT`);
  if (typeof count === 'number' && Number.isInteger(count) && count > 0 && count <= all.length) return all.slice(0, count);
  throw new Fault('bundle', `${from}: ${selectorField} wants ${printable(JSON.stringify(count ?? null))} services, ${all.length} are in use`);
}
