// SPDX-License-Identifier: Apache-2.0
// Identity tokens: where they come from, and what must be true of one before it is shown to anybody. No message here, nor
// any cause of one, holds a token or a part of it.
import { execFile } from 'node:child_process';
import { UsageError } from '../../model/usage-error.ts';
import { printable } from '../names.ts';
import { ask, refusal, ServiceError, serviceUrl, without } from './http.ts';

/** Whom a token is for, unless a private instance has another name. */
export const defaultAudience = 'sigstore';
/** Characters: tokens of build systems take two thousand. */
const longestToken = 1 << 15;
/** Seconds that clocks may differ. */
const skew = 60;
/** Bytes and milliseconds granted to a build system's own command. */
const commandLimits = { maxBuffer: longestToken * 2, timeout: 30_000 } as const;

/** A token that may be shown to a certificate authority, with what it says. */
export interface IdentityToken {
  readonly token: string;
  /** What proof of possession is made over: the e-mail address, else the subject. */
  readonly subject: string;
  readonly issuer: string;
}

export interface TokenOptions {
  readonly audience: string;
  /** The file that was named, read afresh each time; absent: none was. */
  readonly file?: { readonly read: () => string; readonly path: string };
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Milliseconds for a request to a build system. */
  readonly timeout: number;
}

/**
 * Where a token will come from: the file that was named, `$SIGSTORE_ID_TOKEN`, GitHub Actions, Buildkite. Asked for only
 * when it is needed, since tokens live for minutes and models take long to hash; but one that is there is looked at now.
 * Throws `UsageError`; what is given back throws that or `ServiceError`.
 */
export function tokenSource(options: TokenOptions): () => Promise<IdentityToken> {
  const { file, environment, audience } = options;
  if (file !== undefined) return looked(() => tokenFrom(file.read().trim(), file.path, audience));
  const given = environment['SIGSTORE_ID_TOKEN'];
  if (given !== undefined && given.trim() !== '') return looked(() => tokenFrom(given.trim(), '$SIGSTORE_ID_TOKEN', audience));
  const [address, permit] = [environment['ACTIONS_ID_TOKEN_REQUEST_URL'], environment['ACTIONS_ID_TOKEN_REQUEST_TOKEN']];
  if (address !== undefined && permit !== undefined) return async () => tokenFrom(await fromGitHub(address, permit, options), 'the token of GitHub Actions', audience);
  if (environment['BUILDKITE'] === 'true') return async () => tokenFrom(await fromBuildkite(audience), 'the token of Buildkite', audience);
  throw new UsageError(`no identity token: ${howToGetOne(environment)}`);
}

function looked(read: () => IdentityToken): () => Promise<IdentityToken> {
  read();
  return () => Promise.resolve().then(read);
}

function howToGetOne(environment: TokenOptions['environment']): string {
  if (environment['GITHUB_ACTIONS'] === 'true') return 'the job in GitHub Actions needs `permissions: id-token: write`';
  if (environment['GITLAB_CI'] === 'true') return 'the job in GitLab CI needs `id_tokens: SIGSTORE_ID_TOKEN: aud: sigstore`';
  return 'give one with --identity-token-file or in $SIGSTORE_ID_TOKEN; GitHub Actions, GitLab CI and Buildkite hand them out';
}

async function fromGitHub(address: string, permit: string, { audience, timeout }: TokenOptions): Promise<string> {
  const url = new URL(serviceUrl(address, '$ACTIONS_ID_TOKEN_REQUEST_URL', (message) => new UsageError(message)));
  url.searchParams.set('audience', audience);
  const service = { name: 'GitHub Actions', url: url.href, timeout, retries: 2, secrets: [permit] };
  const answer = await ask(service, { method: 'GET', headers: { accept: 'application/json', authorization: `Bearer ${permit}` } });
  if (answer.status !== 200) throw refusal(service, answer, '');
  try {
    const { value } = JSON.parse(answer.body.toString('utf8')) as { value?: unknown };
    if (typeof value === 'string') return value;
  } catch {
    // said below: the parser's own message would quote the answer
  }
  throw new ServiceError('GitHub Actions answered with something that is no identity token');
}

function fromBuildkite(audience: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('buildkite-agent', ['oidc', 'request-token', '--audience', audience], commandLimits, (error, stdout) => {
      // What the command printed stays out of the message: it may be a token.
      if (error === null) resolve(stdout.trim());
      else reject(new ServiceError(`buildkite-agent oidc request-token failed (${error.killed === true ? 'no answer in 30 seconds' : error.code ?? 'killed'})`));
    });
  });
}

/** Reads a token, which nobody has verified, and refuses what a certificate authority would refuse or should not be shown. */
export function tokenFrom(token: string, from: string, audience: string, now = Date.now() / 1000): IdentityToken {
  const refuse = (what: string): UsageError => new UsageError(without([token], `${from} ${what}`));
  if (token.length > longestToken) throw refuse(`is too long for an identity token (${token.length} characters of ${longestToken} allowed)`);
  if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) throw refuse('is not an identity token; allowed is a JSON Web Token: three parts in base64url, with dots between');
  let claims: Readonly<Record<string, unknown>> | null = null;
  try {
    const read = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString('utf8')) as unknown;
    if (typeof read === 'object' && !Array.isArray(read)) claims = read as Readonly<Record<string, unknown>> | null;
  } catch {
    // said below: the parser's own message would quote the token
  }
  if (claims === null) throw refuse('is not an identity token; its second part is not a JSON object');
  checkTimes(claims, now, refuse);
  const { aud, iss, sub, email } = claims;
  const audiences = Array.isArray(aud) ? aud as readonly unknown[] : aud === undefined ? [audience] : [aud];
  if (!audiences.includes(audience)) throw refuse(`is for ${audiences.map((one) => printable(String(one))).join(', ')}; allowed is one for ${printable(audience)}, and another is not shown to Fulcio`);
  if (typeof iss !== 'string' || iss === '') throw refuse('does not say who issued it');
  if (typeof email === 'string' && email !== '' && claims['email_verified'] !== true && claims['email_verified'] !== 'true') throw refuse('names an e-mail address that its issuer has not verified');
  const subject = typeof email === 'string' && email !== '' ? email : sub;
  if (typeof subject !== 'string' || subject === '') throw refuse('does not say whose it is; allowed are an e-mail address or a subject');
  return { token, subject, issuer: iss };
}

function checkTimes(claims: Readonly<Record<string, unknown>>, now: number, refuse: (what: string) => UsageError): void {
  const { exp, nbf } = claims;
  const shown = (time: number): string => (Math.abs(time) < 8.64e12 ? new Date(time * 1000).toISOString() : String(time));
  if (exp !== undefined && typeof exp !== 'number') throw refuse('has an expiry that is not a number');
  if (typeof exp === 'number' && exp + skew < now) throw refuse(`expired at ${shown(exp)}, before now (${shown(now)})`);
  if (typeof nbf === 'number' && nbf - skew > now) throw refuse(`is valid from ${shown(nbf)}, not yet now (${shown(now)})`);
}
