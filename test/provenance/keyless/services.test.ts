// SPDX-License-Identifier: Apache-2.0
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { register as sign } from '../../../src/commands/sign.ts';
import { without } from '../../../src/provenance/keyless/http.ts';
import { tokenFrom } from '../../../src/provenance/keyless/token.ts';
import { environment, keyFiles, ran, type Ran } from '../../commands/support.ts';
import { model, temporary } from '../support.ts';
import { issuer, reset, startStack, tokenFor, type Fault, type Stack } from './stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());
beforeEach(() => {
  reset(stack);
  for (const name of ['SIGSTORE_ID_TOKEN', 'GITHUB_ACTIONS', 'GITLAB_CI', 'BUILDKITE']) environment(name, '');
});

interface Attempt extends Ran {
  readonly there: boolean;
  /** All that a person or a log could see of it. */
  readonly seen: string;
}

async function attempt(...flags: string[]): Promise<Attempt> {
  const root = model({ a: 'x' });
  const argv = ['sign', root, '--keyless', '--fulcio-url', stack.url, '--rekor-url', stack.url, '--service-timeout', '1', ...flags];
  let result: Ran;
  try {
    result = await ran(sign, ...argv);
  } catch (error) {
    // eslint-disable-next-line unicorn/no-null -- depth without end
    result = { code: 4, out: '', err: (error as Error).message };
    for (let cause = error as Error | undefined; cause !== undefined; cause = cause.cause as Error | undefined) result = { ...result, err: `${result.err}\n${cause.stack}` };
  }
  return { ...result, there: existsSync(join(root, 'model.sig')), seen: `${result.out}\n${result.err}` };
}

function fileOf(token: string): string {
  const path = join(temporary(), 'token');
  writeFileSync(path, token);
  return path;
}

/** No part of a token may be seen: not its claims, not its signature, not the first half of either. */
function expectUnseen(seen: string, token: string): void {
  for (const part of token.split('.')) expect(seen).not.toContain(part.slice(0, 16));
}

describe('a service that fails', () => {
  const words: Record<Fault, Record<'fulcio' | 'rekor' | 'tsa', RegExp>> = {
    error500: { fulcio: /Fulcio \(http\S+\/api\/v2\/signingCert\) answered 500 \(out of order\); allowed is 200 or 201/, rekor: /Rekor \(http\S+\) answered 500 \(out of order\)/, tsa: /the timestamp authority \(http\S+\) answered 500 \(out of order\)/ },
    hang: { fulcio: /Fulcio \(http\S+\) did not answer within 1 seconds/, rekor: /Rekor \(http\S+\) did not answer within 1 seconds/, tsa: /the timestamp authority \(http\S+\) did not answer within 1 seconds/ },
    garbage: { fulcio: /Fulcio \(http\S+\) answered with no JSON; nothing was written/, rekor: /Rekor \(http\S+\) answered with no JSON/, tsa: /the timestamp authority answered with something else than a timestamp/ },
    wrong: { fulcio: /Fulcio \(http\S+\) answered with no certificate/, rekor: /Rekor \(http\S+\) answered with /, tsa: /something else than a timestamp/ },
    huge: { fulcio: /Fulcio \(http\S+\) answered with more than 1048576 bytes/, rekor: /Rekor \(http\S+\) answered with more than/, tsa: /the timestamp authority \(http\S+\) answered with more than/ },
    redirect: { fulcio: /Fulcio \(http\S+\) sends elsewhere \(307\); redirects are not followed/, rekor: /Rekor \(http\S+\) sends elsewhere/, tsa: /sends elsewhere/ },
    echo: { fulcio: /Fulcio \(http\S+\) answered 400 \(cannot use/, rekor: /Rekor \(http\S+\) answered 400/, tsa: /answered 400/ },
  };
  const cases = (Object.keys(words) as Fault[]).flatMap((fault) => (['fulcio', 'rekor', 'tsa'] as const).map((service) => [service, fault] as const));
  test.for(cases)('%s: %s ends with 2, says so without the token, and writes nothing', { timeout: 20_000 }, async ([service, fault]) => {
    stack.knobs.faults = { [service]: fault };
    const token = tokenFor();
    const { code, err, there, seen } = await attempt('--identity-token-file', fileOf(token), '--tsa-url', stack.url);
    expect({ code, there }).toEqual({ code: 2, there: false });
    expect(err).toMatch(words[fault][service]);
    expectUnseen(seen, token);
    expect(stack.knobs.requests.map(({ path }) => path)).not.toContain('/elsewhere');
  });

  test('is named when nobody listens', async () => {
    const gone = await startStack();
    await gone.close();
    const { code, err } = await attempt('--identity-token-file', fileOf(tokenFor()), '--fulcio-url', gone.url);
    expect(code).toBe(2);
    expect(err).toMatch(/^assay: Fulcio \(http\S+\) cannot be reached \(ECONNREFUSED\)\n$/);
  });

  test('is asked again when that may help', async () => {
    stack.knobs.faults = { fulcio: 'error500' };
    setTimeout(() => void (stack.knobs.faults = {}), 100);
    expect((await attempt('--identity-token-file', fileOf(tokenFor()))).code).toBe(0);
    expect(stack.knobs.requests.filter(({ path }) => path.includes('signingCert')).length).toBeGreaterThan(1);
  });

  test('is named when it timestamps a key signature', async () => {
    stack.knobs.faults = { tsa: 'garbage' };
    const root = model({ a: 'x' });
    expect(await ran(sign, 'sign', root, '--key', keyFiles().secret, '--tsa-url', stack.url)).toMatchObject({ code: 2, err: expect.stringContaining('answered with something else than a timestamp') });
    expect(existsSync(join(root, 'model.sig'))).toBe(false);
  });
});

describe('an identity token', () => {
  const now = Math.floor(Date.now() / 1000);
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  test.for<[string, string, RegExp]>([
    ['expired', tokenFor({ exp: now - 3600 }), /expired at \S+Z, before now \(\S+Z\)$/m],
    ['of tomorrow', tokenFor({ nbf: now + 86_400 }), /is valid from \S+Z, not yet now/],
    ['for another service', tokenFor({ aud: ['https://vault.example.com'] }), /is for https:\/\/vault.example.com; allowed is one for sigstore, and another is not shown to Fulcio/],
    ['with an unverified address', tokenFor({ email: 'a@example.com' }), /names an e-mail address that its issuer has not verified/],
    ['of nobody', tokenFor({ sub: '' }), /does not say whose it is/],
    ['without issuer', tokenFor({ iss: undefined }), /does not say who issued it/],
    ['that is none', 'c2VjcmV0LXRoYXQtbXVzdC1ub3QtYmUtc2Vlbg', /is not an identity token; allowed is a JSON Web Token/],
    ['with claims that are no JSON', `${part({})}.${Buffer.from('{"sub": secret-that-must-not-be-seen').toString('base64url')}.c2lnbmF0dXJlLXRoYXQtaXMtbG9uZw`, /its second part is not a JSON object/],
    ['that is a list', `${part({})}.${part(['secret-that-must-not-be-seen'])}.c2lnbmF0dXJlLXRoYXQtaXMtbG9uZw`, /its second part is not a JSON object/],
    ['that is too long', `${part({})}.${'a'.repeat(40_000)}.b`, /is too long for an identity token \(\d+ characters of 32768 allowed\)/],
  ])('%s is refused before anybody sees it', async ([, token, message]) => {
    for (const way of ['file', 'environment']) {
      if (way === 'environment') environment('SIGSTORE_ID_TOKEN', token);
      const { code, err, seen, there } = await attempt(...(way === 'file' ? ['--identity-token-file', fileOf(token)] : []));
      expect({ code, there, requests: stack.knobs.requests }).toEqual({ code: 4, there: false, requests: [] });
      expect(err).toMatch(message);
      for (const one of token.split('.').filter(({ length }) => length > 16 && length < 30_000)) expect(seen).not.toContain(one.slice(0, 16));
    }
  });

  test('may differ by a minute in its times, and name its audience among others', () => {
    expect(tokenFrom(tokenFor({ exp: now - 30, nbf: now + 30, aud: ['x', 'sigstore'] }), 'it', 'sigstore')).toMatchObject({ issuer });
    expect(tokenFrom(tokenFor({ email: 'a@example.com', email_verified: true }), 'it', 'sigstore').subject).toBe('a@example.com');
    expect(() => tokenFrom(tokenFor(), 'it', 'private')).toThrow('allowed is one for private');
  });

  test('comes from GitHub Actions, asked for with the right audience', async () => {
    environment('ACTIONS_ID_TOKEN_REQUEST_URL', `${stack.url}/token?api-version=2`);
    environment('ACTIONS_ID_TOKEN_REQUEST_TOKEN', 'permit-of-the-job-that-is-secret');
    expect((await attempt()).code).toBe(0);
    expect(stack.knobs.requests[0]).toMatchObject({ path: '/token?api-version=2&audience=sigstore', authorization: 'Bearer permit-of-the-job-that-is-secret' });
    for (const fault of ['echo', 'error500', 'garbage', 'redirect'] as const) {
      stack.knobs.faults = { github: fault };
      const { code, seen } = await attempt();
      expect(code, fault).toBe(2);
      expect(seen).toContain('GitHub Actions');
      expect(seen).not.toContain('permit-of');
    }
  });

  test('comes from the agent of Buildkite', async () => {
    const bin = temporary();
    const agent = join(bin, 'buildkite-agent');
    const put = (text: string): void => {
      writeFileSync(agent, `#!/bin/sh\n${text}\n`);
      chmodSync(agent, 0o755);
    };
    environment('BUILDKITE', 'true');
    const before = process.env['PATH'];
    process.env['PATH'] = `${bin}${delimiter}${before}`;
    try {
      const token = tokenFor();
      put(`[ "$*" = "oidc request-token --audience sigstore" ] && echo ${token}`);
      expect((await attempt()).code).toBe(0);
      put(`echo ${token}; echo ${token} >&2; exit 3`);
      const { code, err, seen } = await attempt();
      expect({ code, err }).toEqual({ code: 2, err: 'assay: buildkite-agent oidc request-token failed (3)\n' });
      expectUnseen(seen, token);
    } finally {
      process.env['PATH'] = before;
    }
  });

  test('is said to be missing, with what the build system wants', async () => {
    expect((await attempt()).err).toContain('no identity token: give one with --identity-token-file or in $SIGSTORE_ID_TOKEN');
    environment('GITLAB_CI', 'true');
    expect((await attempt()).err).toContain('`id_tokens: SIGSTORE_ID_TOKEN: aud: sigstore`');
    environment('GITHUB_ACTIONS', 'true');
    expect((await attempt()).err).toContain('`permissions: id-token: write`');
    expect(stack.knobs.requests).toEqual([]);
  });

  test('goes to the certificate authority and to nobody else, nor into the signature', async () => {
    const token = tokenFor();
    environment('SIGSTORE_ID_TOKEN', token);
    const { code, seen } = await attempt('--tsa-url', stack.url);
    expect(code).toBe(0);
    expectUnseen(seen, token);
    expect(stack.knobs.requests.filter(({ body, authorization }) => `${body}${authorization}`.includes(token)).map(({ path }) => path)).toEqual(['/api/v2/signingCert']);
  });

  test('is taken out of a text whole, in part, or cut short', () => {
    const token = tokenFor();
    const [head, claims, signature] = token.split('.');
    for (const text of [token, `x${token}y`, claims!, signature!, `${head}.${claims}`, claims!.slice(0, 30), `"${token.slice(0, 60)}…"`]) {
      expectUnseen(without([token], `bad token ${text} given`), token);
    }
    expect(without([token], 'nothing to hide')).toBe('nothing to hide');
  });
});

describe('without --keyless', () => {
  test('nothing is asked of anybody', async () => {
    environment('SIGSTORE_ID_TOKEN', tokenFor());
    const { secret } = keyFiles();
    expect((await ran(sign, 'sign', model({ a: 'x' }), '--key', secret)).code).toBe(0);
    for (const flag of ['--fulcio-url', '--rekor-url', '--signing-config', '--identity-token-file', '--trusted-root']) {
      await expect(ran(sign, 'sign', model({ a: 'x' }), '--key', secret, flag, stack.url)).rejects.toThrow(`${flag} is given without --keyless`);
    }
    expect(stack.knobs.requests).toEqual([]);
  });
});

describe('arguments of keyless signing', () => {
  const config = (change: object): string => {
    const path = join(temporary(), 'config.json');
    writeFileSync(path, JSON.stringify({ mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json', ...change }));
    return path;
  };
  const old = { url: 'https://old.invalid', majorApiVersion: 1, validFor: { start: '2019-01-01T00:00:00Z', end: '2020-01-01T00:00:00Z' } };
  const good = { url: 'https://good.invalid', majorApiVersion: 1, validFor: { start: '2019-01-01T00:00:00Z' } };
  test.for<[string[], string]>([
    [['--fulcio-url', 'http://fulcio.example.com/x?y'], '--fulcio-url is http://fulcio.example.com/x; allowed is https, and http to this machine'],
    [['--fulcio-url', 'nonsense'], '--fulcio-url is nonsense; allowed is a URL'],
    [['--rekor-url', 'https://user:secret@rekor.example.com'], '--rekor-url has a user name or password in it'],
    [['--rekor-version', '3'], '--rekor-version is 3; allowed are 1 and 2'],
    [['--rekor-version', '2'], '--rekor-version is 2, but --tsa-url is not given'],
    [['--service-timeout', '0'], '--service-timeout is 0'],
    [['--signing-config', 'x'], '--signing-config x cannot be read'],
    [['--key', 'x'], '--keyless and --key are both given; allowed is one'],
    [['--identity-token-file', 'none'], '--identity-token-file none cannot be read: ENOENT'],
  ])('%s', async ([flags, message]) => {
    expect(await attempt(...flags)).toMatchObject({ code: 4, err: expect.stringContaining(message), there: false });
    expect(stack.knobs.requests).toEqual([]);
  });

  test.for<[string, object, string]>([
    ['another type', { mediaType: 'x' }, 'has the mediaType x; allowed is'],
    ['no authority in use', { caUrls: [old] }, 'names no certificate authority (caUrls) of version 1 that is in use'],
    ['no log', { caUrls: [good], rekorTlogUrls: [old], rekorTlogConfig: { selector: 'ANY' } }, 'names no log'],
    ['logs without time', { caUrls: [good], rekorTlogUrls: [{ ...good, majorApiVersion: 2 }], rekorTlogConfig: { selector: 'ALL' } }, 'names logs of version 2 and no timestamp authority'],
    ['more than there are', { caUrls: [good], rekorTlogUrls: [good], rekorTlogConfig: { selector: 'EXACT', count: 2 } }, 'rekorTlogConfig wants 2 services, 1 are in use'],
    ['an unknown selector', { caUrls: [good], rekorTlogUrls: [good], rekorTlogConfig: { selector: 'SOME' } }, 'the selector of rekorTlogConfig is "SOME"; allowed are ANY, ALL and EXACT'],
    ['an open address', { caUrls: [{ ...good, url: 'http://good.invalid' }] }, 'caUrls[0].url is http://good.invalid/; allowed is https'],
  ])('a signing configuration with %s is refused', async ([, change, message]) => {
    await expect(ran(sign, 'sign', model({ a: 'x' }), '--keyless', '--identity-token-file', fileOf(tokenFor()), '--signing-config', config(change))).rejects.toThrow(message);
  });
});
