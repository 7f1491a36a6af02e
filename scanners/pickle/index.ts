// SPDX-License-Identifier: Apache-2.0
import type { ByteSource } from '../../src/bytes/source.ts';
import { readCodes } from '../../src/grammar/pickle/functions.ts';
import { looksLikePickle } from '../../src/grammar/pickle/recognise.ts';
import { isLegacy, walk, type Walked } from '../../src/grammar/pickle/walk.ts';
import type { FactOf } from '../../src/model/fact.ts';
import { scanner } from '../../src/model/scanner.ts';
import { opened } from './nested.ts';

type Said = FactOf<'region' | 'tensor' | 'call' | 'link' | 'anomaly' | 'malformed' | 'gap' | 'code'>;

export default scanner({
  id: 'pickle',
  title: 'Python pickle, protocols 0 to 5: joblib, dill, cloudpickle, torch data.pkl',
  extensions: ['.pkl', '.pickle', '.p', '.joblib', '.dill', '.dat', '.data', '.sav'],
  holds: 'code',
  says: ['region', 'tensor', 'call', 'link', 'anomaly', 'malformed', 'gap', 'code'],

  recognise: ({ head, size, name }) => looksLikePickle(head, size, name),

  async *inspect(source, sample) {
    const sure = looksLikePickle(sample.head, sample.size, sample.name) === 'yes';
    const walked = await walk(source, sure ? 'all' : 'all-if-first');
    // Not `yield*`, which takes several times as long in an asynchronous generator: there may be thousands of small files.
    for (const said of [...parts(walked), ...walked.calls, ...libraries(walked, sample.name === 'data.pkl'), ...(await code(walked, source)), ...odd(walked, source.size)]) yield said;
    for (const nested of walked.libraries.nested) {
      const { begin, end } = nested;
      if (end > source.size) continue;
      const inner = await opened(source, nested);
      if (inner === undefined) yield { kind: 'gap', what: `the ${end - begin} bytes at ${begin}, which a loader is given, were not decoded`, why: 'limit', holds: 'code', at: [begin, end] };
      else yield { kind: 'child', name: `@${begin}`, source: inner, at: [begin, end] };
    }
  },
});

/** Functions and classes by value: what their code looks up. */
async function code(walked: Walked, source: ByteSource): Promise<Said[]> {
  const { codes, moreCodes, aliases } = walked.libraries;
  const out: Said[] = [];
  for (const { facts, at, cut } of await readCodes(codes, aliases, source)) {
    for (const fact of facts) out.push({ ...fact, at: [at, at + 1] });
    if (cut > 0) out.push({ kind: 'gap', what: `${cut} names of the code object at ${at} were not kept`, why: 'limit', holds: 'code' });
  }
  if (moreCodes > 0) out.push({ kind: 'gap', what: `${moreCodes} further code objects were not described`, why: 'limit', holds: 'code' });
  return out;
}

/** Pickles that lie one behind the other share a region, so that a file of many has few. */
function* parts({ streams }: Walked): Generator<Said> {
  let from = 0;
  for (let i = 0; i < streams.length; i += 1) {
    const next = streams[i + 1];
    if (next !== undefined && next.begin === streams[i]!.end) continue;
    const name = i === from ? 'pickle' : `${i + 1 - from} pickles`;
    yield { kind: 'region', name, at: [streams[from]!.begin, streams[i]!.end] };
    from = i + 1;
  }
}

/** Tensors over storages are told by who knows where storages lie: the scanners of torch's archives, and of its old files. */
function* libraries(walked: Walked, archived: boolean): Generator<Said> {
  const { tensors, storages, files } = walked.libraries;
  for (const { name, at } of files) yield { kind: 'link', target: name.slice(0, 256), role: 'external-data', detail: 'joblib array', at: [at, at + 1] };
  const elsewhere = archived || walked.raw.length > 0;
  for (const { name, dtype, shape, at, storage } of tensors) if (storage === undefined || !elsewhere) yield { kind: 'tensor', name: name.slice(0, 256), dtype, shape, at };
  if (walked.raw.length > 0) return; // they lie in this very file
  for (const { key, dtype, elements, at } of storages.values()) {
    yield { kind: 'link', target: `data/${key}`, role: 'external-data', detail: `storage ${dtype} ${elements}`, at: [at, at + 1] };
  }
}

function* odd(walked: Walked, size: number): Generator<Said> {
  const { streams, junk, oddities } = walked;
  for (const { ended } of streams.slice(0, 100)) {
    if (ended.kind !== 'damage') continue;
    const at = Math.min(ended.at, size);
    yield { kind: 'malformed', code: ended.code, what: ended.what, at: [at, at] };
    if (ended.code === 'pickle/expansion') yield { kind: 'gap', what: `the opcodes from byte ${at} on were not run: ${ended.what}`, why: 'limit', holds: 'code' };
  }
  for (const { code, what, at } of oddities) if (code.startsWith('pickle/')) yield { kind: 'malformed', code, what, at: [at, Math.min(at + 1, size)] };
  const broken = new Set(streams.filter(({ ended }) => ended.kind === 'damage').map(({ end }) => end));
  for (const [begin, end] of junk.slice(0, 100)) {
    if (broken.has(begin)) continue; // said already: there reading stopped
    yield { kind: 'malformed', code: 'pickle/trailing', what: `${end - begin} bytes at ${begin} belong to no pickle`, at: [begin, begin] };
  }
  if (junk.length > 100) yield { kind: 'malformed', code: 'pickle/trailing', what: `${junk.length - 100} further parts belong to no pickle` };
  if (streams.length > 1 && !isLegacy(streams)) yield { kind: 'anomaly', measure: 'pickle-streams', value: streams.length };
  if (walked.heaviest > 1e7 && walked.heaviest > 100 * size) {
    yield { kind: 'anomaly', measure: 'pickle-expansion', value: walked.heaviest, detail: `${size} bytes stand for an object of as many elements` };
  }
  if (walked.uncounted > 0) yield { kind: 'anomaly', measure: 'pickle-calls-merged', value: walked.uncounted };
  if (walked.stoppedAt !== undefined) {
    yield { kind: 'gap', what: `further pickles were not looked for from byte ${walked.stoppedAt} on`, why: 'limit', holds: 'code' };
  }
}
