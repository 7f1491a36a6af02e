// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { callsIn } from '../../src/grammar/python-source/calls.ts';
import { parsePython } from '../../src/grammar/python-source/parse.ts';

async function targets(text: string): Promise<string[]> {
  const tree = await parsePython(text);
  const { calls } = callsIn(tree);
  tree.delete();
  return calls.map(({ target }) => target);
}

test.for([
  ['import os\nos.system("x")', ['os.system']],
  ['import os.path as p\np.join("x")', ['os.path.join']],
  ['import a.b\na.b.c()', ['a.b.c']],
  ['from os import system as s\ns("x")', ['os.system']],
  ['from . import x\nx()', ['..x']],
  ['f()()', ['?', 'f']],
  ['open("x").read()', ['?.read', 'open']],
  ['# os.system("x")\ns = "os.system(1)"', []],
  ['def f(:\n  pass\ng(1)', ['g']],
] as const)('calls of %j are %j', async ([text, expected]) => expect(await targets(text)).toEqual(expected));

test('arguments are told as far as they are literals', async () => {
  const tree = await parsePython('A = "one"\nB = "x"\nB = "y"\nf(A, B, 1, True, None, -1, g, f"a{b}", k="two", *z, **q)');
  const [call] = callsIn(tree).calls;
  expect(call!.positional.map((one) => one?.text)).toEqual(['one', undefined, '1', 'True', 'None', undefined, undefined, undefined, undefined, undefined]);
  expect([...call!.named].map(([name, value]) => [name, value?.text])).toEqual([['k', 'two']]);
  tree.delete();
});

test('brackets a hundred thousand deep end in bounded time', async () => {
  expect(await targets(`${'['.repeat(100_000)}f()`)).toBeInstanceOf(Array);
});
