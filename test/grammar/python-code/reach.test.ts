// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { Malformed } from '../../../src/bytes/errors.ts';
import { isCode, unmarshal } from '../../../src/grammar/python-code/marshal.ts';
import { describeCode } from '../../../src/grammar/python-code/reach.ts';
import { code311, none, text } from '../../../fixtures/support/marshal.ts';

const source = `
import os, sys as s
from subprocess import Popen as P
def f(x, y=2):
    import urllib.request as u, json
    def g(z):
        return os.system(z) + x
    with open('/etc/passwd') as h: t=h.read()
    P(['id'], shell=True)
    return u.urlopen('http://x/'+y).read(), json.loads(t), s.argv.copy()
class A:
    def exec(self):
        self.eval = 1
        del self.popen
        return self.open.eval
`;

/** Marshalled by an interpreter, where there is one; nothing of it is run. */
function compiled(python: string): Buffer | undefined {
  try {
    return execFileSync(python, ['-c', `import marshal,sys; getattr(sys.stdout,'buffer',sys.stdout).write(marshal.dumps(compile(${JSON.stringify(source)},'mod.py','exec')))`], { stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return undefined;
  }
}

test.for(['python2.7', 'python3.6', 'python3.8', 'python3.9', 'python3.10', 'python3.11', 'python3.12', 'python3.13', 'python3.14', 'python3'])('code that %s compiles names what it reaches', (python, { skip }) => {
  const bytes = compiled(python);
  if (bytes === undefined || bytes.length === 0) {
    skip();
    return;
  }
  const { codes, end } = unmarshal(bytes);
  expect(end).toBe(bytes.length);
  expect(isCode(bytes, 0, bytes.length)).toBe(true);
  const facts = describeCode(codes).flatMap((one) => one.facts);
  const of = (name: string) => facts.find((fact) => fact.name === name || fact.name.endsWith(`.${name}`));
  expect(of('g')?.references).toContain('os.system');
  expect(of('f')?.imports).toEqual(['urllib.request', 'json']);
  for (const name of ['open', 'subprocess.Popen', 'urllib.request.urlopen', 'json.loads', 'sys.argv.copy']) expect(of('f')?.references).toContain(name);
  expect(of('f')?.texts).toContain('/etc/passwd');
  expect(of('exec')?.references).toEqual([expect.stringMatching(/\.open\.eval$/)]); // attributes are no builtins
  expect(of('<module>')?.imports).toEqual(['os', 'sys', 'subprocess']);
});

test('every cut of a code object is damage, and never more', () => {
  const bytes = code311({ name: 'f', names: ['os', 'system'], constants: [none, text('echo x')], code: [151, 0, 83, 0] });
  for (let end = 0; end < bytes.length; end += 1) expect(() => unmarshal(bytes.subarray(0, end))).toThrow(Malformed);
  expect(unmarshal(bytes).codes).toHaveLength(1);
});

test('a tuple of tuples of references takes no longer than its bytes', () => {
  // Each level refers twice to the one before: 2^60 values for whoever walks it.
  const levels = Array.from({ length: 60 }, (_, index) => Buffer.from([0xa9, 2, 0x72, index, 0, 0, 0, 0x72, index, 0, 0, 0]));
  const bomb = Buffer.concat([Buffer.from([0x29, 61, 0xa9, 0]), ...levels]);
  expect(unmarshal(bomb).codes).toEqual([]);
});
