// SPDX-License-Identifier: Apache-2.0
import { isMapping, parseYaml, type Yaml } from '../grammar/yaml.ts';
import { components, type Component, type Place } from '../model/report.ts';
import { UsageError } from '../model/usage-error.ts';

/** Who may sign. Exactly one of `key`, `certificateChain`, or `identity` with `issuer` and `trustedRoot`; paths are from the policy's folder. */
export interface TrustedSigner {
  readonly name: string;
  readonly key?: string;
  readonly certificateChain?: string;
  readonly identity?: string;
  readonly issuer?: string;
  readonly trustedRoot?: string;
  /** What their signature counts for; everything when absent. */
  readonly components?: readonly Component[];
}

/** What must be proven before an artefact is used here. */
export interface TrustPolicy {
  readonly signers: readonly TrustedSigner[];
  /** Globs on builder ids ('*' for any text); absent: any builder. */
  readonly builders?: readonly string[];
  /** Globs on names and addresses of base models and data sets; absent: any source. */
  readonly sources?: readonly string[];
  /** The least place for each component that is there. */
  readonly demand: Readonly<Partial<Record<Component, Wanted>>>;
}

export const wanted = ['verified', 'bound', 'declared'] as const;
export type Wanted = Extract<Place, (typeof wanted)[number]>;

/**
 * What holds where nothing is configured: bytes of weights, code and tokenizer recorded somewhere, data and lineage said. Nothing
 * contradicted is ever met.
 */
export const defaultPolicy: TrustPolicy = {
  signers: [],
  demand: { weights: 'bound', code: 'bound', tokenizer: 'bound', data: 'declared', licence: 'declared', 'base-model': 'declared' },
};

const signerKeys = ['name', 'key', 'certificate-chain', 'identity', 'issuer', 'trusted-root', 'components'];

/** Reads a policy; `from` is its name for messages. Throws `UsageError` for anything that is not understood: a typo must not open a door. */
export async function parsePolicy(text: string, from: string): Promise<TrustPolicy> {
  const documents = await parseYaml(text);
  const wrong = (what: string): UsageError => new UsageError(`${from}: ${what}`);
  const [document] = documents;
  if (documents.length !== 1 || document === undefined || !isMapping(document.value)) throw wrong('a trust policy is one YAML mapping');
  if (document.complaints.length > 0) throw wrong(document.complaints[0]!);
  const top = known(document.value, ['version', 'signers', 'builders', 'sources', 'demand'], 'policy', wrong);
  if (top['version'] !== 1) throw wrong(`version is ${JSON.stringify(top['version'])}, expected 1`);
  const builders = texts(top['builders'], 'builders', wrong);
  const sources = texts(top['sources'], 'sources', wrong);
  return {
    signers: items(top['signers'], 'signers', wrong).map((item, index) => signer(item, `signers[${index}]`, wrong)),
    ...(builders === undefined ? {} : { builders }),
    ...(sources === undefined ? {} : { sources }),
    demand: top['demand'] === undefined ? defaultPolicy.demand : demand(top['demand'], wrong),
  };
}

type Wrong = (what: string) => UsageError;

function known(value: Yaml | undefined, keys: readonly string[], where: string, wrong: Wrong): Record<string, Yaml> {
  if (!isMapping(value)) throw wrong(`${where} is no mapping`);
  for (const key of value.keys()) if (!keys.includes(key)) throw wrong(`${where} has the key ${key}; allowed are ${keys.join(', ')}`);
  return Object.fromEntries(value);
}

function items(value: Yaml | undefined, where: string, wrong: Wrong): readonly Yaml[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw wrong(`${where} is no list`);
  return value as readonly Yaml[];
}

function texts(value: Yaml | undefined, where: string, wrong: Wrong): string[] | undefined {
  if (value === undefined) return undefined;
  return items(value, where, wrong).map((item, index) => {
    if (typeof item !== 'string' || item === '') throw wrong(`${where}[${index}] is no text`);
    return item;
  });
}

function signer(value: Yaml, where: string, wrong: Wrong): TrustedSigner {
  const said = known(value, signerKeys, where, wrong);
  const text = (key: string): string | undefined => {
    const found = said[key];
    if (found === undefined) return undefined;
    if (typeof found !== 'string' || found === '') throw wrong(`${where}.${key} is no text`);
    return found;
  };
  const [name, key, certificateChain, identity, issuer, trustedRoot] = ['name', 'key', 'certificate-chain', 'identity', 'issuer', 'trusted-root'].map(text);
  if (name === undefined) throw wrong(`${where} has no name`);
  if ([key, certificateChain, identity].filter((one) => one !== undefined).length !== 1) throw wrong(`${where} needs exactly one of key, certificate-chain and identity`);
  const keyless = [identity, issuer, trustedRoot].filter((one) => one !== undefined).length;
  if (keyless !== 0 && keyless !== 3) throw wrong(`${where} needs identity, issuer and trusted-root together`);
  const listed = texts(said['components'], `${where}.components`, wrong);
  for (const one of listed ?? []) if (!isComponent(one)) throw wrong(`${where}.components names ${one}; allowed are ${components.join(', ')}`);
  return {
    name,
    ...(key === undefined ? {} : { key }),
    ...(certificateChain === undefined ? {} : { certificateChain }),
    ...(identity === undefined ? {} : { identity }),
    ...(issuer === undefined ? {} : { issuer }),
    ...(trustedRoot === undefined ? {} : { trustedRoot }),
    ...(listed === undefined ? {} : { components: listed as Component[] }),
  };
}

function demand(value: Yaml, wrong: Wrong): TrustPolicy['demand'] {
  const said = known(value, components, 'demand', wrong);
  return Object.fromEntries(Object.entries(said).map(([component, place]) => {
    if (!(wanted as readonly unknown[]).includes(place)) throw wrong(`demand.${component} is ${JSON.stringify(place)}; allowed are ${wanted.join(', ')}`);
    return [component, place as Wanted];
  }));
}

function isComponent(text: string): text is Component {
  return (components as readonly string[]).includes(text);
}
