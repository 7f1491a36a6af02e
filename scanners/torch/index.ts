// SPDX-License-Identifier: Apache-2.0
import { Malformed, Unsupported } from '../../src/bytes/errors.ts';
import type { ByteSource } from '../../src/bytes/source.ts';
import { capped } from '../../src/grammar/zip/capped.ts';
import { quote } from '../../src/grammar/zip/directory.ts';
import { openMember } from '../../src/grammar/zip/open.ts';
import { walk, type Member } from '../../src/grammar/zip/walk.ts';
import type { FactOf } from '../../src/model/fact.ts';
import { scanner } from '../../src/model/scanner.ts';

type Said = FactOf<'claim' | 'malformed' | 'node' | 'gap'>;

/** Operators of TorchScript that reach outside the model when it is loaded or run. */
const reaching = ['torch.ops.load_library', 'prim::PythonOp', 'from_file', 'torch.save', 'aten::save'] as const;
/** Pickles that PyTorch writes: `torch.save`, TorchScript, TorchScript before 1.4, and its mobile form. */
const pickles: ReadonlySet<string> = new Set(['data.pkl', 'constants.pkl', 'attributes.pkl', 'bytecode.pkl', 'mobile_debug_handles.pkl']);
const textMost = 16 * 1024 * 1024;

export default scanner({
  id: 'torch',
  title: 'PyTorch checkpoints and TorchScript archives (zip)',
  extensions: ['.pt', '.pth', '.ckpt', '.bin'],
  basis: ['zip'],
  holds: 'code',
  says: ['claim', 'malformed', 'node', 'gap'],
  recognise({ name, head, tail }) {
    if (!(head[0] === 0x50 && head[1] === 0x4b)) return 'no';
    const [first, last] = [head, tail].map((bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
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
  let opened;
  try {
    opened = await openMember(source, member);
  } catch (error) {
    if (error instanceof Unsupported || error instanceof Malformed) return; // the zip scanner says so
    throw error;
  }
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
