// SPDX-License-Identifier: Apache-2.0
import { createPrivateKey, randomBytes, scryptSync, type KeyObject } from 'node:crypto';
import nacl from 'tweetnacl';
import { UsageError } from '../model/usage-error.ts';
import { base64, Fault, object, parseJson, string, type Json, type Reader } from './json.ts';

/**
 * Costs that a key file may ask for. Whoever wrote the file sets them, so they are capped: cosign writes N = 65536 (32768
 * before 2.0), r = 8, p = 1, which takes 64 MiB.
 */
const mostMemory = 256 * 1024 * 1024;
const mostWork = 2 ** 22;

interface Costs {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** What cosign writes today. */
const usualCosts: Costs = { N: 65_536, r: 8, p: 1 };

/** Decrypts a private key in the format of cosign: scrypt and NaCl's secretbox around PKCS#8 or SEC1 in DER. */
export function openCosignKey(pem: string, from: string, passphrase: string): KeyObject {
  const { costs, salt, nonce, sealed } = parsed(pem, from);
  const opened = nacl.secretbox.open(sealed, nonce, derived(passphrase, salt, costs));
  if (opened === null) throw new UsageError(`${from} cannot be decrypted: wrong passphrase, or a damaged file`);
  const key = Buffer.from(opened);
  for (const type of ['pkcs8', 'sec1'] as const) {
    try {
      return createPrivateKey({ key, format: 'der', type });
    } catch {
      // the other one is tried; old versions of cosign wrote SEC1
    }
  }
  throw new UsageError(`${from} was decrypted, but holds no readable private key`);
}

/** Encrypts a private key as cosign does; PEM text. */
export function sealCosignKey(key: KeyObject, passphrase: string): string {
  const [salt, nonce] = [randomBytes(32), randomBytes(nacl.secretbox.nonceLength)];
  const sealed = nacl.secretbox(key.export({ type: 'pkcs8', format: 'der' }), nonce, derived(passphrase, salt, usualCosts));
  const text = JSON.stringify({
    kdf: { name: 'scrypt', params: usualCosts, salt: salt.toString('base64') },
    cipher: { name: 'nacl/secretbox', nonce: nonce.toString('base64') },
    ciphertext: Buffer.from(sealed).toString('base64'),
  });
  const lines = Buffer.from(text).toString('base64').match(/.{1,64}/g)!;
  return ['-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----', ...lines, '-----END ENCRYPTED SIGSTORE PRIVATE KEY-----', ''].join('\n');
}

function derived(passphrase: string, salt: Buffer, { N, r, p }: Costs): Buffer {
  return scryptSync(passphrase, salt, nacl.secretbox.keyLength, { N, r, p, maxmem: 2 * mostMemory });
}

interface Sealed {
  readonly costs: Costs;
  readonly salt: Buffer;
  readonly nonce: Buffer;
  readonly sealed: Buffer;
}

function parsed(pem: string, from: string): Sealed {
  const body = pem.split('\n').filter((line) => !line.startsWith('-----')).join('').replaceAll(/\s/g, '');
  const at: Reader = { kind: 'key', where: from };
  try {
    const found = object(parseJson(Buffer.from(body, 'base64'), at), at, ['kdf', 'cipher', 'ciphertext'], ['*']);
    const kdf = object(found['kdf'], at, ['name', 'params', 'salt'], ['*']);
    const cipher = object(found['cipher'], at, ['name', 'nonce'], ['*']);
    const names = `${string(kdf['name'], at)} and ${string(cipher['name'], at)}`;
    if (names !== 'scrypt and nacl/secretbox') throw new Fault('key', `${from} is encrypted with ${names.slice(0, 80)}; known are scrypt and nacl/secretbox`);
    const nonce = base64(cipher['nonce'], at);
    if (nonce.length !== nacl.secretbox.nonceLength) throw new Fault('key', `${from} has a nonce of ${nonce.length} bytes, ${nacl.secretbox.nonceLength} are needed`);
    return { costs: costsOf(kdf['params'], at), salt: base64(kdf['salt'], at), nonce, sealed: base64(found['ciphertext'], at) };
  } catch (error) {
    if (error instanceof Fault) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

function costsOf(value: Json | undefined, at: Reader): Costs {
  const found = object(value, at, ['N', 'r', 'p'], ['*']);
  const [N, r, p] = [found['N'], found['r'], found['p']].map(Number) as [number, number, number];
  const whole = [N, r, p].every((one) => Number.isSafeInteger(one) && one > 0);
  if (!whole || N < 2 || Math.log2(N) % 1 !== 0 || 128 * N * r > mostMemory || 128 * r * p > mostMemory || N * r * p > mostWork) {
    throw new Fault('key', `${at.where} asks for scrypt with N=${N} r=${r} p=${p}; allowed is N a power of 2, N·r·p up to ${mostWork}, and ${mostMemory / 2 ** 20} MiB`);
  }
  return { N, r, p };
}
