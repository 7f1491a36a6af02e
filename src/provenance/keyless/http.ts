// SPDX-License-Identifier: Apache-2.0
// Requests to the services that keyless signing needs. Not the HTTP client of the Sigstore library: that follows redirects
// with the identity token in the body, takes answers of any length, and puts tokens into its errors.
import { setTimeout as wait } from 'node:timers/promises';
import { printable } from '../names.ts';

/** Bytes of an answer: a certificate, a log entry or a timestamp takes a few thousand. */
const largestAnswer = 1 << 20;

/** A service could not do what it was asked. Nothing was signed; asking again later may help. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
}

/** A service, and how patiently it is asked. */
export interface Service {
  /** For messages: 'Fulcio'. */
  readonly name: string;
  readonly url: string;
  /** Milliseconds until one request is given up. */
  readonly timeout: number;
  /** Requests after the first, for failures that may pass. */
  readonly retries: number;
  /** Texts that must not appear in any message, whoever sends them back. */
  readonly secrets: readonly string[];
}

/** One request. */
export interface Asked {
  readonly method?: 'GET' | 'POST';
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** What came back: any status below 500 that is not a redirect. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

/** A base address, checked: https, or http to this machine, since tokens would travel in the open otherwise. */
export function serviceUrl(text: string, option: string, fail: (message: string) => Error): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw fail(`${option} is ${printable(text)}; allowed is a URL`);
  }
  const local = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && local)) throw fail(`${option} is ${shown(url)}; allowed is https, and http to this machine`);
  if (url.username !== '' || url.password !== '') throw fail(`${option} has a user name or password in it, which is not allowed`);
  if (url.hash !== '') throw fail(`${option} is ${shown(url)} with a fragment, which is not allowed`);
  return text.replace(/\/+$/, '');
}

function shown(url: URL): string {
  return printable(`${url.protocol}//${url.host}${url.pathname}`);
}

/** Asks, again where that may help, and gives the answer. Throws `ServiceError`. */
export async function ask(service: Service, asked: Asked): Promise<Answer> {
  for (let attempt = 0; ; attempt++) {
    const last = attempt >= service.retries;
    try {
      const answer = await once(service, asked);
      if (last || !(answer.status >= 500 || answer.status === 429 || answer.status === 408)) return answer;
    } catch (error) {
      if (!(error instanceof Passing)) throw error;
      if (last) throw new ServiceError(error.message);
    }
    await wait(250 * 2 ** attempt);
  }
}

/** A failure that may pass. */
class Passing extends Error {}

async function once(service: Service, { method = 'POST', path = '', headers = {}, body }: Asked): Promise<Answer> {
  const url = new URL(`${service.url}${path}`);
  const where = `${service.name} (${shown(url)})`;
  const signal = AbortSignal.timeout(service.timeout);
  try {
    const response = await fetch(url, { method, headers, redirect: 'manual', signal, ...(body === undefined ? {} : { body }) });
    if (response.status >= 300 && response.status < 400) {
      await response.body?.cancel();
      throw new ServiceError(`${where} sends elsewhere (${response.status}); redirects are not followed, since what is asked with is secret`);
    }
    return { status: response.status, headers: response.headers, body: await bodyOf(response, where) };
  } catch (error) {
    if (error instanceof ServiceError) throw error;
    if (signal.aborted) throw new Passing(`${where} did not answer within ${service.timeout / 1000} seconds`);
    const cause = (error as Error).cause as NodeJS.ErrnoException | undefined;
    throw new Passing(`${where} cannot be reached (${printable(without(service.secrets, cause?.code ?? cause?.message ?? (error as Error).name))})`);
  }
}

async function bodyOf(response: Response, where: string): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.length;
    // Leaving the loop closes the connection.
    if (size > largestAnswer) throw new ServiceError(`${where} answered with more than ${largestAnswer} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** What to say of an answer that is not the one hoped for, with the service's own words where it has some. */
export function refusal(service: Service, { status, headers, body }: Answer, path: string): ServiceError {
  const where = `${service.name} (${shown(new URL(`${service.url}${path}`))})`;
  let words = '';
  if (/json|text\/plain/.test(headers.get('content-type') ?? 'text/plain')) {
    words = body.subarray(0, 4096).toString('utf8');
    try {
      const { message } = JSON.parse(words) as { message?: unknown };
      if (typeof message === 'string') words = message;
    } catch {
      // plain words, then
    }
  }
  const said = printable(without(service.secrets, words).trim()).slice(0, 256);
  return new ServiceError(`${where} answered ${status}${said === '' ? '' : ` (${said})`}; allowed is 200 or 201`);
}

/** A text without secrets, nor the parts of them between dots, nor the beginnings of those. */
export function without(secrets: readonly string[], text: string): string {
  let clean = text;
  for (const secret of secrets) {
    for (const part of [secret, ...secret.split('.')]) {
      if (part.length < 8) continue;
      clean = clean.replaceAll(part, '[token]');
      // A service may also send back the beginning of one, cut short.
      for (let at = clean.indexOf(part.slice(0, 12)); part.length > 12 && at !== -1; at = clean.indexOf(part.slice(0, 12), at + 1)) {
        const end = /[^A-Za-z0-9_\-.+/=]/.exec(clean.slice(at))?.index ?? clean.length - at;
        clean = `${clean.slice(0, at)}[token]${clean.slice(at + end)}`;
      }
    }
  }
  return clean;
}
