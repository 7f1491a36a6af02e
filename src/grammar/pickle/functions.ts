// SPDX-License-Identifier: Apache-2.0
// Functions by value: the code objects that cloudpickle and dill take apart into calls of types.CodeType.
import type { ByteSource } from '../../bytes/source.ts';
import type { Code, CodeFact } from '../python-code/code.ts';
import { describeCode, type Aliases } from '../python-code/reach.ts';
import { BYTES, CALL, INT, LIST, SET, STR, textOf, TUPLE, wholeText, type Call, type Container, type Literal, type Value } from './values.ts';

/** A call of the constructor of code objects. Its instructions are read later: the machine keeps only their beginning. */
export interface PickledCode {
  readonly code: Omit<Code, 'bytes'>;
  /** Where the instructions lie. */
  readonly begin: number;
  readonly length: number;
  /** Written as text whose characters are the bytes (protocols 0 to 2). */
  readonly asText: boolean;
  /** Offset of the opcode that makes the code object. */
  readonly at: number;
  /** Names that were not kept. */
  readonly cut: number;
}

const longest = 1 << 20;
const texts = { most: 256, depth: 8 } as const;

/** The code object that a call makes, as far as it has the shape of one in any version of Python. */
export function codeOf(call: Call, at: number): PickledCode | undefined {
  if (!makesCode(call)) return undefined;
  const { args } = call;
  let i = args[0]?.kind !== INT && args[1]?.kind === INT ? 1 : 0; // dill: the line table comes first
  while (args[i]?.kind === INT) i += 1;
  const instructions = bytesOf(args[i]);
  const [constants, names, variables] = [args[i + 1], args[i + 2], args[i + 3]];
  if (!isList(constants) || !isList(names) || !isList(variables)) return undefined;
  const rest = args.slice(i + 4);
  const others = rest.findIndex((value) => value.kind !== STR);
  const strings = rest.slice(0, Math.min(others === -1 ? 3 : others, 3)).map((value) => textOf(value as Literal)); // each is a STR
  const last = rest.filter(isList);
  const [free, cells] = [last[0] === undefined ? [] : namesIn(last[0]), last[1] === undefined ? [] : namesIn(last[1])];
  const locals = namesIn(variables);
  const qualified = strings.length === 3; // since 3.11; there, cells lie behind the locals
  const plus = qualified ? [...locals, ...cells.filter((name) => !locals.includes(name)), ...free] : [...cells, ...free];
  const found: string[] = [];
  textsIn(constants, found, 0);
  return {
    code: { name: strings[2] ?? strings[1] ?? '?', file: strings[0] ?? '', names: namesIn(names), locals, cells: plus, texts: found },
    begin: instructions?.at ?? -1, length: instructions?.length ?? 0, asText: instructions?.kind === STR, at, cut: names.length - names.items.length,
  };
}

/** Targets that make code objects, by name. */
export const namesCode = /(^|[._])(CodeType|_create_code|new\.code)$/;

/** `types.CodeType`, dill's `_create_code`, and types that are looked up by name: `_builtin_type('CodeType')`. */
function makesCode({ target, callee }: Call): boolean {
  if (namesCode.test(target)) return true;
  return callee.kind === CALL && callee.args.some((arg) => /^(CodeType|code)$/.test(wholeText(arg) ?? ''));
}

function isList(value: Value | undefined): value is Container {
  return value?.kind === TUPLE || value?.kind === LIST;
}

function namesIn(list: Container): string[] {
  return list.items.map((item) => (item.kind === STR || item.kind === BYTES ? textOf(item) : '?'));
}

/** Bytes, or what `_codecs.encode(text, 'latin1')` is given. */
function bytesOf(value: Value | undefined): Literal | undefined {
  if (value?.kind === BYTES || value?.kind === STR) return value;
  return value?.kind === CALL && /^_?codecs\.encode$/.test(value.target) ? bytesOf(value.args[0]) : undefined;
}

function textsIn(list: Container, out: string[], depth: number): void {
  for (const item of list.items) {
    if (out.length >= texts.most) return;
    if (item.kind === STR || item.kind === BYTES) out.push(textOf(item));
    else if (item.kind >= TUPLE && item.kind <= SET && depth < texts.depth) textsIn(item as Container, out, depth + 1);
  }
}

/** Facts about code objects; `aliases` are the globals that are known to be modules. */
export async function readCodes(
  codes: readonly PickledCode[], aliases: Aliases, source: ByteSource,
): Promise<{ readonly facts: readonly CodeFact[]; readonly at: number; readonly cut: number }[]> {
  const whole: Code[] = [];
  let left = 16 * longest;
  for (const { code, begin, length, asText } of codes) {
    const known = begin >= 0 && length <= Math.min(left, longest) && begin + length <= source.size;
    const raw = known ? await source.read(begin, length) : new Uint8Array(0);
    left -= raw.length;
    whole.push({ ...code, bytes: asText ? Buffer.from(Buffer.from(raw).toString('utf8'), 'latin1') : raw });
  }
  return describeCode(whole, aliases).map(({ facts }, index) => ({ facts, at: codes[index]!.at, cut: codes[index]!.cut }));
}
