// SPDX-License-Identifier: Apache-2.0
import { LimitReached } from '../../src/bytes/errors.ts';
import { isCode, unmarshal } from '../../src/grammar/python-code/marshal.ts';
import { describeCode } from '../../src/grammar/python-code/reach.ts';
import { scanner, type Sample } from '../../src/model/scanner.ts';

/** Where the marshalled code of a .pyc begins: Python up to 3.2, up to 3.6, and since (PEP 552). */
const headers = [16, 12, 8] as const;
const longest = 64 << 20;

/** Compiled Python: a .pyc file, or the marshalled code object that it holds, as it lies in pickles and Keras configurations. */
export default scanner({
  id: 'python-bytecode',
  title: 'Python byte code: .pyc, marshalled code objects',
  extensions: ['.pyc', '.pyo'],
  holds: 'code',
  says: ['region', 'code', 'malformed'],
  recognise: (sample) => (beginOf(sample) === undefined ? 'no' : 'yes'),
  async *inspect(source, sample) {
    const begin = beginOf(sample) ?? 0;
    if (source.size > longest) throw new LimitReached('read', `byte code of ${source.size} bytes, allowed ${longest}`);
    const { codes, end } = unmarshal(await source.read(0, source.size), begin);
    yield { kind: 'region', name: begin === 0 ? 'code object' : 'compiled module', at: [0, end] };
    for (const { facts } of describeCode(codes)) for (const fact of facts) yield { ...fact, at: [begin, end] };
    if (end < source.size) yield { kind: 'malformed', code: 'python-bytecode/trailing', what: `${source.size - end} bytes follow the code object`, at: [end, end] };
  },
});

/** The code object's offset: 0, or behind the header of a .pyc (version number, then carriage return and line feed). */
function beginOf({ head, size }: Sample): number | undefined {
  if (isCode(head, 0, size)) return 0;
  return head[2] === 0x0d && head[3] === 0x0a ? headers.find((at) => isCode(head, at, size)) : undefined;
}
