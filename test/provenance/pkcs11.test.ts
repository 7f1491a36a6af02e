// SPDX-License-Identifier: Apache-2.0
// Against SoftHSM, a token in software that Debian packages; skipped where it is not installed.
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { register as sign } from '../../src/commands/sign.ts';
import { register as verify } from '../../src/commands/verify.ts';
import { publicPem } from '../../src/provenance/keys.ts';
import { pkcs11Signer } from '../../src/provenance/pkcs11/signer.ts';
import { keyUriFrom } from '../../src/provenance/pkcs11/uri.ts';
import { signatureBy } from '../../src/provenance/signer.ts';
import { ran } from '../commands/support.ts';
import { model, pairs, temporary } from './support.ts';

const module = ['/usr/lib/softhsm/libsofthsm2.so', '/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so', '/usr/lib64/pkcs11/libsofthsm2.so', '/opt/homebrew/lib/softhsm/libsofthsm2.so'].find((path) => existsSync(path));
if (module === undefined) console.warn('SoftHSM is not installed (Debian: softhsm2): tests of PKCS#11 tokens are skipped');
const pin = '123456';

/** One token for the file: the module reads its configuration once for each process. */
const token = module === undefined ? undefined : made();

function made(): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'assay-token-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'tokens'));
  const conf = join(folder, 'softhsm2.conf');
  writeFileSync(conf, `directories.tokendir = ${join(folder, 'tokens')}\nobjectstore.backend = file\nlog.level = ERROR\n`);
  process.env['SOFTHSM2_CONF'] = conf; // eslint-disable-line node/no-process-env -- what the module reads
  const util = (...args: string[]): void => void execFileSync('softhsm2-util', args, { stdio: 'pipe', env: { ...process.env, SOFTHSM2_CONF: conf } });
  util('--init-token', '--free', '--label', 'release token', '--pin', pin, '--so-pin', '87654321');
  util('--init-token', '--free', '--label', 'other', '--pin', '999999', '--so-pin', '87654321');
  const keys: Record<string, KeyObject> = { ...Object.fromEntries(Object.entries(pairs).map(([name, { privateKey }]) => [name, privateKey])), rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey };
  for (const [i, [name, key]] of Object.entries(keys).entries()) {
    const file = join(folder, `${i}.pem`);
    writeFileSync(file, key.export({ type: 'pkcs8', format: 'pem' }));
    util('--import', file, '--token', 'release token', '--label', name, '--id', `0${i + 1}`, '--pin', pin);
  }
  writeFileSync(join(folder, 'pin'), `${pin}\n`);
  return (key) => `token=release%20token;${key}?module-path=${module}&pin-source=file:${join(folder, 'pin')}`;
}

describe.skipIf(token === undefined)('a key on a token (SoftHSM)', () => {
  const asked = (): Promise<string> => Promise.resolve(pin);

  test.for(Object.keys(pairs))('signs with %s, and the model verifies', async (name) => {
    const root = model({ a: 'x', 'sub/b': 'y' });
    const { code, out, err } = await ran(sign, 'sign', root, '--signer', `pkcs11:${token!(`object=${name}`)}`);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('on the token release token');
    const open = join(temporary(), 'open.pem');
    writeFileSync(open, publicPem(pairs[name]!.publicKey));
    expect((await ran(verify, 'verify', root, '--key', open)).code).toBe(0);
  });

  test('signs with RSA where that is allowed, and finds a key by its id', async () => {
    const uri = token!(`id=%0${Object.keys(pairs).length + 1}`);
    const data = Buffer.from('statement');
    const signer = await pkcs11Signer(uri, 'extended', (file) => Promise.resolve(file === undefined ? undefined : pin));
    expect(signer.describes).toBe('RSA-2048 on the token release token');
    expect((await signatureBy(signer, data)).length).toBe(256);
    await expect(pkcs11Signer(uri, 'oms', asked)).rejects.toThrow(/of the type rsa/);
  });

  test('says which part of the URI fits nothing, and that a PIN is wrong, without showing it', async () => {
    await expect(pkcs11Signer(token!('object=nobody'), 'oms', asked)).rejects.toThrow('0 private keys on the token release token');
    await expect(pkcs11Signer(`token=none;object=a?module-path=${module}`, 'oms', asked)).rejects.toThrow(/0 tokens of .* \(tokens: .*release token/);
    const wrong = pkcs11Signer(`token=other;object=a?module-path=${module}`, 'oms', () => Promise.resolve('000000'));
    await expect(wrong).rejects.toThrow(/the PIN is wrong/);
    await expect(wrong).rejects.not.toThrow(/000000/);
    await expect(pkcs11Signer(`token=other;object=a?module-path=${module}`, 'oms', () => Promise.resolve(undefined))).rejects.toThrow(/wants a PIN/);
  });
});

test('a file that is no module is a usage error', async () => {
  const path = join(temporary(), 'module.so');
  writeFileSync(path, 'no code');
  await expect(pkcs11Signer(`object=a?module-path=${path}`, 'oms', () => Promise.resolve(undefined))).rejects.toThrow(`${path} cannot be used as a PKCS#11 module`);
});

describe('a PKCS#11 URI', () => {
  test('names token, key, module and PIN file; ids are bytes', () => {
    expect(keyUriFrom('token=My%20token;id=%00%ff;type=private?module-path=/m.so&pin-source=file:///etc/pin')).toEqual({ module: '/m.so', token: 'My token', id: Buffer.of(0, 255), pinFile: '/etc/pin' });
    expect(keyUriFrom('slot-id=7;object=k?module-path=/m.so&pin-source=file:/p')).toMatchObject({ slot: 7n, object: 'k', pinFile: '/p' });
  });

  test.for([
    ['object=a?module-path=/m.so&pin-value=1234', /pin-value would show the PIN/], ['object=a', /module-path is missing/], ['object=a?module-path=m.so', /absolute path/],
    ['token=a?module-path=/m.so', /names no key/], ['object=a;object=b?module-path=/m.so', /object twice/], ['objekt=a?module-path=/m.so', /has objekt=a/],
    ['object=%zz?module-path=/m.so', /no two hex digits/], ['object=a;type=cert?module-path=/m.so', /type is cert/], ['object=a?module-path=/m.so&pin-source=|cmd', /pin-source is no file/],
  ] as const)('%s is refused', ([uri, reason]) => {
    expect(() => keyUriFrom(uri)).toThrow(reason);
    expect(() => keyUriFrom(uri)).not.toThrow(/1234/);
  });
});
