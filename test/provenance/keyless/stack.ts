// SPDX-License-Identifier: Apache-2.0
// A Sigstore instance on this machine, spoken to over HTTP: certificate authority, certificate transparency and timestamp
// authority are those of @sigstore/mock; the log is written here, since the mock's makes entries that no client accepts.
import { createHash, generateKeyPairSync, sign, X509Certificate, type KeyObject } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import mock from '@sigstore/mock';
import { temporary } from '../support.ts';

interface Pair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}
type Names = 'fulcio' | 'rekor' | 'tsa' | 'github';
/** How a service misbehaves. */
export type Fault = 'error500' | 'hang' | 'garbage' | 'wrong' | 'huge' | 'redirect' | 'echo';

export const pairOf = (namedCurve = 'P-256'): Pair => generateKeyPairSync('ec', { namedCurve });

/** What can be changed about an instance while it runs. */
export interface Knobs {
  faults: Partial<Record<Names, Fault>>;
  /** Seconds that the log's clock is ahead. */
  logAhead: number;
  /** Changes an entry of Rekor before it is sent. */
  bend: (entry: Json) => Json;
  /** A certificate authority that submits to no certificate transparency log. */
  withoutSct: boolean;
  /** Requests as they came in: address, authorisation, body. */
  requests: { path: string; body: string; authorization: string | undefined }[];
}

export interface Stack {
  readonly url: string;
  /** Path of a trusted root of this instance, after `bend` has had its way. */
  trustedRoot: (bend?: (root: TrustedRootJson) => void) => string;
  /** Certificates of the timestamp authority as PEM: its own, then the root. */
  readonly tsaChain: readonly string[];
  readonly knobs: Knobs;
  readonly close: () => Promise<void>;
}

// eslint-disable-next-line typescript/no-explicit-any -- JSON that tests bend
type Json = any;
export type TrustedRootJson = Record<'tlogs' | 'ctlogs' | 'certificateAuthorities' | 'timestampAuthorities', Json[]>;

const sha256 = (...parts: readonly Uint8Array[]): Buffer => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const spki = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });

/** Starts an instance; `close` ends it. */
export async function startStack(): Promise<Stack> {
  const knobs: Knobs = { faults: {}, logAhead: 0, bend: (entry) => entry, withoutSct: false, requests: [] };
  const [caKeys, ctKeys, tsaKeys, logKeys] = [pairOf('P-384'), pairOf(), pairOf(), pairOf()];
  const ct = await mock.initializeCTLog(ctKeys);
  const ca = await mock.initializeCA(caKeys, ct);
  const bareCa = { ...await mock.initializeCA(caKeys), rootCertificate: ca.rootCertificate };
  const tsa = await mock.initializeTSA(tsaKeys);
  const [fulcio, stamps] = [mock.fulcioHandler(ca), mock.tsaHandler(tsa)];
  const bare = await mock.initializeCA(caKeys);
  const fulcioBare = mock.fulcioHandler({ rootCertificate: bareCa.rootCertificate, issueCertificate: (options) => bare.issueCertificate(options) });
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks);
      const path = request.url ?? '';
      knobs.requests.push({ path, body: body.toString('latin1'), authorization: request.headers.authorization });
      const service: Names = path.startsWith('/api/v2/signingCert') ? 'fulcio' : path.includes('/log/entries') ? 'rekor' : path.startsWith('/token') ? 'github' : 'tsa';
      const fault = knobs.faults[service];
      if (fault !== undefined) return misbehave(fault, request, response, body);
      if (service === 'github') return send(response, 200, JSON.stringify({ value: tokenFor({ aud: new URL(path, 'http://x').searchParams.get('audience') }) }));
      if (service === 'rekor') return send(response, 201, JSON.stringify(knobs.bend(logged(path, body, logKeys, server, knobs))));
      const handler = service === 'fulcio' ? (knobs.withoutSct ? fulcioBare : fulcio) : stamps;
      const answer = await handler.fn(body.toString());
      return send(response, answer.statusCode, answer.response as string | Buffer, answer.contentType);
    })().catch((error: unknown) => send(response, 500, String(error), 'text/plain'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const b64 = (bytes: ArrayBufferView): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  const validFor = { start: '2020-01-01T00:00:00Z' };
  const log = (keys: Pair): Json => ({
    baseUrl: url, hashAlgorithm: 'SHA2_256', logId: { keyId: sha256(spki(keys.publicKey)).toString('base64') },
    publicKey: { rawBytes: spki(keys.publicKey).toString('base64'), keyDetails: 'PKIX_ECDSA_P256_SHA_256', validFor },
  });
  const authority = (...chain: ArrayBufferView[]): Json => ({ subject: { commonName: 'mock', organization: 'mock' }, uri: url, certChain: { certificates: chain.map((one) => ({ rawBytes: b64(one) })) }, validFor });
  return {
    url, knobs,
    tsaChain: [tsa.intCertificate, tsa.rootCertificate].map((raw) => new X509Certificate(Buffer.from(b64(raw), 'base64')).toString()),
    trustedRoot: (bend) => {
      const whole: TrustedRootJson = { tlogs: [log(logKeys)], ctlogs: [log(ctKeys)], certificateAuthorities: [authority(ca.rootCertificate)], timestampAuthorities: [authority(tsa.intCertificate, tsa.rootCertificate)] };
      const root = JSON.parse(JSON.stringify(whole)) as TrustedRootJson; // nothing shared, which a change would change everywhere
      bend?.(root);
      const path = join(temporary(), 'trusted_root.json');
      writeFileSync(path, JSON.stringify({ mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1', ...root }));
      return path;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Puts everything that tests change back as it was. */
export function reset({ knobs }: Stack): void {
  Object.assign(knobs, { faults: {}, logAhead: 0, bend: (entry: Json) => entry, withoutSct: false, requests: [] });
}

function send(response: ServerResponse, status: number, body: string | Buffer, type = 'application/json'): void {
  response.writeHead(status, { 'content-type': type }).end(body);
}

function misbehave(fault: Fault, request: IncomingMessage, response: ServerResponse, body: Buffer): void {
  switch (fault) {
    case 'error500': return send(response, 500, JSON.stringify({ message: 'out of order' }));
    case 'hang': return undefined;
    case 'garbage': return send(response, 200, Buffer.from([0xff, 0xfe, 0x00, 0x7b]), 'application/octet-stream');
    case 'wrong': return send(response, 201, JSON.stringify({ x: { body: 'e30=' } }));
    case 'redirect': return void response.writeHead(307, { location: `http://127.0.0.1:${request.socket.localPort}/elsewhere` }).end();
    case 'echo': return send(response, 400, JSON.stringify({ message: `cannot use ${body.toString()} with ${request.headers.authorization}` }));
    case 'huge': {
      response.writeHead(200, { 'content-type': 'application/json' });
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(1 << 16, 0x20)));
      };
      response.on('drain', more);
      return more();
    }
  }
}

/** An entry as Rekor answers, in a tree of two leaves, of which it is the second. */
function logged(path: string, request: Buffer, keys: Pair, server: ReturnType<typeof createServer>, { logAhead }: Knobs): Json {
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const read: Json = JSON.parse(request.toString());
  const v2 = path.startsWith('/api/v2');
  const entry = v2 ? entryV2(read) : entryV1(read);
  const body = Buffer.from(JSON.stringify(entry));
  const first = sha256(Buffer.from([0]), Buffer.from('an earlier entry'));
  const rootHash = sha256(Buffer.from([1]), first, sha256(Buffer.from([0]), body));
  const logId = sha256(spki(keys.publicKey));
  const note = `${host}${v2 ? '' : ' - 1234'}\n2\n${rootHash.toString('base64')}\n`;
  const envelope = `${note}\n\u2014 ${host} ${Buffer.concat([logId.subarray(0, 4), sign('sha256', Buffer.from(note), keys.privateKey)]).toString('base64')}\n`;
  if (v2) {
    return {
      logIndex: '1', logId: { keyId: logId.toString('base64') }, kindVersion: { kind: 'dsse', version: '0.0.2' }, integratedTime: '0', canonicalizedBody: body.toString('base64'),
      inclusionProof: { logIndex: '1', rootHash: rootHash.toString('base64'), treeSize: '2', hashes: [first.toString('base64')], checkpoint: { envelope } },
    };
  }
  const integratedTime = Math.floor(Date.now() / 1000) + logAhead;
  const promised = { body: body.toString('base64'), integratedTime, logID: logId.toString('hex'), logIndex: 4711 };
  return {
    ['0'.repeat(64)]: {
      ...promised,
      verification: {
        signedEntryTimestamp: sign('sha256', Buffer.from(JSON.stringify(promised)), keys.privateKey).toString('base64'),
        inclusionProof: { logIndex: 1, rootHash: rootHash.toString('hex'), treeSize: 2, hashes: [first.toString('hex')], checkpoint: envelope },
      },
    },
  };
}

function entryV1({ spec: { proposedContent } }: Json): Json {
  const envelope: Json = JSON.parse(proposedContent.envelope as string);
  return {
    apiVersion: '0.0.1', kind: 'dsse',
    spec: {
      envelopeHash: { algorithm: 'sha256', value: sha256(Buffer.from(proposedContent.envelope as string)).toString('hex') },
      payloadHash: { algorithm: 'sha256', value: sha256(Buffer.from(envelope.payload as string, 'base64')).toString('hex') },
      signatures: [{ signature: envelope.signatures[0].sig, verifier: proposedContent.verifiers[0] }],
    },
  };
}

function entryV2({ dsseRequestV002: { envelope, verifiers } }: Json): Json {
  return {
    apiVersion: '0.0.2', kind: 'dsse',
    spec: {
      dsseV002: {
        payloadHash: { algorithm: 'SHA2_256', digest: sha256(Buffer.from(envelope.payload as string, 'base64')).toString('base64') },
        signatures: [{ content: envelope.signatures[0].sig, verifier: verifiers[0] }],
      },
    },
  };
}

/** An identity token; nobody here checks its signature, which is random so that no two tokens are alike. */
export function tokenFor(claims: Record<string, unknown> = {}): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const all = { iss: issuer, aud: 'sigstore', sub: identity, exp: Math.floor(Date.now() / 1000) + 300, ...claims };
  return `${part({ alg: 'ES256', kid: 'k' })}.${part(all)}.${createHash('sha512').update(String(Math.random())).digest('base64url')}`;
}

export const identity = 'https://example.com/team/model/.ci/release.yml@refs/tags/v1';
export const issuer = 'https://issuer.example.com';
