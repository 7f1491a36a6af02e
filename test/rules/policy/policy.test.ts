// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { Operand } from '../../../src/model/fact.ts';
import { hitFor, judgeCall, type CallFact, type Speaker } from '../../../src/rules/policy/calls.ts';
import { classify } from '../../../src/rules/policy/classify.ts';
import { allowed } from '../../../src/rules/policy/allow.ts';
import { byWeight, executes, touches, type Effect, type Group } from '../../../src/rules/policy/effects.ts';
import { libraries } from '../../../src/rules/policy/libraries.ts';
import { stdlib } from '../../../src/rules/policy/stdlib.ts';
import { advisories, advisoriesIo, advisoriesPrimitive, ordinary, unnamed } from './names.ts';
import { stdlibModules } from './stdlib-modules.ts';

const text: Operand = { type: 'str', text: 'echo x', length: 6 };
const one: Operand = { type: 'int', text: '1' };
const split = (list: string): (readonly [string, string])[] =>
  list.trim().split(/\s+/).map((line) => [line.split('|')[0] ?? '', line.split('|')[1] ?? '']);
const fact = (module: string, name: string, args: readonly Operand[], via = 'REDUCE'): CallFact =>
  ({ kind: 'call', target: `${module}.${name}`, module, via, args });
const global = (target: string): Operand => ({ type: 'global', target });
const called = (target: string, ...args: Operand[]): Operand => ({ type: 'call', target, args });
const str = (value: string): Operand => ({ type: 'str', text: value, length: value.length });
const dict = (...items: Operand[]): Operand => ({ type: 'dict', items, length: items.length / 2 });
const speaker = (call: CallFact): Speaker | undefined => judgeCall(call).speaker;

test.for(split(advisories))('%s.%s of an advisory runs or loads code', ([module, name]) => {
  expect(executes(judgeCall(fact(module, name, [text])).verdict.effect)).toBe(true);
});

test.for(split(advisoriesIo))('%s.%s of an advisory reaches beyond the process', ([module, name]) => {
  const { effect } = judgeCall(fact(module, name, [text])).verdict;
  expect(executes(effect) || touches(effect)).toBe(true);
});

test.for(split(advisoriesPrimitive))('%s.%s is not silent when it is given a dangerous function', ([module, name]) => {
  expect(speaker(fact(module, name, [global('os.system'), str('system')]))).toBeDefined();
});

test.for(split(unnamed))('%s.%s is found without being listed', ([module, name]) => {
  expect(byWeight(judgeCall(fact(module, name, [text])).verdict.effect, 'unreviewed')).toBeLessThanOrEqual(0);
});

test('most of what is to be inferred is listed nowhere by its own name', () => {
  const listed = new Set([...stdlib, ...libraries].flatMap((group) => [group.trees ?? '', group.names ?? ''].join(' ').split(/\s+/)));
  expect(split(unnamed).filter(([module, name]) => !listed.has(`${module}.${name}`)).length).toBeGreaterThanOrEqual(100);
});

test.for(split(ordinary))('%s.%s of an ordinary model stays silent', ([module, name]) => {
  for (const via of ['REDUCE', 'NEWOBJ', 'import']) {
    const { speaker: says, verdict } = judgeCall(fact(module, name, [one], via));
    expect(says === undefined ? 'inert' : verdict.effect).toBeOneOf(['inert', 'foreign-class']);
  }
});

test('every module of the standard library has an effect', () => {
  for (const module of stdlibModules.split(/\s+/)) expect([module, classify(`${module}.something`).effect]).not.toEqual([module, 'unknown']);
  for (const module of stdlibModules.split(/\s+/)) expect([module, classify(`${module}.something`).entry]).not.toEqual([module, undefined]);
});

test('no path has two effects', () => {
  const seen = new Map<string, string>();
  for (const group of [...stdlib, ...libraries, ...allowed] as readonly Group[]) {
    for (const kind of ['trees', 'names', 'classes'] as const) {
      for (const path of (group[kind] ?? '').split(/\s+/)) {
        if (path === '') continue;
        expect([path, seen.get(`${kind} ${path}`)]).toEqual([path, undefined]);
        seen.set(`${kind} ${path}`, group.effect);
      }
    }
  }
});

test.for<[string, CallFact, Speaker | undefined]>([
  ['partial of a layer', fact('functools', 'partial', [global('torch.nn.Linear')]), undefined],
  ['partial of os.system', fact('functools', 'partial', [global('os.system'), text]), 'pickle-exec-call'],
  ['partial of merged operands', fact('functools', 'partial', [{ type: 'various' }]), 'pickle-indirect-call'],
  ['getattr of an enum', fact('builtins', 'getattr', [global('sklearn.utils.Mode'), str('TRAIN')]), undefined],
  ['getattr of a method', fact('builtins', 'getattr', [global('pytorch_lightning.Trainer'), str('fit')]), undefined],
  ['getattr of a dunder', fact('builtins', 'getattr', [global('builtins.object'), str('__subclasses__')]), 'pickle-indirect-call'],
  ['getattr of an imported module', fact('builtins', 'getattr', [called('builtins.__import__', str('os')), str('system')]), 'pickle-exec-call'],
  ['getattr of a computed name', fact('builtins', 'getattr', [global('a.B'), called('x.y')]), 'pickle-indirect-call'],
  ['itemgetter of a key', fact('operator', 'itemgetter', [one]), undefined],
  ['attrgetter of a field', fact('operator', 'attrgetter', [str('score')]), undefined],
  ['attrgetter through globals', fact('operator', 'attrgetter', [str('forward.__globals__')]), 'pickle-indirect-call'],
  ['methodcaller of a string method', fact('operator', 'methodcaller', [str('lower')]), undefined],
  ['latin-1 bytes of Python 2', fact('_codecs', 'encode', [str('x'), str('latin1')]), undefined],
  ['rot13', fact('_codecs', 'encode', [str('x'), str('rot13')]), 'pickle-indirect-call'],
  ['cloudpickle importing numpy', fact('cloudpickle.cloudpickle', 'subimport', [str('numpy')]), 'pickle-builds-code'],
  ['cloudpickle importing os', fact('cloudpickle.cloudpickle', 'subimport', [str('os')]), 'pickle-exec-call'],
  ['an iterator over a list', fact('builtins', 'iter', [{ type: 'list', items: [one], length: 1 }]), undefined],
  ['map of str', fact('builtins', 'map', [global('builtins.str'), called('builtins.iter')]), undefined],
  ['a module that another one imported', fact('fractions', 'operator', [text]), 'pickle-stdlib-call'],
  ["a class of someone's own test.py", fact('test', 'MyNet', [], 'NEWOBJ'), 'pickle-unknown-call'],
  ['type of a value', fact('builtins', 'type', [{ type: 'none' }]), undefined],
  ['type with a body', fact('builtins', 'type', [str('X'), dict(), dict()]), 'pickle-builds-code'],
  ['a reconstructed class', fact('copyreg', '_reconstructor', [global('mypackage.Net'), global('builtins.object'), { type: 'none' }]), 'pickle-unknown-call'],
  ['a reviewed class, reconstructed', fact('copyreg', '_reconstructor', [global('sklearn.svm._classes.SVC'), global('builtins.object'), { type: 'none' }]), undefined],
  ['a process, reconstructed by its constructor', fact('copyreg', '_reconstructor', [global('argparse.Namespace'), global('subprocess.Popen'), text]), 'pickle-exec-call'],
  ['torch calling a rebuilder', fact('torch._tensor', '_rebuild_from_type_v2', [global('torch._utils._rebuild_tensor_v2'), global('torch.nn.parameter.Parameter'), { type: 'tuple', items: [one], length: 1 }, dict()]), undefined],
  ['torch calling os.system', fact('torch._tensor', '_rebuild_from_type_v2', [global('os.system'), global('mypackage.MyTensor'), { type: 'tuple', items: [text], length: 1 }, dict()]), 'pickle-exec-call'],
  ['torch calling an unlisted function', fact('torch._tensor', '_rebuild_from_type_v2', [global('acme.tools.go'), global('torch.Tensor'), { type: 'tuple', items: [text], length: 1 }, dict()]), 'pickle-unknown-call'],
  ["numpy's constructor of a generator", fact('numpy.random._pickle', '__generator_ctor', [str('PCG64'), global('numpy.random._pickle.__bit_generator_ctor')]), undefined],
  ["numpy's constructor calling os.system", fact('numpy.random._pickle', '__generator_ctor', [text, global('os.system')]), 'pickle-exec-call'],
  ['a ufunc', fact('numpy.core', '_ufunc_reconstruct', [str('numpy'), str('log1p')]), undefined],
  ['os.system as a ufunc', fact('numpy.core', '_ufunc_reconstruct', [str('os'), str('system')]), 'pickle-exec-call'],
  ['os.system as a namedtuple of dill', fact('dill._dill', '_create_namedtuple', [str('system'), dict(), str('os')]), 'pickle-exec-call'],
  ['a class made by type', fact('dill._dill', '_create_type', [called('dill._dill._load_type', str('type')), str('X'), dict(), dict()]), undefined],
  ['os.system in place of type', fact('dill._dill', '_create_type', [global('os.system'), text]), 'pickle-exec-call'],
  ['a matcher of texts', fact('difflib', 'SequenceMatcher', [{ type: 'none' }, str('a'), str('b')]), undefined],
  ['a matcher that asks os.system', fact('difflib', 'SequenceMatcher', [global('os.system'), str(''), { type: 'list', items: [text], length: 1 }]), 'pickle-exec-call'],
  ['a matcher that asks an unlisted function', fact('difflib', 'SequenceMatcher', [global('acme.tools.go'), str(''), { type: 'list', items: [text], length: 1 }]), 'pickle-unknown-call'],
  ['a method that methodcaller names', { kind: 'call', target: 'operator.methodcaller()', via: 'REDUCE', args: [called('pandas.core.frame.DataFrame')], callee: called('operator.methodcaller', str('query'), str('@x')) }, 'pickle-exec-call'],
  ['a method of a path', fact('builtins', 'getattr', [called('pathlib.PosixPath', str('x')), str('touch')]), 'pickle-io-call'],
  ['a module taken from those loaded', fact('operator', 'getitem', [global('sys.modules'), str('os')]), 'pickle-exec-call'],
  ['a class of a listed package as a value', fact('joblib.memory', 'Memory', [], 'import'), undefined],
  ['a process as a value', fact('subprocess', 'Popen', [], 'import'), 'pickle-import-only'],
  ['print as a value', fact('builtins', 'print', [], 'import'), undefined],
  ['print called', fact('builtins', 'print', [text]), 'pickle-io-call'],
  ['a generic alias', fact('operator', 'getitem', [global('typing.List'), global('builtins.int')]), undefined],
  ['an item of the builtins', fact('operator', 'getitem', [global('builtins.__dict__'), str('eval')]), 'pickle-exec-call'],
  ['a constructor with keywords', fact('builtins', 'getattr', [global('mypackage.Net'), str('__new__')]), 'pickle-unknown-call'],
  ["a method of str in dill's words", fact('dill._dill', '_getattr', [called('dill._dill._load_type', str('str')), str('split'), str("<method 'split' of 'str' objects>")]), undefined],
  ["code in place of dill's words", fact('dill._dill', '_getattr', [called('dill._dill._load_type', str('str')), str('split'), str("'x'[0] or '__import__(1)'")]), 'pickle-exec-call'],
  ['a name given to a class', fact('builtins', 'setattr', [called('dill._dill._create_type'), str('__qualname__'), str('Net')]), undefined],
  ['a method given to a class', fact('builtins', 'setattr', [called('dill._dill._create_type'), str('__call__'), global('os.system')]), 'pickle-indirect-call'],
  ['shared state set by cloudpickle', fact('cloudpickle.cloudpickle', '_class_setstate', [global('json.decoder.JSONDecoder'), dict()]), 'pickle-indirect-call'],
  ['map over a dangerous function', fact('builtins', 'map', [global('os.system'), dict()]), 'pickle-exec-call'],
  ['a nested class', fact('mypackage.nets', 'Net.Config', [], 'NEWOBJ'), 'pickle-unknown-call'],
  ['a module behind a module', fact('random', '_os.system', [text]), 'pickle-dotted-name'],
  ['torch behind torch', fact('torch.library', 'torch.utils.collect_env.run', [text]), 'pickle-dotted-name'],
  ['globals of a function', fact('collections', 'namedtuple.__globals__', [], 'import'), 'pickle-dotted-name'],
  ['an alias of os', fact('posix', 'system', [text]), 'pickle-exec-call'],
  ['an unlisted function with text', fact('acme.tools', 'go', [text]), 'pickle-unknown-call'],
  ['torch storage', fact('torch', 'persistent', [{ type: 'tuple', length: 5, items: [str('storage'), global('torch.FloatStorage'), str('0'), str('cpu'), one] }], 'PERSID'), undefined],
  ['state of an instance', fact('mypackage', 'Net', [called('mypackage.Net'), dict(str('weight'), one)], 'BUILD'), undefined],
  ['a planted method', fact('mypackage', 'Net', [called('mypackage.Net'), dict(str('__setstate__'), global('collections.OrderedDict'))], 'BUILD'), 'pickle-build-setstate'],
  ['a planted command', fact('mypackage', 'Net', [called('mypackage.Net'), dict(str('hook'), global('os.system'))], 'BUILD'), 'pickle-build-setstate'],
  ['a class that unpickles its state', fact('gymnasium.vector.utils.misc', 'CloudpickleWrapper', [called('gymnasium.vector.utils.misc.CloudpickleWrapper'), { type: 'bytes', text: 'x', length: 1 }], 'BUILD'), 'pickle-nested'],
  ['a function that is re-bound', fact('json.decoder', 'JSONDecoder', [global('json.decoder.JSONDecoder'), dict(str('x'), one)], 'BUILD'), 'pickle-build-rebind'],
  ['the environment being filled', fact('os', 'environ', [global('os.environ'), dict(str('LD_PRELOAD'), str('x'))], 'SETITEMS'), 'pickle-build-rebind'],
])('%s', ([, call, expected]) => {
  expect(speaker(call)).toBe(expected);
});

test.for<[string, Operand, string]>([
  ['resolve_name', called('pkgutil.resolve_name', str('os:system')), 'starts-process'],
  ['partial of os.system', called('functools.partial', global('os.system')), 'starts-process'],
  ['a function from the file', called('cloudpickle.cloudpickle._make_function', { type: 'none' }), 'runs-code'],
  ["cloudpickle's CodeType", called('cloudpickle.cloudpickle._builtin_type', str('CodeType')), 'builds-code'],
  ['a classmethod of an ordinary class', called('builtins.getattr', global('pandas.core.frame.DataFrame'), str('from_records')), 'foreign-class'],
])('calling the result of %s is judged by what that is', ([, callee, effect]) => {
  expect(judgeCall({ kind: 'call', target: `${callee.type === 'call' ? callee.target : ''}()`, via: 'REDUCE', args: [one], callee }).verdict.effect).toBe(effect);
});

test('numbers that were counted together do not make an unlisted function suspect', () => {
  expect(judgeCall(fact('acme.geometry', 'point', [{ type: 'various' }])).verdict.effect).toBe('unknown');
});

test.for<[string, readonly Operand[], Effect]>([
  ['nothing', [], 'foreign-class'],
  ['numbers and a class', [one, global('numpy.ndarray')], 'foreign-class'],
  ['a word', [str('steps')], 'foreign-class'],
  ['a path', [str('/tmp/x')], 'unknown'],
  ['a URL', [str('https://localhost/x')], 'unknown'],
  ['a command', [text], 'suspect'],
  ['Python code', [dict(str('f'), str("__import__('os')"))], 'suspect'],
  ['a pickle', [{ type: 'bytes', text: '\x80\x04N.', length: 4 }], 'suspect'],
])('an unknown class that is called with %s is judged by that; one that is rebuilt is ordinary', ([, args, effect]) => {
  for (const via of ['REDUCE', 'OBJ', 'INST']) expect(judgeCall(fact('mypackage.x', 'Net', args, via)).verdict.effect).toBe(effect);
  for (const via of ['NEWOBJ', 'NEWOBJ_EX']) expect(judgeCall(fact('mypackage.x', 'Net', args, via)).verdict.effect).toBe('foreign-class');
});

test('the message names what is finally called, in the notation of Python', () => {
  const callee = called('builtins.getattr', called('builtins.__import__', str('os')), str('system'));
  const call: CallFact = { kind: 'call', target: 'builtins.getattr()', via: 'REDUCE', args: [text], callee };
  expect(hitFor(judgeCall(call), 'calls').message)
    .toBe("loading calls builtins.getattr(builtins.__import__('os'), 'system')('echo x') (reaches os.system): it starts a program or a shell");
});

test('text of the file cannot rewrite the terminal', () => {
  expect(hitFor(judgeCall(fact('os', 'system', [str('\u001b[2J\u202eevil')])), 'calls').message)
    .toBe("loading calls os.system('\ufffd[2J\ufffdevil'): it starts a program or a shell");
});

test.for<Operand>([
  { type: 'unknown' },
  Array.from({ length: 400 }).reduce<Operand>((inner) => ({ type: 'tuple', items: [inner], length: 1 }), { type: 'none' }),
  Array.from({ length: 400 }).reduce<Operand>((inner) => called('functools.partial', inner), global('os.system')),
  global('.'.repeat(255)),
  str('__proto__'),
])('odd operands are judged without an error', (operand) => {
  for (const name of ['partial', 'reduce', '__proto__', 'constructor']) {
    for (const via of ['REDUCE', 'BUILD', 'PERSID', 'SETITEMS', 'NEWOBJ', 'import', 'EXT']) expect(judgeCall(fact('functools', name, [operand, operand], via)).fact.via).toBe(via);
  }
});
