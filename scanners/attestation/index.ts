// SPDX-License-Identifier: Apache-2.0
// in-toto Statement v0.1 and v1 (https://github.com/in-toto/attestation), bare, in a DSSE envelope
// (https://github.com/secure-systems-lab/dsse), in a Sigstore bundle, alone or one on each line. Nothing is verified here.
import { asBuffer } from '../../src/bytes/as-buffer.ts';
import { clip } from '../../src/bytes/clip.ts';
import { Malformed } from '../../src/bytes/errors.ts';
import { lines } from '../../src/bytes/lines.ts';
import type { ByteSource } from '../../src/bytes/source.ts';
import { isObject, parseJson, type JsonObject } from '../../src/grammar/json.ts';
import type { FactOf } from '../../src/model/fact.ts';
import { scanner } from '../../src/model/scanner.ts';
import { signerOf } from './signer.ts';
import { statementFacts, type Said } from './statement.ts';

const largest = 256 << 20;
const longest = 64 << 20;

export default scanner({
  id: 'attestation',
  title: 'signed statements: in-toto, SLSA provenance, DSSE envelopes, Sigstore bundles',
  extensions: ['.sig', '.jsonl', '.json', '.sigstore', '.att'],
  basis: ['json', 'jsonl'],
  holds: 'data',
  says: ['region', 'claim', 'record', 'signature', 'malformed'],
  recognise({ head }) {
    if (head[0] !== 0x7b && head[0] !== 0x5b && head[0] !== 0x20 && head[0] !== 0x0a) return 'no';
    const text = asBuffer(head).toString('latin1');
    const bundle = text.includes('"dsseEnvelope"') || text.includes('"messageSignature"') || text.includes('application/vnd.dev.sigstore.bundle');
    const envelope = text.includes('"payloadType"') && text.includes('"payload"');
    return bundle || envelope || text.includes('https://in-toto.io/Statement/') ? 'yes' : 'no';
  },
  async *inspect(source) {
    if (source.size > largest) throw new Malformed('attestation/size', `the file has ${source.size} bytes, allowed ${largest}`, 0);
    yield { kind: 'region', name: 'statements', at: [0, source.size] };
    for await (const value of documents(source)) yield* told(value);
  },
});

/** One JSON document, an array of them, or one on each line. */
async function* documents(source: ByteSource): AsyncGenerator {
  const bytes = await source.read(0, source.size);
  const first = parseJson(bytes, { format: 'attestation', trailing: true });
  const rest = Buffer.from(bytes.subarray(first.end)).toString('latin1').trim();
  if (rest === '') {
    if (Array.isArray(first.value)) yield* first.value as unknown[];
    else yield first.value;
    return;
  }
  for await (const { bytes: line, cut } of lines(source, longest)) {
    if (!cut && line.length > 0) yield parseJson(line, { format: 'attestation' }).value;
  }
}

function* told(value: unknown): Generator<Said | FactOf<'signature' | 'malformed'>> {
  if (!isObject(value)) return;
  const material = value['verificationMaterial'];
  const envelope = isObject(value['dsseEnvelope']) ? value['dsseEnvelope'] : value;
  if (isObject(material)) yield { kind: 'signature', ...signerOf(material), verified: false };
  const signed = payloadOf(envelope);
  if (signed !== undefined) {
    if (!isObject(material)) yield { kind: 'signature', identity: keyOf(envelope), issuer: '', verified: false };
    if (isObject(signed.statement)) yield* statementFacts(signed.statement, true);
    else yield { kind: 'malformed', code: 'attestation/payload', what: `the signed payload of type ${clip(signed.type)} is no JSON object` };
  } else if (typeof value['_type'] === 'string') yield* statementFacts(value, false);
}

function payloadOf(envelope: JsonObject): { readonly type: string; readonly statement: unknown } | undefined {
  const { payload, payloadType } = envelope;
  if (typeof payload !== 'string' || typeof payloadType !== 'string') return undefined;
  return { type: payloadType, statement: parseJson(Buffer.from(payload, 'base64'), { format: 'attestation' }).value };
}

function keyOf(envelope: JsonObject): string {
  const [first] = Array.isArray(envelope['signatures']) ? (envelope['signatures'] as unknown[]) : [];
  return isObject(first) && typeof first['keyid'] === 'string' ? clip(first['keyid']) : '';
}
