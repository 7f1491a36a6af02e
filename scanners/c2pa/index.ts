// SPDX-License-Identifier: Apache-2.0
import { asBuffer } from '../../src/bytes/as-buffer.ts';
import { clip } from '../../src/bytes/clip.ts';
import type { FactOf } from '../../src/model/fact.ts';
import { scanner, type Sample } from '../../src/model/scanner.ts';

/** Bytes of a file that is read whole: the library takes it in one piece. */
const largest = 64 << 20;
/** Facts of one kind from one file. */
const most = 16;

type Kind = 'jpeg' | 'png' | 'sidecar';

/** Where content credentials or reservations of rights could be: told by a few words in the ends of the file. */
function kindOf({ head, tail, name }: Sample): Kind | undefined {
  if (head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff) return speaks(head) ? 'jpeg' : undefined;
  if (head[0] === 0x89 && head[1] === 0x50 && head[2] === 0x4e && head[3] === 0x47) return speaks(head) || has(tail, 'caBX') ? 'png' : undefined;
  // A JUMBF superbox (ISO/IEC 19566-5): length, 'jumb', then a description box.
  return has(head.subarray(4, 8), 'jumb') && has(head.subarray(8, 64), 'c2pa') && /\.(c2pa|jumbf?)$/i.test(name) ? 'sidecar' : undefined;
}

function has(bytes: Uint8Array, word: string): boolean {
  return asBuffer(bytes).includes(word, 0, 'latin1');
}

function speaks(head: Uint8Array): boolean {
  return has(head, 'c2pa') || has(head, 'caBX') || has(head, 'DataMining') || has(head, 'digitalsourcetype');
}

type Said = FactOf<'claim' | 'malformed' | 'signature'>;

const metadata = (value: string): FactOf<'claim'> => ({ kind: 'claim', field: 'metadata', value: clip(value) });

export default scanner({
  id: 'c2pa',
  title: 'content credentials (C2PA) and reservations of rights in pictures',
  extensions: ['.c2pa'],
  basis: ['jpeg', 'png'],
  holds: 'data',
  says: ['claim', 'malformed', 'signature', 'gap'],
  recognise: (sample) => (kindOf(sample) === undefined ? 'no' : 'maybe'),
  async *inspect(source, sample) {
    const kind = kindOf(sample)!;
    if (kind !== 'sidecar') yield* packets(sample);
    const isSigned = kind === 'sidecar' || has(sample.head, 'jumb') || has(sample.head, 'caBX') || has(sample.tail, 'caBX');
    if (!isSigned) return;
    if (source.size > largest) {
      yield { kind: 'gap', what: `content credentials in a file of ${source.size} bytes, allowed are ${largest}`, why: 'limit', holds: 'data', limit: 'c2pa' };
      return;
    }
    const bytes = new Uint8Array(await source.read(0, source.size));
    for (const fact of await credentials(bytes, kind)) yield fact;
  },
});

/** XMP (IPTC, PLUS): reservation of rights and how the picture was made; and a manifest that is spoken of and not there. */
function* packets({ head }: Sample): Iterable<FactOf<'claim'>> {
  const text = asBuffer(head).toString('latin1');
  const mining = /plus:DataMining(?:>|\s*=\s*"|\s+rdf:resource\s*=\s*")\s*([\w:/.#-]{1,120})/.exec(text)?.[1];
  if (mining !== undefined) yield metadata(`plus:DataMining: ${mining}`);
  const made = /cv\.iptc\.org\/newscodes\/digitalsourcetype\/(\w{1,60})/.exec(text)?.[1];
  if (made !== undefined) yield metadata(`digitalSourceType: ${made}`);
  if (/dcterms:provenance\s*=?/.test(text) && !text.includes('jumb') && !text.includes('caBX')) yield metadata('c2pa-reference: XMP refers to a manifest that is not embedded');
}

interface Loaded {
  readonly asset: typeof import('@trustnxt/c2pa-ts/asset');
  readonly jumbf: typeof import('@trustnxt/c2pa-ts/jumbf');
  readonly manifest: typeof import('@trustnxt/c2pa-ts/manifest');
}

/** The library is optional: without it presence is said, and that nothing was checked. */
async function library(): Promise<Loaded | undefined> {
  try {
    const [asset, jumbf, manifest] = await Promise.all([import('@trustnxt/c2pa-ts/asset'), import('@trustnxt/c2pa-ts/jumbf'), import('@trustnxt/c2pa-ts/manifest')]);
    return { asset, jumbf, manifest };
  } catch {
    return undefined;
  }
}

/** Who signed and whether that is trusted is another question, and one that the clock has a say in: not judged here. */
const ofCredential = /^(signingCredential|timeStamp|claimSignature\.(insideValidity|outsideValidity))/;

async function credentials(bytes: Uint8Array, kind: Kind): Promise<Said[]> {
  const loaded = await library();
  if (loaded === undefined) return [metadata('c2pa: not assessed: the library that reads content credentials is not installed')];
  const out: Said[] = [];
  try {
    const asset = kind === 'sidecar' ? undefined : kind === 'jpeg' ? new loaded.asset.JPEG(bytes) : new loaded.asset.PNG(bytes);
    const jumbf = asset === undefined ? bytes : asset.getManifestJUMBF();
    if (jumbf === undefined) return out;
    const store = loaded.manifest.ManifestStore.read(loaded.jumbf.SuperBox.fromBuffer(new Uint8Array(jumbf)));
    const active = store.getActiveManifest();
    out.push(...assertions(active));
    if (asset === undefined) {
      out.push(metadata('c2pa: not assessed: a manifest beside its asset; the two were not compared'));
      return out;
    }
    const codes = new Map<string, boolean>();
    for (const { code, success } of (await store.validate(asset)).statusEntries) codes.set(code, success !== false);
    // The library leaves the hashes out where the certificate does not please it.
    if (![...codes.keys()].some((code) => /^assertion\.(dataHash|bmffHash|boxesHash)/.test(code))) {
      for (const one of active?.assertions?.assertions ?? []) for (const { code, success } of (await one.validateAgainstAsset(asset)).statusEntries) codes.set(code, success !== false);
    }
    const wrong = [...codes].filter(([code, good]) => !good && !ofCredential.test(code)).map(([code]) => code);
    out.push(metadata(wrong.length === 0 ? `c2pa: valid: ${[...codes.keys()].filter((code) => !ofCredential.test(code)).join(', ')}` : `c2pa: invalid: ${wrong.join(', ')}`));
    for (const code of wrong.slice(0, most)) out.push({ kind: 'malformed', code: `c2pa/${kebab(code)}`, what: `content credentials do not hold: ${clip(code, 120)}` });
  } catch (error) {
    out.push(metadata('c2pa: invalid: unreadable'), { kind: 'malformed', code: 'c2pa/unreadable', what: `content credentials cannot be read: ${clip((error as Error).message, 160)}` });
  }
  return out;
}

/** What the active manifest says: which program made it, how the picture came about, what may be done with it. */
function assertions(active: import('@trustnxt/c2pa-ts/manifest').Manifest | undefined): Said[] {
  const out: Said[] = [];
  const generator = active?.claim?.claimGeneratorName;
  if (typeof generator === 'string' && generator !== '') out.push(metadata(`c2pa-generator: ${generator}`));
  const certificate = active?.signature?.signatureData.certificate as { subject?: unknown; issuer?: unknown } | undefined;
  if (typeof certificate?.subject === 'string') out.push({ kind: 'signature', identity: clip(certificate.subject), issuer: clip(String(certificate.issuer)), verified: false });
  for (const one of (active?.assertions?.assertions ?? []).slice(0, 64)) {
    const { label, actions, entries } = one as { label?: unknown; actions?: readonly { digitalSourceType?: unknown }[]; entries?: Readonly<Record<string, { choice?: unknown }>> };
    const kinds = new Set((Array.isArray(actions) ? actions.slice(0, 256) : []).flatMap(({ digitalSourceType }) => (typeof digitalSourceType === 'string' ? [digitalSourceType.slice(digitalSourceType.lastIndexOf('/') + 1)] : [])));
    for (const made of [...kinds].slice(0, most)) out.push(metadata(`digitalSourceType: ${made}`));
    if (typeof label === 'string' && /^(cawg|c2pa)\.training-mining/.test(label) && typeof entries === 'object') {
      for (const [name, entry] of Object.entries(entries).slice(0, most)) out.push(metadata(`${label.replace(/(training-mining).*$/, '$1')}: ${clip(name, 80)}: ${clip(String(entry?.choice), 40)}`));
    }
  }
  return out;
}

function kebab(code: string): string {
  return code.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-|-$/g, '').slice(0, 60);
}
