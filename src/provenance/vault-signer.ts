// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { UsageError } from '../model/usage-error.ts';
import { base64, Fault, object, parseJson, string, type JsonObject, type Reader } from './json.ts';
import { hashFor, keyName, publicKeyFrom, type KeySet } from './keys.ts';
import { printable } from './names.ts';
import type { Signer } from './signer.ts';

const largestAnswer = 1024 * 1024;
const seconds = 30;

/** Where a transit engine is, and who asks. From the environment only: an argument would show the token to every user. */
export interface Vault {
  readonly address: string;
  readonly token: string;
  readonly namespace?: string;
}

/** Reads $VAULT_ADDR, $VAULT_TOKEN and $VAULT_NAMESPACE, or OpenBao's names for them. */
export function vaultFrom(environment: Readonly<Record<string, string | undefined>>): Vault {
  const value = (name: string): string | undefined => environment[`BAO_${name}`] ?? environment[`VAULT_${name}`];
  const [address, token, namespace] = [value('ADDR'), value('TOKEN'), value('NAMESPACE')];
  if (address === undefined || token === undefined) throw new UsageError('--signer vault: needs $VAULT_ADDR and $VAULT_TOKEN (or $BAO_ADDR and $BAO_TOKEN)');
  let url: URL;
  try {
    url = new URL(address);
  } catch (error) {
    throw new UsageError('$VAULT_ADDR is no URL', { cause: error });
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new UsageError(`$VAULT_ADDR begins with ${url.protocol}; allowed are https: and http:`);
  if (url.username !== '' || url.password !== '') throw new UsageError('$VAULT_ADDR holds a user name or password; the token goes into $VAULT_TOKEN');
  if (!/^[\u0021-\u007e]+$/.test(token)) throw new UsageError('$VAULT_TOKEN holds characters that no token has'); // the HTTP client would print it
  return { address: `${url.origin}${url.pathname.replace(/\/+$/, '')}`, token, ...(namespace === undefined ? {} : { namespace }) };
}

/**
 * A key in the transit engine of HashiCorp Vault or OpenBao (`--signer vault:KEY` or `vault:MOUNT/KEY`). The key never leaves
 * it: it gets the digest of the statement, or for Ed25519 the statement.
 */
export async function vaultSigner(place: string, vault: Vault, set: KeySet): Promise<Signer> {
  const parts = place.split('/');
  if (parts.some((part) => !/^[\w.-]+$/.test(part) || part === '.' || part === '..')) throw new UsageError(`--signer vault:${printable(place)} names no key; give vault:KEY or vault:MOUNT/KEY`);
  const name = parts.pop()!;
  const mount = parts.length === 0 ? 'transit' : parts.join('/');
  const found = await call(vault, 'GET', `${mount}/keys/${name}`);
  const at: Reader = { kind: 'key', where: `the answer of ${vault.address}` };
  return read(vault, () => {
    const version = Number(found['latest_version']);
    const versions = object(found['keys'], { ...at, where: `keys in ${at.where}` }, [], ['*']);
    const newest = object(versions[String(version)], { ...at, where: `version ${version} of the key in ${at.where}` }, ['public_key'], ['*']);
    const publicKey = publicKeyFrom(pemOf(string(newest['public_key'], at)), `the key ${name} in ${vault.address}`, set);
    return {
      describes: `${keyName(publicKey)} in ${vault.address}`,
      publicKey,
      sign: async (data: Buffer) => {
        const hash = hashFor(publicKey);
        const asked = hash === null ? { input: data.toString('base64') } : {
          input: createHash(hash).update(data).digest('base64'),
          prehashed: true,
          ...(publicKey.asymmetricKeyType === 'rsa' ? { signature_algorithm: 'pkcs1v15' } : { marshaling_algorithm: 'asn1' }),
        };
        const path = hash === null ? `${mount}/sign/${name}` : `${mount}/sign/${name}/sha2-${hash.slice(3)}`;
        const answer = await call(vault, 'POST', path, { ...asked, key_version: version });
        return read(vault, () => {
          const match = /^vault:v\d{1,9}:(.+)$/.exec(string(answer['signature'], { ...at, where: `signature in ${at.where}` }));
          return base64(match?.[1], { ...at, where: `signature in ${at.where}` });
        });
      },
    };
  });
}

/** Ed25519 keys are given as 32 bare bytes, the others as PEM. */
function pemOf(key: string): string {
  const raw = Buffer.from(key, 'base64');
  if (key.includes('-----BEGIN') || raw.length !== 32) return key;
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]);
  return `-----BEGIN PUBLIC KEY-----\n${der.toString('base64')}\n-----END PUBLIC KEY-----\n`;
}

async function call(vault: Vault, method: 'GET' | 'POST', path: string, body?: object): Promise<JsonObject> {
  const url = `${vault.address}/v1/${path}`;
  let status: number;
  let text: Buffer;
  try {
    const response = await fetch(url, {
      method,
      headers: {
        'X-Vault-Token': vault.token,
        'X-Vault-Request': 'true',
        ...(vault.namespace === undefined ? {} : { 'X-Vault-Namespace': vault.namespace }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: 'error', // the token is for this server and no other
      signal: AbortSignal.timeout(seconds * 1000),
    });
    status = response.status;
    text = await bodyOf(response);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { cause, name } = error as Error;
    const why = name === 'TimeoutError' ? `no answer within ${seconds} s` : (cause as NodeJS.ErrnoException | undefined)?.code ?? (cause as Error | undefined)?.message ?? name;
    throw new UsageError(without(vault, `${url} cannot be reached: ${why}`)); // no cause: it may hold the request
  }
  const at: Reader = { kind: 'key', where: `the answer of ${vault.address}` };
  if (status !== 200) throw new UsageError(without(vault, `${url} answered ${status}${errorsIn(text)}`));
  return read(vault, () => object(object(parseJson(text, at), at, ['data'], ['*'])['data'], { ...at, where: `data in ${at.where}` }, [], ['*']));
}

async function bodyOf(response: Response): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += (part as Uint8Array).length;
    if (size > largestAnswer) throw new UsageError(`${response.url} answered with more than ${largestAnswer} bytes`);
    parts.push(part as Uint8Array);
  }
  return Buffer.concat(parts);
}

/** What the server says went wrong: `{"errors": […]}`. */
function errorsIn(text: Buffer): string {
  try {
    const { errors } = JSON.parse(text.toString()) as { errors?: unknown };
    return Array.isArray(errors) && errors.length > 0 ? `: ${printable(errors.map(String).join('; '))}` : '';
  } catch {
    return '';
  }
}

/** A server may repeat the token in what it says; what is shown never does. */
function without({ token }: Vault, text: string): string {
  return text.replaceAll(token, '[token]');
}

function read<T>(vault: Vault, what: () => T): T {
  try {
    return what();
  } catch (error) {
    if (error instanceof Fault || error instanceof UsageError) throw new UsageError(without(vault, error.message));
    throw error;
  }
}
