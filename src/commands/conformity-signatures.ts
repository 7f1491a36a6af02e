// SPDX-License-Identifier: Apache-2.0
// Signatures that conformity looks at: of the whole root, of single files in it, and of a declaration.
import { X509Certificate, type KeyObject } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Asset } from '../conformity/asset.ts';
import type { SignatureFile } from '../conformity/basis.ts';
import { readBundle, type Bundle } from '../provenance/bundle.ts';
import { rootsFrom } from '../provenance/certificates.ts';
import { Fault } from '../provenance/json.ts';
import { hintOf } from '../provenance/keys.ts';
import { verifyBlob } from '../provenance/keyless/blob.ts';
import type { Established } from '../provenance/keyless/witness.ts';
import { parseStatement } from '../provenance/statement.ts';
import { rootOf } from '../provenance/tree.ts';
import type { VerifyOptions } from '../provenance/verification.ts';
import { verify } from '../provenance/verify.ts';
import { keylessFrom, type IdentityOptions } from './identity-options.ts';
import { readSmall } from './model-options.ts';

/** A key, certificate authorities, or an identity: each is enough to believe a signature. */
export type Trusted = VerifyOptions['key'];

/** Whom the options of a command name beside keys. Throws `UsageError`. */
export function trustedFrom(keys: readonly KeyObject[], options: IdentityOptions & { readonly certificateChain?: readonly string[] }): Trusted[] {
  const keyless = keylessFrom(options);
  const chain = (options.certificateChain ?? []).flatMap((path) => rootsFrom(readSmall(path, '--certificate-chain'), path));
  return [...keys, ...(chain.length === 0 ? [] : [chain]), ...(keyless === undefined ? [] : [keyless])];
}

interface Asked {
  readonly root: string;
  readonly assets: readonly Asset[];
  readonly trusted: readonly Trusted[];
  /** Names under the root that are no part of what is signed. */
  readonly ignore: readonly string[];
  /** When certificates have to be valid. */
  readonly at: Date;
}

type Checked = Omit<SignatureFile, 'path' | 'sha256'>;
const nobody = 'nobody was named as trusted (--key, --certificate-chain, or --identity with --issuer and --trusted-root)';
const signatureName = /\.(sig|sigstore|asc|intoto\.jsonl)$|\.sigstore\.json$/i;

/** Signatures under the root: `model.sig` over the whole, NAME.sig and NAME.sigstore(.json) over NAME; other forms are listed as not checked. */
export async function signaturesOf(root: string | undefined, asked: Omit<Asked, 'root'>): Promise<SignatureFile[]> {
  if (root === undefined || !statSync(root).isDirectory()) return [];
  const out: SignatureFile[] = [];
  const there = new Map(asked.assets.map((asset) => [asset.path, asset]));
  for (const { path, name, sha256 } of asked.assets) {
    if (!signatureName.test(name) || /^conformity\.ya?ml\.sig$/.test(path)) continue;
    const digest = sha256 === undefined ? {} : { sha256 };
    const of = there.get(path.replace(/\.(sig|sigstore|sigstore\.json)$/i, ''));
    if (path === 'model.sig') out.push({ path, ...digest, ...await manifestSignature({ root, ...asked }) });
    else if (of === undefined || of.path === path) out.push({ path, ...digest, state: 'unchecked', signer: 'unknown', problems: ['of a form that is not verified here, or the file that it is for is not beside it'], files: new Map(), outside: [] });
    else out.push({ path, ...digest, of: of.path, ...await fileSignature({ root, ...asked }, path, of) });
  }
  return out;
}

async function manifestSignature(asked: Asked): Promise<Checked> {
  const { root, assets, trusted, ignore, at } = asked;
  const signature = join(root, 'model.sig');
  let files = new Map<string, string>();
  let claimed = 'unknown';
  try {
    const bundle = readBundle(signature);
    claimed = claimedBy(bundle);
    const statement = parseStatement(bundle.payload);
    files = new Map([...statement.files].flatMap(([name, [piece, ...more]]) => (piece !== undefined && more.length === 0 && piece.end === undefined && statement.serialization.hash === 'sha256' ? [[name, piece.digest] as const] : [])));
    const outside = assets.map(({ path }) => path).filter((path) => path !== 'model.sig' && !statement.files.has(path) && !ignore.includes(path) && !/^(\.git|\.github)(\/|$)|^\.git(attributes|ignore)$/.test(path));
    if (trusted.length === 0) return { state: 'unchecked', signer: claimed, problems: [nobody], files, outside };
    const problems: string[] = [];
    for (const key of trusted) {
      const result = await verify(rootOf(root), { key, signature, signatureName: 'model.sig', ignore, ignoreUnsigned: true, ...(isChain(key) ? { at } : {}) });
      if (result.verified) return { state: 'verified', signer: signerOf(key, bundle, result.established), problems: [], files, outside };
      problems.push(...result.problems.map(({ detail }) => detail));
    }
    return { state: 'refused', signer: claimed, problems, files: new Map(), outside };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { state: 'refused', signer: claimed, problems: [error.message], files: new Map(), outside: [] };
  }
}

/** A model signature over one file, or any Sigstore bundle. Whatever it says, it speaks for that file only. */
async function fileSignature({ root, assets, trusted, at }: Asked, path: string, of: Asset): Promise<Checked> {
  const outside = assets.map((asset) => asset.path).filter((one) => one !== of.path && one !== path);
  const files = of.sha256 === undefined ? new Map<string, string>() : new Map([[of.path, of.sha256]]);
  if (trusted.length === 0) return { state: 'unchecked', signer: 'unknown', problems: [nobody], files: new Map(), outside };
  const [signature, artefact] = [join(root, path), join(root, of.path)];
  const model = modelBundle(signature);
  const problems: string[] = [];
  for (const key of trusted) {
    if (model !== undefined) {
      const result = await verify(rootOf(artefact), { key, signature, ...(isChain(key) ? { at } : {}) });
      if (result.verified) return { state: 'verified', signer: signerOf(key, model, result.established), problems: [], files, outside };
      problems.push(...result.problems.map(({ detail }) => detail));
    } else if (isChain(key)) problems.push(`${path} is a Sigstore bundle, which certificates given by --certificate-chain cannot verify`);
    else {
      const result = await verifyBlob({ path: artefact }, signature, 'policy' in key ? key : { key });
      if (result.verified) return { state: 'verified', signer: signerOf(key, undefined, result.established), problems: [], files, outside };
      problems.push(...result.problems.map(({ detail }) => detail));
    }
  }
  return { state: 'refused', signer: 'unknown', problems, files: new Map(), outside };
}

/** The bundle when it is a model signature; undefined when it is another kind of bundle, or none. */
function modelBundle(signature: string): Bundle | undefined {
  try {
    const bundle = readBundle(signature);
    parseStatement(bundle.payload);
    return bundle;
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

function isChain(key: Trusted): key is readonly X509Certificate[] {
  return Array.isArray(key);
}

/** What a bundle says of its signer before anything was checked. */
function claimedBy({ material }: Bundle): string {
  return material.method === 'key' ? material.hint ?? 'a key without a hint' : material.method;
}

/** Who is proven to have signed: the key's hint, the subject of the certificate, or the identity. */
function signerOf(key: Trusted, bundle: Bundle | undefined, established: Established | undefined): string {
  if (established?.signer !== undefined) return established.signer.identity;
  if (isChain(key)) {
    const leaf = bundle?.material.method === 'certificate' ? bundle.material.chain[0] : undefined;
    return leaf === undefined ? 'a certificate' : new X509Certificate(leaf).subject.replaceAll('\n', ', ');
  }
  return 'policy' in key ? 'a certified identity' : hintOf(key);
}

/** The signature of a declaration, FILE.sig, checked as one of a single file. */
export async function declarationSignature(path: string, trusted: readonly Trusted[]): Promise<{ state: 'verified' | 'refused' | 'unchecked' | 'unsigned'; detail: string }> {
  const signature = `${path}.sig`;
  if (!existsSync(signature)) {
    return trusted.length > 0 ? { state: 'refused', detail: `a key was given, and ${basename(path)} has no signature ${basename(signature)}` } : { state: 'unsigned', detail: 'not signed (assay sign FILE --key KEY)' };
  }
  if (trusted.length === 0) return { state: 'unchecked', detail: `${basename(signature)} was not checked: no key was given (--declaration-key)` };
  const problems: string[] = [];
  for (const key of trusted) {
    const result = await verify(rootOf(path), { key, signature });
    if (result.verified) return { state: 'verified', detail: `signed ${'export' in key ? `with the key ${hintOf(key).slice(0, 16)}…` : `by ${result.established?.signer?.identity ?? 'a certificate'}`}` };
    problems.push(...result.problems.map(({ detail }) => detail));
  }
  return { state: 'refused', detail: `${basename(signature)} does not verify: ${problems.slice(0, 3).join('; ')}` };
}
