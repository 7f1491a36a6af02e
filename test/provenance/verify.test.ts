// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseBundle, preAuthEncodingV02 } from '../../src/provenance/bundle.ts';
import { parseJson } from '../../src/provenance/json.ts';
import { hintOf } from '../../src/provenance/keys.ts';
import { measure } from '../../src/provenance/manifest.ts';
import { keySigner, signPayload, writeSignature } from '../../src/provenance/sign.ts';
import { rootOf } from '../../src/provenance/tree.ts';
import { statementSignedBy } from '../../src/provenance/verify.ts';
import { files, model, options, pair, pairs, shards, signed, temporary, verified, words, type Plain } from './support.ts';

const first = (statement: Plain): Record<string, unknown> => statement.predicate.resources[0]!;
const setting = (name: string, value: unknown) => (statement: Plain) => void (statement.predicate.serialization[name] = value);
const resource = (name: string, value: unknown) => (statement: Plain) => void (first(statement)[name] = value);
const allow = (statement: Plain): void => void (statement.predicate.serialization['allow_symlinks'] = true);
const small = { 'a.bin': 'weights', 'sub/b.json': '{}', empty: '' };

describe('a round trip', () => {
  for (const [curve, keys] of Object.entries(pairs)) {
    test(`holds with a key on ${curve}, and with no other`, async () => {
      const root = model(small);
      const signature = await signed(root, undefined, {}, keys.privateKey);
      expect(await verified(root, signature, { key: keys.publicKey })).toMatchObject({ verified: true, problems: [], notes: [], files: 3 });
      const other = generateKeyPairSync('ec', { namedCurve: curve });
      expect(words(await verified(root, signature, { key: other.publicKey }))).toContain('key: the signature names another key');
    });
  }

  test('writes the fields of the schema in a fixed order, the hint and no key id', async () => {
    const text = readFileSync(await signed(model({ a: '' })), 'utf8');
    expect(text.replace(/"payload":"[^"]*"/, '"payload":""').replace(/"sig":"[^"]*"/, '"sig":""')).toBe(
      '{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"publicKey":'
      + `{"hint":"${hintOf(pair.publicKey)}"},"tlogEntries":[]},"dsseEnvelope":{"payload":"",`
      + '"payloadType":"application/vnd.in-toto+json","signatures":[{"sig":"","keyid":""}]}}\n');
  });

  test('holds with shards, with blake2b and blake3, and for a single file by either name', async () => {
    const root = model(small);
    expect(words(await verified(root, await signed(root, undefined, { serialization: shards(3) })))).toBe('');
    expect(words(await verified(root, await signed(root, undefined, { serialization: { method: 'files', hash: 'blake2b' } })))).toBe('');
    for (const hash of ['blake2b', 'blake3'] as const) expect(words(await verified(root, await signed(root, undefined, { serialization: { method: 'shards', hash, shardSize: 3 } })))).toBe('');
    const file = join(root, 'a.bin');
    for (const profile of ['spec', 'python-1.1'] as const) {
      for (const serialization of [files, shards(3)]) expect(words(await verified(file, await signed(file, undefined, { profile, serialization })))).toBe('');
    }
  });

  test('replaces an old signature in one step and leaves nothing else behind', async () => {
    const folder = temporary();
    writeSignature(join(folder, 'model.sig'), 'old');
    writeSignature(join(folder, 'model.sig'), 'new');
    expect(readFileSync(join(folder, 'model.sig'), 'utf8')).toBe('new');
    expect(execFileSync('ls', ['-A', folder], { encoding: 'utf8' })).toBe('model.sig\n');
    expect(() => writeSignature(join(folder, 'no/model.sig'), '')).toThrow('cannot be written: ENOENT');
    if (existsSync('/dev/null')) expect(() => writeSignature('/dev/null', '')).toThrow('/dev/null cannot be written: it is there, and not a file');
  });
});

describe('a model that is not what was signed', () => {
  test('is said file by file: changed, missing, extra, link', async () => {
    const root = model({ ...small, gone: 'x', linked: 'y' });
    const signature = await signed(root);
    appendFileSync(join(root, 'a.bin'), '!');
    rmSync(join(root, 'gone'));
    writeFileSync(join(root, 'sub/new.py'), 'import os');
    renameSync(join(root, 'linked'), join(root, 'sub/elsewhere'));
    symlinkSync('sub/elsewhere', join(root, 'linked'));
    const result = await verified(root, signature);
    expect(result.verified).toBe(false);
    expect(result.problems.map(({ kind, name }) => [kind, name])).toEqual([
      ['changed', 'a.bin'], ['missing', 'gone'], ['symlink', 'linked'], ['extra', 'sub/elsewhere'], ['extra', 'sub/new.py'],
    ]);
    expect(result.problems[0]?.detail).toBe('a.bin differs from what was signed');
  });

  test('is said shard by shard: where it differs, and when it grew', async () => {
    const root = model({ a: '0123456789', b: '0123456789' });
    const signature = await signed(root, undefined, { serialization: shards(4) });
    writeFileSync(join(root, 'a'), '012345x7x9');
    appendFileSync(join(root, 'b'), 'x');
    expect(words(await verified(root, signature))).toBe(
      'changed: a differs in bytes 4..8 from what was signed\nchanged: b has 11 bytes, 10 were signed');
  });

  test('may hold unsigned files when asked, which are noted; a listed one is checked all the same', async () => {
    const root = model(small);
    const signature = await signed(root);
    writeFileSync(join(root, 'new.py'), '');
    symlinkSync('new.py', join(root, 'link'));
    const result = await verified(root, signature, { ignoreUnsigned: true });
    expect(result.verified).toBe(true);
    expect(result.notes.map(({ kind, name }) => [kind, name])).toEqual([['unsigned', undefined], ['unsigned', 'link'], ['unsigned', 'new.py']]);
    writeFileSync(join(root, 'a.bin'), 'other');
    expect(words(await verified(root, signature, { ignoreUnsigned: true }))).toBe('changed: a.bin differs from what was signed');
  });

  test('cannot hide a listed file behind an ignored path', async () => {
    const root = model({ 'sub/a': '1', 'sub/b': '2', c: '3' });
    const signature = await signed(root, (statement) => void (statement.predicate.serialization['ignore_paths'] = ['sub']));
    const result = await verified(root, signature, { ignore: ['c'] });
    expect(result).toMatchObject({ verified: true, notes: [{ kind: 'ignored', name: 'sub/' }] });
    writeFileSync(join(root, 'sub/b'), 'other');
    writeFileSync(join(root, 'c'), 'other');
    expect(words(await verified(root, signature, { ignore: ['c'] }))).toBe('changed: c differs from what was signed\nchanged: sub/b differs from what was signed');
    rmSync(join(root, 'sub/a'));
    expect(words(await verified(root, signature, { ignore: ['c'] }))).toContain('missing: sub/a is listed, but is not there');
  });

  test('has its git files checked when they were signed, and noted when they were not', async () => {
    const root = model({ a: '', '.git/hooks/post-checkout': 'x' });
    const all = await signed(root, undefined, { ignoreGit: false });
    const usual = await signed(root);
    writeFileSync(join(root, '.git/hooks/post-checkout'), 'other');
    expect(words(await verified(root, all))).toBe('changed: .git/hooks/post-checkout differs from what was signed');
    // OMS v1.0, 6.2.1: the default exclusions excuse unlisted files whether or not the statement records them.
    const silent = await signed(root, (statement) => void (statement.predicate.serialization['ignore_paths'] = []));
    for (const signature of [usual, silent]) {
      expect(await verified(root, signature)).toMatchObject({ verified: true, notes: [{ kind: 'ignored', name: '.git/' }] });
    }
  });

  test('is not confused with a single file', async () => {
    const root = model({ a: 'x', b: 'y' });
    expect(words(await verified(root, await signed(join(root, 'a'), undefined, { profile: 'python-1.1' })))).toContain('give that file, not its folder');
    expect(words(await verified(join(root, 'a'), await signed(root)))).toBe('missing: b is listed, but a was given');
    expect(words(await verified(join(root, 'b'), await signed(join(root, 'a'))))).toBe('missing: a is listed, but b was given\nextra: b is there, but was not signed');
  });
});

describe('a statement that is properly signed, but bent, is refused by the check named', () => {
  const cases: Record<string, [bend: (statement: Plain) => Plain | void, expected: string]> = {
    'no resources': [(s) => void (s.predicate.resources = []), 'statement: the statement lists no resources'],
    'a name twice': [(s) => void s.predicate.resources.push({ ...first(s), digest: '0'.repeat(64) }), 'statement: a.bin is listed twice'],
    'a name that climbs out': [resource('name', '../a.bin'), "statement: the resource name '../a.bin' leads out of the model"],
    'a name that climbs out from within': [resource('name', 'sub/../../x'), 'leads out of the model'],
    'an absolute name': [resource('name', '/etc/passwd'), "statement: the resource name '/etc/passwd' is an absolute path"],
    'an empty name': [resource('name', ''), "statement: the resource name '' is empty"],
    'a name not in shortest form': [resource('name', './a.bin'), 'is not in its shortest form'],
    'a name with an empty part': [resource('name', 'sub//b'), 'is not in its shortest form'],
    'a name with a zero byte': [resource('name', 'a\0b'), 'contains a zero byte'],
    'a name that is no Unicode': [resource('name', '\ud800'), 'is not valid Unicode'],
    'a dot beside other names': [resource('name', '.'), "the resource name '.'"],
    'a name that is no text': [resource('name', 7), 'the name of resource 0 is not text'],
    'an ignored model': [setting('ignore_paths', ['.']), "statement: the ignored path '.' stands for the whole model"],
    'an empty ignored path': [setting('ignore_paths', ['']), "the ignored path '' is empty"],
    'an ignored path that climbs out': [setting('ignore_paths', ['../x']), "the ignored path '../x' leads out of the model"],
    'an absolute ignored path': [setting('ignore_paths', ['/']), "the ignored path '/' is an absolute path"],
    'an ignored pattern with a question mark': [setting('ignore_paths', ['a?']), "the ignored path 'a?' looks like a pattern"],
    'an ignored pattern with brackets': [setting('ignore_paths', ['[ab]']), "the ignored path '[ab]' looks like a pattern"],
    'an ignored path with an empty part': [setting('ignore_paths', ['a//b']), "the ignored path 'a//b' is not in its shortest form"],
    'an ignored pattern': [setting('ignore_paths', ['*.py']), "the ignored path '*.py' looks like a pattern"],
    'ignored paths that are no list': [setting('ignore_paths', '.git'), 'ignore_paths is not a list'],
    'another algorithm than stated': [resource('algorithm', 'blake2b'), 'statement: the algorithm of a.bin is blake2b, but hash_type is sha256'],
    'an unknown hash': [setting('hash_type', 'md5'), 'statement: hash_type is md5; allowed are'],
    'a hash that is an inherited name': [setting('hash_type', 'toString'), 'statement: hash_type is toString; allowed are'],
    'a short digest': [resource('digest', 'ab'), 'the digest of a.bin is not 64 lower-case hex digits'],
    'an upper-case digest': [(s) => void (first(s)['digest'] = String(first(s)['digest']).toUpperCase()), 'is not 64 lower-case hex digits'],
    'an unknown method': [setting('method', 'tensors'), 'method is tensors; allowed are files and shards'],
    'shards without a size': [setting('method', 'shards'), 'shard_size is missing; allowed is a whole number'],
    'a size without shards': [setting('shard_size', 8), 'shard_size is given, but the method is files'],
    'symbolic links neither allowed nor not': [setting('allow_symlinks', 'no'), 'allow_symlinks is neither true nor false'],
    'an unknown setting': [setting('follow', true), 'serialization has the unknown field follow'],
    'an unknown field of the predicate': [(s) => void (s.predicate['x'] = 1), 'predicate has the unknown field x'],
    'an unknown field of the statement': [(s) => void (s['x'] = 1), 'the statement has the unknown field x'],
    'no serialization': [(s) => void Reflect.deleteProperty(s.predicate, 'serialization'), 'predicate has no serialization'],
    'another type': [(s) => void (s._type = 'https://in-toto.io/Statement/v0.1'), 'statement: _type is https://in-toto.io/Statement/v0.1'],
    'another predicate': [(s) => void (s.predicateType = 'https://slsa.dev/provenance/v1'), 'statement: predicateType is https://slsa.dev/provenance/v1'],
    'a predicate of version 2': [(s) => void (s.predicateType = 'https://model_signing/signature/v2.0'), 'statement: predicateType is'],
    'two subjects': [(s) => void s.subject.push(s.subject[0]!), 'the statement has 2 subjects; allowed is 1'],
    'no subject': [(s) => void (s.subject = []), 'the statement has 0 subjects; allowed is 1'],
    'a subject without sha256': [(s) => void (s.subject[0]!['digest'] = { sha512: '00' }), 'subject.digest has no sha256'],
    'a subject without a name': [(s) => void (s.subject[0]!['name'] = ''), 'subject.name is empty'],
    'another root digest': [(s) => void (s.subject[0]!['digest'] = { sha256: '0'.repeat(64) }), 'root-digest: the root digest of the listed resources is'],
    'another order than the root digest': [(s) => void (s.predicate.resources = s.predicate.resources.toReversed()), 'root-digest: the root digest of the listed resources is'],
    'an old statement signed in the new way': [
      (s) => ({ ...s, predicateType: 'https://model_signing/Digests/v0.1', subject: [{ name: 'a.bin', digest: { sha256: '0'.repeat(64) } }] }),
      'the way of signing and the version of the statement do not belong together'],
  };
  for (const [name, [bend, expected]] of Object.entries(cases)) {
    test(name, async () => {
      const root = model(small);
      const result = await verified(root, await signed(root, bend));
      expect(result.verified).toBe(false);
      expect(words(result)).toContain(expected);
    });
  }

  test('a key that stands twice, however it is written', async () => {
    const root = model(small);
    const twice: [from: string, to: string, key: string][] = [
      ['"hash_type":"sha256"', '"hash_type":"sha256","hash_type":"sha256"', 'hash_type'],
      ['"resources":[', '"\\u0072esources":[],"resources":[', 'resources'],
      ['"name":"a.bin"', '"name":"x\\"\\\\" ,\n"name" : "a.bin"', 'name'],
    ];
    for (const [from, to, key] of twice) {
      const { payload } = parseBundle(readFileSync(await signed(root)));
      const text = payload.toString().replace(from, to);
      expect(text).not.toBe(payload.toString());
      const signature = join(temporary(), 's');
      writeFileSync(signature, await signPayload(Buffer.from(text), keySigner(pair.privateKey)));
      expect(words(await verified(root, signature))).toBe(`statement: the statement has the key ${key} twice in one object: readers take the first or the last`);
      const bundle = readFileSync(signature, 'utf8').replace('"mediaType"', '"mediaType":"x","mediaType"');
      writeFileSync(signature, bundle);
      expect(words(await verified(root, signature))).toContain('bundle: the bundle has the key mediaType twice');
    }
    expect(parseJson(Buffer.from('{"a":[{"b":"a\\"","c":{"a":1}},{"b":"{\\\\"}],"b":"a"}'), { kind: 'bundle', where: 'it' })).toBeTruthy();
  });

  const shardCases: Record<string, [change: (names: string[]) => void, expected: string]> = {
    'a hole': [(names) => void (names[1] = 'f:8:12'), 'the shards of f do not meet: 8..12 is shard 1 of 4 bytes each'],
    'an overlap': [(names) => void (names[1] = 'f:2:6'), 'do not meet'],
    'a shard twice': [(names) => void (names[1] = 'f:0:4'), 'f:0:4 is listed twice'],
    'the first shard missing': [(names) => void (names[0] = 'f:8:12'), 'do not meet'],
    'a shard that is too long': [(names) => void (names[2] = 'f:8:13'), 'do not meet'],
    'a shard that ends before it begins': [(names) => void (names[1] = 'f:8:4'), 'is not PATH:START:END'],
    'numbers with leading zeros': [(names) => void (names[1] = 'f:04:8'), 'is not PATH:START:END'],
    'no numbers': [(names) => void (names[1] = 'f'), 'is not PATH:START:END'],
    'a path that climbs out': [(names) => void (names[0] = '../f:0:4'), 'leads out of the model'],
  };
  for (const [name, [change, expected]] of Object.entries(shardCases)) {
    test(`shards with ${name}`, async () => {
      const root = model({ f: '0123456789' });
      const signature = await signed(root, (statement) => {
        const names = statement.predicate.resources.map((one) => String(one['name']));
        change(names);
        for (const [index, one] of statement.predicate.resources.entries()) one['name'] = names[index];
      }, { serialization: shards(4) });
      expect(words(await verified(root, signature))).toContain(expected);
    });
  }

  test('sizes of shards: a fraction, zero and text are refused, a whole number written as a float is not', async () => {
    const root = model({ f: '0123456789' });
    for (const size of [4.5, 0, -4, '4', 2 ** 53]) {
      const signature = await signed(root, setting('shard_size', size), { serialization: shards(4) });
      expect(words(await verified(root, signature))).toContain(`shard_size is ${JSON.stringify(size)}`);
    }
    const signature = join(temporary(), 's');
    const { payload } = parseBundle(readFileSync(await signed(root, undefined, { serialization: shards(4) })));
    writeFileSync(signature, await signPayload(Buffer.from(payload.toString().replace('"shard_size":4', '"shard_size":4.0')), keySigner(pair.privateKey)));
    expect(words(await verified(root, signature))).toBe('');
  });
});

describe('a statement that is unusual, but sound, holds', () => {
  const holds: Record<string, [bend: (statement: Plain) => Plain | void, note?: string]> = {
    'a later minor version with fields of its own': [(s) => {
      s.predicateType = 'https://model_signing/signature/v1.3';
      s.predicate['lineage'] = {};
    }, 'newer'],
    'links allowed': [(s) => void (s.predicate.serialization['allow_symlinks'] = true), 'symlinks-allowed'],
    'no list of ignored paths': [(s) => void Reflect.deleteProperty(s.predicate.serialization, 'ignore_paths')],
    'more fields in a resource': [(s) => void (s.predicate.resources[0]!['mediaType'] = 'x')],
    'another name of the subject': [(s) => void (s.subject[0]!['name'] = 'renamed')],
  };
  for (const [name, [bend, note]] of Object.entries(holds)) {
    test(name, async () => {
      const root = model(small);
      const result = await verified(root, await signed(root, bend));
      expect(words(result)).toBe('');
      expect(result.notes.map(({ kind }) => kind)).toEqual(note === undefined ? [] : [note]);
    });
  }

  test('shards whose algorithm carries the size, as the Python package writes', async () => {
    const root = model(small);
    expect(words(await verified(root, await signed(root, undefined, { serialization: shards(3), profile: 'python-1.1' })))).toBe('');
    const wrong = await signed(root, (s) => { for (const one of s.predicate.resources) one['algorithm'] = 'sha256-sharded-4'; }, { serialization: shards(3) });
    expect(words(await verified(root, wrong))).toContain('is sha256-sharded-4, but hash_type is sha256');
  });
});

describe('a bundle', () => {
  type Bundle = { [key: string]: unknown; mediaType: string; verificationMaterial: Record<string, unknown>; dsseEnvelope: { payload: string; payloadType: string; signatures: Record<string, unknown>[] } };
  async function bent(bend: (bundle: Bundle) => void): Promise<string> {
    const root = model(small);
    const path = await signed(root);
    const bundle = JSON.parse(readFileSync(path, 'utf8')) as Bundle;
    bend(bundle);
    writeFileSync(path, JSON.stringify(bundle));
    const result = await verified(root, path);
    expect(result.verified).toBe(result.problems.length === 0);
    return words(result);
  }
  const cert = { rawBytes: 'AAAA' };
  const refused: Record<string, [bend: (bundle: Bundle) => void, expected: string]> = {
    'another media type': [(b) => void (b.mediaType = 'application/vnd.dev.sigstore.bundle+json;version=0.2'), 'bundle: mediaType is'],
    'another payload type': [(b) => void (b.dsseEnvelope.payloadType = 'text/plain'), 'bundle: payloadType is text/plain'],
    'no signature': [(b) => void (b.dsseEnvelope.signatures = []), 'bundle: the envelope has 0 signatures; allowed is 1'],
    'two signatures': [(b) => void b.dsseEnvelope.signatures.push(b.dsseEnvelope.signatures[0]!), 'bundle: the envelope has 2 signatures; allowed is 1'],
    'base64 with bits to spare': [(b) => void (b.dsseEnvelope.signatures[0]!['sig'] = 'MB=='), 'bundle: sig is not canonical base64'],
    'base64 with a line break': [(b) => void (b.dsseEnvelope.payload = `${b.dsseEnvelope.payload.slice(0, 4)}\n${b.dsseEnvelope.payload.slice(4)}`), 'payload is not canonical base64'],
    'base64 for URLs': [(b) => void (b.dsseEnvelope.signatures[0]!['sig'] = '-_-_'), 'sig is not canonical base64'],
    'an empty payload': [(b) => void (b.dsseEnvelope.payload = ''), 'payload is empty'],
    'a key and a certificate': [(b) => void (b.verificationMaterial['certificate'] = cert), 'verificationMaterial holds publicKey and certificate; allowed is one'],
    'neither key nor certificate': [(b) => void Reflect.deleteProperty(b.verificationMaterial, 'publicKey'), 'holds no key and no certificate'],
    'a certificate chain': [(b) => void (b.verificationMaterial = { x509CertificateChain: { certificates: [cert] } }), 'material: the signature was made with a certificate, which a key cannot verify'],
    'a keyless certificate': [(b) => void (b.verificationMaterial = { certificate: cert, tlogEntries: [{}] }), 'material: the signature was made keyless'],
    'an unknown field': [(b) => void (b['x'] = 1), 'bundle: the bundle has the unknown field x'],
    'an unknown kind of material': [(b) => void (b.verificationMaterial['x'] = 1), 'verificationMaterial has the unknown field x'],
    'another hint': [(b) => void (b.verificationMaterial['publicKey'] = { hint: '00' }), 'key: the signature names another key: 00'],
    'a changed payload': [(b) => void (b.dsseEnvelope.payload = Buffer.from('{}').toString('base64')), 'signature: the signature does not match'],
    'a signature that is no DER': [(b) => void (b.dsseEnvelope.signatures[0]!['sig'] = Buffer.alloc(64, 1).toString('base64')), 'signature: the signature does not match'],
  };
  for (const [name, [bend, expected]] of Object.entries(refused)) test(`with ${name} is refused`, async () => expect(await bent(bend)).toContain(expected));

  test('may have no log entries, empty timestamps, and a key id of any kind or none', async () => {
    expect(await bent((b) => void Reflect.deleteProperty(b.verificationMaterial, 'tlogEntries'))).toBe('');
    expect(await bent((b) => void (b.verificationMaterial['timestampVerificationData'] = {}))).toBe('');
    for (const keyid of [null, '', 'x']) expect(await bent((b) => void (b.dsseEnvelope.signatures[0]!['keyid'] = keyid))).toBe('');
    expect(await bent((b) => void Reflect.deleteProperty(b.dsseEnvelope.signatures[0]!, 'keyid'))).toBe('');
  });

  test('that is not JSON, not UTF-8, empty, or nested without end is refused', () => {
    for (const text of ['', '{', '[]', 'null', '['.repeat(200_000), '"\xff"']) {
      expect(() => parseBundle(Buffer.from(text, 'latin1')), text.slice(0, 9)).toThrow(/^the bundle is not/);
    }
  });

  test('no byte of it can be changed unseen', async () => {
    const text = readFileSync(await signed(model({ a: 'x' })));
    const { statement } = statementSignedBy(text, pair.publicKey);
    const unseen: string[] = [];
    for (let at = 0; at < text.length; at++) {
      const flipped = Buffer.from(text);
      flipped[at]! ^= 1;
      try {
        expect(statementSignedBy(flipped, pair.publicKey).statement).toEqual(statement);
        unseen.push(String.fromCharCode(text[at]!));
      } catch (error) {
        expect((error as Error).name).toBe('Fault');
      }
    }
    expect(unseen).toEqual([]); // a key id is allowed to be anything, but here it is empty
  });

  test('in the form of model-signing 0.2.0 is encoded as Python prints bytes', () => {
    const prefix = 'DSSEV1 28 application/vnd.in-toto+json';
    expect(preAuthEncodingV02(Buffer.from('{\n"a": \'b\\\'}\t\x00\xff\r', 'latin1')).toString('latin1')).toBe(`${prefix} 16 b'{\\n"a": \\'b\\\\\\'}\\t\\x00\\xff\\r'`);
    expect(preAuthEncodingV02(Buffer.from("it's")).toString()).toBe(`${prefix} 4 b"it's"`);
  });
});

describe('where the signer allowed links', () => {
  test('a link to the signed content holds, inside the model or, with a note, outside', async () => {
    const root = model({ a: 'x', 'sub/b': 'y', c: 'z' });
    const signature = await signed(root, allow);
    const outside = join(model({ kept: 'z' }), 'kept');
    renameSync(join(root, 'c'), join(temporary(), 'c'));
    symlinkSync(outside, join(root, 'c'));
    const result = await verified(root, signature);
    expect(words(result)).toBe('');
    expect(result.notes.map(({ kind, name }) => [kind, name])).toEqual([['symlinks-allowed', undefined], ['symlinks-allowed', 'c']]);
    writeFileSync(outside, 'other');
    expect(words(await verified(root, signature))).toBe('changed: c differs from what was signed');
  });

  test('a link to a folder in the model shows what lies there; links elsewhere, to nothing, or not signed do not hold', async () => {
    const root = model({ a: 'x', 'sub/b': 'y' });
    const signature = await signed(root, allow);
    symlinkSync('a', join(root, 'more'));
    renameSync(join(root, 'sub'), join(root, 'real'));
    symlinkSync('real', join(root, 'sub'));
    symlinkSync('nowhere', join(root, 'void'));
    symlinkSync(temporary(), join(root, 'out'));
    symlinkSync('..', join(root, 'real/up'));
    expect((await verified(root, signature)).problems.map(({ kind, name }) => [kind, name])).toEqual([
      ['extra', 'more'], ['symlink', 'out'], ['extra', 'real/b'], ['symlink', 'real/up'], ['symlink', 'sub/up'], ['symlink', 'void'],
    ]);
    writeFileSync(join(root, 'real/b'), 'z');
    expect(words(await verified(root, signature))).toContain('changed: sub/b differs from what was signed');
  });

  test('signing follows them too when asked, and says so', async () => {
    const outside = join(model({ kept: 'z' }), 'kept');
    const root = model({ a: 'x', 'sub/b': 'y', 'sub/deep/c': 'w' });
    symlinkSync(outside, join(root, 'out'));
    symlinkSync('sub', join(root, 'again'));
    const manifest = await measure(rootOf(root), options(files, { allowSymlinks: true }));
    expect(manifest.resources.map(({ name }) => name)).toEqual(['a', 'again/b', 'again/deep/c', 'out', 'sub/b', 'sub/deep/c']);
    expect(manifest.outside).toEqual(['out']);
    const signature = await signed(root, undefined, { allowSymlinks: true });
    const result = await verified(root, signature);
    expect(words(result)).toBe('');
    expect(result.notes.map(({ kind, name }) => [kind, name])).toEqual([['symlinks-allowed', undefined], ['symlinks-allowed', 'out']]);
    writeFileSync(outside, 'other');
    writeFileSync(join(root, 'sub/deep/c'), 'v');
    expect((await verified(root, signature)).problems.map(({ kind, name }) => [kind, name])).toEqual([['changed', 'again/deep/c'], ['changed', 'out'], ['changed', 'sub/deep/c']]);
    symlinkSync('../..', join(root, 'sub/deep/back'));
    await expect(measure(rootOf(root), options(files, { allowSymlinks: true }))).rejects.toThrow('is a symbolic link back to a folder above it');
  });

  test('a maze of links ends', async () => {
    const root = model({ 'd0/f': 'x' });
    for (let depth = 1; depth < 6; depth++) {
      mkdirSync(join(root, `d${depth}`));
      for (const way of ['l', 'r']) symlinkSync(`../d${depth - 1}`, join(root, `d${depth}`, way));
    }
    const { resources } = await measure(rootOf(root), options(files, { allowSymlinks: true }));
    expect(resources).toHaveLength(1 + 2 + 4 + 8 + 16 + 32);
    for (const way of ['l', 'r']) symlinkSync('../d5', join(root, 'd0', way)); // now in circles
    await expect(measure(rootOf(root), options(files, { allowSymlinks: true }))).rejects.toThrow('back to a folder above it');
  });

  test('an ignored link that is listed is checked like any listed file', async () => {
    const root = model({ a: 'x', b: 'y' });
    const signature = await signed(root, (statement) => {
      allow(statement);
      statement.predicate.serialization['ignore_paths'] = ['b'];
    });
    renameSync(join(root, 'b'), join(root, 'a'));
    symlinkSync('a', join(root, 'b'));
    expect(words(await verified(root, signature))).toBe('changed: a differs from what was signed');
  });
});

test('a folder where a listed file was is not that file', async () => {
  const root = model({ a: 'x', b: 'y' });
  const signature = await signed(root);
  rmSync(join(root, 'a'));
  mkdirSync(join(root, 'a'));
  expect(words(await verified(root, signature))).toBe('missing: a is listed, but is not a file there');
});
