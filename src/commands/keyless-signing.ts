// SPDX-License-Identifier: Apache-2.0
import type { Command } from 'commander';
import { UsageError } from '../model/usage-error.ts';
import { printable } from '../provenance/names.ts';
import { signPayload } from '../provenance/sign.ts';
import type { Signer } from '../provenance/signer.ts';
import { trustedRootOf } from './identity-options.ts';
import { readSmall } from './model-options.ts';
import { wholeNumber } from './options.ts';

/** How to sign without a key of one's own, and have signatures timestamped. As commander gives them. */
export interface KeylessSigningOptions {
  readonly keyless?: boolean;
  readonly fulcioUrl?: string;
  readonly rekorUrl?: string;
  readonly rekorVersion?: string;
  readonly tsaUrl?: string;
  readonly signingConfig?: string;
  readonly trustedRoot?: string;
  readonly identityTokenFile?: string;
  readonly identityAudience?: string;
  readonly serviceTimeout?: string;
}

/** Adds the options of `KeylessSigningOptions`. */
export function addKeylessSigningOptions(command: Command): Command {
  return command
    .option('--keyless', 'in place of --key: have a certificate authority certify your identity, and publish that in a log; this asks services on the network')
    .option('--identity-token-file <FILE>', 'your identity token; else $SIGSTORE_ID_TOKEN, else the one of GitHub Actions or Buildkite')
    .option('--identity-audience <TEXT>', 'whom the identity token is for (default: sigstore)')
    .option('--fulcio-url <URL>', 'certificate authority (default: https://fulcio.sigstore.dev)')
    .option('--rekor-url <URL>', 'transparency log (default: https://rekor.sigstore.dev)')
    .option('--rekor-version <VERSION>', '1, or 2, which needs --tsa-url (default: 1)')
    .option('--tsa-url <URL>', 'timestamp authority (RFC 3161), for signatures of any kind: it is sent a digest of the signature')
    .option('--signing-config <FILE>', 'names these services, as Sigstore writes it')
    .option('--trusted-root <FILE>', 'check what the services answer against it before anything is written')
    .option('--service-timeout <SECONDS>', 'how long to wait for a service, each of three times (default: 30)');
}

const retries = 2;
const onlyKeyless = ['identityTokenFile', 'identityAudience', 'fulcioUrl', 'rekorUrl', 'rekorVersion', 'signingConfig', 'trustedRoot'] as const;

/** A signature that was made, with what to say of it. */
export interface Made {
  readonly text: string;
  readonly describes: string;
  /** More lines for the person. */
  readonly lines: readonly string[];
}

/** Whatever signs payloads: an identity, or a key. All that can be wrong about it is found out now, before models are hashed. */
export async function payloadMaker(options: KeylessSigningOptions & { readonly key?: string; readonly signer?: string; readonly certificate?: string }, keySigner: () => Promise<Signer>): Promise<(payload: Buffer) => Promise<Made>> {
  const keyless = await keylessMaker(options);
  if (keyless !== undefined) return keyless;
  const signer = await keySigner();
  const stamped = await timestamper(options);
  return async (payload) => {
    const text = await signPayload(payload, signer);
    return { text: stamped === undefined ? text : await stamped(text), describes: signer.describes, lines: [] };
  };
}

/** True for a service that failed: nothing was written, which is said, and asking again may help. By its name: its module is loaded only where services are asked. */
export function isServiceError(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ServiceError';
}

/** Whatever signs payloads keyless; undefined when that is not asked for. */
async function keylessMaker(options: KeylessSigningOptions & { readonly key?: string; readonly signer?: string; readonly certificate?: string }): Promise<((payload: Buffer) => Promise<Made>) | undefined> {
  if (options.keyless !== true) {
    const given = onlyKeyless.find((name) => options[name] !== undefined);
    if (given !== undefined) throw new UsageError(`${flag(given)} is given without --keyless`);
    return undefined;
  }
  const other = (['key', 'signer', 'certificate'] as const).find((name) => options[name] !== undefined);
  if (other !== undefined) throw new UsageError(`--keyless and ${flag(other)} are both given; allowed is one`);
  const [{ servicesFrom }, { defaultAudience, tokenSource }] = await Promise.all([import('../provenance/keyless/services.ts'), import('../provenance/keyless/token.ts')]);
  const { signingConfig, identityTokenFile: tokenFile, identityAudience: audience = defaultAudience } = options;
  const services = servicesFrom({ ...options, ...(signingConfig === undefined ? {} : { config: { text: readSmall(signingConfig, '--signing-config'), path: signingConfig } }) });
  const timeout = timeoutFrom(options);
  const root = trustedRootOf(options);
  const token = tokenSource({
    audience, timeout, environment: process.env,
    ...(tokenFile === undefined ? {} : { file: { read: () => readSmall(tokenFile, '--identity-token-file'), path: tokenFile } }),
  });
  return async (payload) => {
    const { signKeyless } = await import('../provenance/keyless/sign.ts');
    const { text, signer, entries } = await signKeyless(payload, { services, token, timeout, retries, ...(root === undefined ? {} : { root }) });
    return {
      text,
      describes: `the identity ${signer.identity}, vouched for by ${signer.issuer}`,
      lines: entries.map(({ log, index }) => `logged for all to see at ${printable(log)}, entry ${printable(index)}`),
    };
  };
}

/** Adds a timestamp to signatures by key or certificate; undefined when none is asked for. */
async function timestamper(options: KeylessSigningOptions): Promise<((bundle: string) => Promise<string>) | undefined> {
  if (options.keyless === true || options.tsaUrl === undefined) return undefined;
  const { serviceUrl } = await import('../provenance/keyless/http.ts');
  const url = serviceUrl(options.tsaUrl, '--tsa-url', (message) => new UsageError(message));
  const timeout = timeoutFrom(options);
  return async (bundle) => {
    const { withTimestamp } = await import('../provenance/keyless/authority.ts');
    return withTimestamp(bundle, { name: 'the timestamp authority', url, timeout, retries, secrets: [] });
  };
}

function timeoutFrom({ serviceTimeout = '30' }: KeylessSigningOptions): number {
  return wholeNumber(serviceTimeout, '--service-timeout', 1, 3600) * 1000;
}

function flag(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
