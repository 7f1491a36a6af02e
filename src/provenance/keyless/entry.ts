// SPDX-License-Identifier: Apache-2.0
import { createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';
import { Fault, type Json } from '../json.ts';
import { printable } from '../names.ts';
import type { Entry } from './form.ts';

/**
 * Throws when a log entry names another key than the one that signed. The entry's hash and signature alone do not bind it:
 * a second key can be made for which a given ECDSA signature holds. Logs always name one; an entry that names none is
 * held to hash and signature.
 */
export function checkSigner(entry: Entry, signer: X509Certificate | KeyObject): void {
  const verifiers = verifiersIn(entry);
  if (verifiers.length === 0) return;
  if (verifiers.length > 1) throw new Fault('log', `the log entry names ${verifiers.length} signers; allowed is 1`);
  const named = read(verifiers[0]!);
  const same = signer instanceof X509Certificate && named instanceof X509Certificate
    ? named.raw.equals(signer.raw)
    : spki(named).equals(spki(signer));
  if (!same) throw new Fault('log', 'the log entry names another signer than the signature');
}

/** Where each kind of entry keeps the key or certificate: base64 of PEM in Rekor v1, of DER in v2. */
function verifiersIn({ kind, version, body }: Entry): Buffer[] {
  const spec = at(body, 'spec');
  switch (`${kind}/${version}`) {
    case 'dsse/0.0.1': return texts(at(spec, 'signatures'), (one) => at(one, 'verifier'));
    case 'intoto/0.0.2': return texts(at(at(at(spec, 'content'), 'envelope'), 'signatures'), (one) => at(one, 'publicKey'));
    case 'hashedrekord/0.0.1': return texts([at(at(at(spec, 'signature'), 'publicKey'), 'content')]);
    case 'dsse/0.0.2': return texts(at(at(spec, 'dsseV002'), 'signatures'), (one) => rawIn(at(one, 'verifier')));
    case 'hashedrekord/0.0.2': return texts([rawIn(at(at(at(spec, 'hashedRekordV002'), 'signature'), 'verifier'))]);
    default: throw new Fault('log', `the log entry is of the kind ${printable(`${kind}/${version}`)}; allowed are dsse, hashedrekord and intoto`);
  }
}

function rawIn(verifier: Json): Json {
  const certificate = at(verifier, 'x509Certificate');
  return at(certificate === null ? at(verifier, 'publicKey') : certificate, 'rawBytes');
}

function at(value: Json, field: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return Object.hasOwn(value, field) ? (value as { readonly [key: string]: Json })[field]! : null;
}

function texts(list: Json, pick: (one: Json) => Json = (one) => one): Buffer[] {
  return (Array.isArray(list) ? list as readonly Json[] : []).map(pick).filter((one) => one !== null).map((one) => {
    if (typeof one !== 'string') throw new Fault('log', 'the log entry names a signer that is not text');
    return Buffer.from(one, 'base64');
  });
}

function read(bytes: Buffer): X509Certificate | KeyObject {
  const pem = bytes.subarray(0, 11).toString('latin1') === '-----BEGIN ';
  for (const as of [() => new X509Certificate(bytes), () => createPublicKey(pem ? bytes : { key: bytes, format: 'der', type: 'spki' })]) {
    try {
      return as();
    } catch {
      // not this kind; said below when it is neither
    }
  }
  throw new Fault('log', 'the log entry names a signer that is neither a certificate nor a key');
}

function spki(one: X509Certificate | KeyObject): Buffer {
  return (one instanceof X509Certificate ? one.publicKey : one).export({ type: 'spki', format: 'der' });
}
