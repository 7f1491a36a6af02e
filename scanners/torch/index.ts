// SPDX-License-Identifier: Apache-2.0
import { asBuffer } from '../../src/bytes/as-buffer.ts';
import { Malformed, Unsupported } from '../../src/bytes/errors.ts';
import type { ByteSource } from '../../src/bytes/source.ts';
import { placed } from '../../src/grammar/pickle/torch.ts';
import { walk as walkPickle } from '../../src/grammar/pickle/walk.ts';
import { capped } from '../../src/grammar/zip/capped.ts';
import { quote } from '../../src/grammar/zip/directory.ts';
import { openMember, type Opened } from '../../src/grammar/zip/open.ts';
import { walk, type Member } from '../../src/grammar/zip/walk.ts';
import type { FactOf } from '../../src/model/fact.ts';
import { scanner } from '../../src/model/scanner.ts';

type Said = FactOf<'claim' | 'tensor' | 'malformed' | 'node' | 'gap'>;

/** Operators of TorchScript that reach outside the model when it is loaded or run. */
const reaching = ['torch.ops.load_library', 'prim::PythonOp', 'from_file', 'torch.save', 'aten::save'] as const;
/** Pickles that PyTorch writes: `torch.save`, TorchScript, TorchScript before 1.4, and its mobile form. */
const pickles: ReadonlySet<string> = new Set(['data.pkl', 'constants.pkl', 'attributes.pkl', 'bytecode.pkl', 'mobile_debug_handles.pkl']);
const textMost = 16 * 1024 * 1024;
/** Bytes of a data.pkl up to which it is read for its tensors: one of 100,000 has 20 MB. */
const pickleMost = 64 * 1024 * 1024;

export default scanner({
  id: 'torch',
  title: 'PyTorch checkpoints and TorchScript archives (zip)',
  extensions: ['.pt', '.pth', '.ckpt', '.bin'],
  basis: ['zip'],
  parts: true,
  holds: 'code',
  says: ['claim', 'tensor', 'malformed', 'node', 'gap'],
  recognise({ name, head, tail }) {
    if (!(head[0] === 0x50 && head[1] === 0x4b)) return 'no';
    const [first, last] = [head, tail].map((bytes) => asBuffer(bytes));
    const has = (name: string): boolean => first!.includes(name) || last!.includes(name);
    // 'maybe' only: a stored archive inside has these names in its bytes too, and names may lie beyond the sample
    return (has('/data.pkl') && (has('/version') || has('/data/') || has('/constants.pkl'))) || /\.(pt|pth|ckpt|bin|pkl|tar)$/i.test(name) ? 'maybe' : 'no';
  },
  async *inspect(source) {
    yield* capped(said(source));
  },
});

async function* said(source: ByteSource): AsyncGenerator<Said> {
  const { members } = await walk(source);
  const pickle = members.find((member) => /^[^/]+\/data\.pkl$/.test(member.name));
  if (pickle === undefined) throw new Malformed('torch/no-data-pickle', 'no member <root>/data.pkl');
  const root = pickle.name.slice(0, -'data.pkl'.length);
  const version = members.find((member) => member.name === `${root}version`);
  if (version === undefined) yield { kind: 'malformed', code: 'torch/no-version', what: `no member ${quote(`${root}version`)}` };
  else yield* claim(source, version);
  for (const member of members) {
    source.budget.tick();
    if (!member.name.startsWith(root)) {
      yield { kind: 'malformed', code: 'torch/outside-root', what: `member ${quote(member.name)} lies outside the root ${quote(root)}`, at: [member.headerAt, member.headerAt] };
    }
    const name = member.name.slice(root.length);
    if (member.name.endsWith('.pkl') && !pickles.has(name)) {
      yield { kind: 'malformed', code: 'torch/extra-pickle', what: `member ${quote(member.name)} is a pickle that PyTorch does not write`, at: [member.headerAt, member.headerAt] };
    }
    if (name.startsWith('code/') && name.endsWith('.py')) yield* code(source, member);
  }
  yield* tensors(source, members, pickle, root);
}

/** The tensors of data.pkl, with their places in the members `data/<key>` that are stored as they are. */
async function* tensors(source: ByteSource, members: readonly Member[], pickle: Member, root: string): AsyncGenerator<Said> {
  if (Math.max(pickle.size, pickle.packedSize) > pickleMost) {
    yield { kind: 'gap', what: `tensors of ${quote(pickle.name)}, which has ${pickle.size} bytes, at most ${pickleMost} are read for them`, why: 'limit', holds: 'weights' };
    return;
  }
  const byName = new Map<string, Member | undefined>();
  for (const member of members) byName.set(member.name, byName.has(member.name) ? undefined : member); // of two, nobody knows which one is read
  const opened = await openOrSkip(source, pickle);
  if (opened === undefined) return;
  try {
    const { libraries } = await walkPickle(opened.source, 'legacy');
    const places = new Map<string, readonly [number, number]>();
    for (const key of libraries.storages.keys()) {
      const member = byName.get(`${root}data/${key}`);
      if (member !== undefined && member.method === 0 && (member.flags & 0x41) === 0) places.set(key, [member.dataBegin, member.dataEnd]);
    }
    const little = !(await isBig(source, byName.get(`${root}byteorder`)));
    for (const said of placed('torch', libraries.tensors, places, little)) yield said;
  } finally {
    opened.close();
  }
}

async function isBig(source: ByteSource, member: Member | undefined): Promise<boolean> {
  if (member === undefined || member.method !== 0 || member.packedSize > 16) return false;
  return Buffer.from(await source.read(member.dataBegin, member.packedSize)).toString('latin1').trim() === 'big';
}

/** Undefined where the zip scanner says why it cannot be opened. */
async function openOrSkip(source: ByteSource, member: Member): Promise<Opened | undefined> {
  try {
    return await openMember(source, member);
  } catch (error) {
    if (error instanceof Unsupported || error instanceof Malformed) return undefined;
    throw error;
  }
}

async function* claim(source: ByteSource, member: Member): AsyncGenerator<Said> {
  if (member.method !== 0 || member.packedSize > 16 || (member.flags & 0x41) !== 0) {
    yield { kind: 'malformed', code: 'torch/version-unreadable', what: `member ${quote(member.name)} is no short stored text`, at: [member.headerAt, member.headerAt] };
    return;
  }
  const value = Buffer.from(await source.read(member.dataBegin, member.packedSize)).toString('latin1').trim();
  yield { kind: 'claim', field: 'format-version', value, at: [member.dataBegin, member.dataEnd] };
}

async function* code(source: ByteSource, member: Member): AsyncGenerator<Said> {
  if (Math.max(member.size, member.packedSize) > textMost) {
    yield { kind: 'gap', what: `code ${quote(member.name)} of ${member.size} bytes, at most ${textMost} are searched`, why: 'limit', holds: 'source' };
    return;
  }
  const opened = await openOrSkip(source, member);
  if (opened === undefined) return;
  try {
    const searched = Math.min(opened.source.size, textMost);
    if (searched < opened.source.size) yield { kind: 'gap', what: `code ${quote(member.name)} searched to byte ${searched} only`, why: 'limit', holds: 'source' };
    const text = Buffer.from(await opened.source.read(0, searched));
    for (const operator of reaching) {
      if (text.includes(operator)) yield { kind: 'node', operator, name: member.name.slice(0, 256), domain: 'torchscript', at: [member.dataBegin, member.dataEnd] };
    }
  } finally {
    opened.close();
  }
}
