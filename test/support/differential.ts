// SPDX-License-Identifier: Apache-2.0
// Compares what the pickle machine says with what Python's own readers do.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Ledger } from '../../src/grammar/pickle/ledger.ts';
import { Libraries } from '../../src/grammar/pickle/libraries.ts';
import { PickleReader, type End } from '../../src/grammar/pickle/reader.ts';
import { BOOL, BYTES, CALL, DICT, FLOAT, GLOBAL, INT, NONE, SET, STR, targetOf, textOf, TUPLE, type Container, type Global, type Value } from '../../src/grammar/pickle/values.ts';

/** 'import module name', 'make target args', …: the same words as unpicklers.py. */
type Note = readonly string[];
interface Ran {
  readonly notes: readonly (readonly Note[])[];
  /** Per stream: 'stop' or the error, and where it ended. */
  readonly ends: readonly (readonly [how: string, at: number])[];
}
/** One pickle as all readers take it; `tools` is pickletools.genops. */
export interface Seen {
  /** The C unpickler as `pickle.loads` runs it; `file` as `pickle.load` does. */
  readonly c: Ran;
  readonly file: Ran;
  readonly python: Ran;
  readonly tools: { readonly names: readonly string[]; readonly how: string; readonly at: number };
  /** Names as the C unpickler's first stream writes them: 'module name'. */
  readonly raw: readonly string[];
}
type Answer = { readonly [K in 'c' | 'file' | 'python']: readonly [Ran['notes'], Ran['ends']] } & { readonly raw: string[] } & { readonly tools: readonly [string[], string, number] };

const script = join(import.meta.dirname, 'unpicklers.py');

/** What Python makes of each case; undefined where there is no python3. */
export function unpickle(cases: readonly Uint8Array[]): Seen[] | undefined {
  const input = Buffer.concat(cases.flatMap((bytes, index) => {
    const head = Buffer.alloc(5);
    head.writeUInt8(encodingOf(index), 0);
    head.writeUInt32LE(bytes.length, 1);
    return [head, bytes];
  }));
  const ran = spawnSync('python3', ['-I', '-S', script], { input, encoding: 'utf8', maxBuffer: 1 << 30, timeout: 600_000 });
  if (ran.error !== undefined || ran.status === null) {
    if (ran.error !== undefined && 'code' in ran.error && ran.error.code === 'ENOENT') return undefined;
    throw new Error(`python3 did not end: ${String(ran.error)}`);
  }
  if (ran.status !== 0) throw new Error(`python3 ended with ${ran.status}: ${ran.stderr.slice(-500)}`);
  const of = ([notes, ends]: readonly [Ran['notes'], Ran['ends']]): Ran => ({ notes, ends });
  return ran.stdout.trim().split('\n').map((line) => {
    const { c, file, python, raw, tools: [names, how, at] } = JSON.parse(line) as Answer;
    return { c: of(c), file: of(file), python: of(python), raw, tools: { names, how, at } };
  });
}

/** Every other case is loaded with encoding='latin1', as Python 2's pickles are. */
function encodingOf(index: number): 0 | 1 {
  return index % 2 === 0 ? 1 : 0;
}

interface Mine {
  readonly notes: readonly (readonly Note[])[];
  readonly ends: readonly End[];
  readonly at: readonly number[];
  /** What was said of differing readers. */
  readonly differs: readonly string[];
}

const most = 60;

class Recording extends Ledger {
  notes: Note[] = [];
  readonly #extensions = new Set<string>();
  override imported(value: Global, at: readonly [number, number]): void {
    this.notes.push(['import', value.module, value.name]);
    super.imported(value, at);
  }
  override called(callee: Value, target: string, via: string, args: readonly Value[], at: readonly [number, number]): number {
    const note = this.#note(target, via, args);
    if (note !== undefined && !(note[0] === 'fill' && this.notes.at(-1)?.join() === note.join())) this.notes.push(note);
    return super.called(callee, target, via, args, at);
  }
  #note(target: string, via: string, args: readonly Value[]): Note | undefined {
    const label = labelOf(args[0]?.kind === CALL && ['BUILD', 'APPENDS', 'ADDITEMS', 'SETITEMS'].includes(via) ? `${target}()` : target).slice(0, most);
    switch (via) {
      case 'EXT': {
        const code = show(args[0]!);
        if (this.#extensions.has(code)) return undefined;
        this.#extensions.add(code);
        return ['import', 'extension', `n${code}`];
      }
      case 'BUILD': return ['state', label, show(args[1]!)];
      case 'PERSID': return ['persistent', show(args[0]!)];
      case 'APPENDS': case 'ADDITEMS': case 'SETITEMS': return target === 'builtins.bytearray' ? undefined : ['fill', label];
      default: return ['make', label, `(${(via === 'NEWOBJ_EX' ? args.slice(0, -1) : args).slice(0, 8).map((arg) => show(arg, 1)).join(',')})`];
    }
  }
}

function labelOf(target: string): string {
  return target.replaceAll(/\?\.extension-([0-9]+)/g, 'extension.n$1');
}

/** The same words as unpicklers.py's. */
function show(value: Value, depth = 0): string {
  const { kind } = value;
  if (kind === NONE) return 'None';
  if (kind === BOOL) return value.number === 1 ? 'True' : 'False';
  if (kind === INT) return value.digits === undefined ? String(value.number) : 'big';
  if (kind === FLOAT) return 'float';
  if (kind === STR) return value.length <= 200 ? `'${Array.from(textOf(value)).slice(0, most).join('')}` : 'long';
  if (kind === BYTES) return value.writable === true ? 'bytearray' : `b${textOf(value).slice(0, most)}`;
  if (kind === SET) return 'set';
  if (kind === DICT) return 'dict';
  if (kind === GLOBAL) return `<${labelOf(targetOf(value)).slice(0, most)}>`;
  if (kind === CALL) return value.callee.kind === GLOBAL && value.callee.module === 'text' ? "'?" : `<${labelOf(`${value.target}()`).slice(0, most)}>`;
  if (kind > SET) return '<?>';
  if (depth > 2) return '…';
  const inner = (value as Container).items.slice(0, 8).map((item) => show(item, depth + 1)).join(',');
  return kind === TUPLE ? `(${inner})` : `[${inner}]`;
}

/** The machine over all streams of a case, as an unpickler that is asked again would go on. */
export function ours(bytes: Uint8Array): Mine {
  const notes: Note[][] = [];
  const ends: End[] = [];
  const ats: number[] = [];
  const differs: string[] = [];
  for (let at = 0; at < bytes.length && ends.length < 4 && ends.at(-1)?.kind !== 'damage'; ) {
    const ledger = new Recording();
    const reader = new PickleReader(ledger, new Libraries(), at, bytes.length);
    reader.push(bytes.subarray(at));
    reader.finish();
    notes.push(ledger.notes);
    ends.push(reader.end!);
    if (reader.end?.kind === 'stop') ledger.notes.push(['value', show(reader.end.value)]);
    at = reader.offset;
    ats.push(at);
    differs.push(...reader.oddities.filter(({ code }) => code === 'pickle/reader-difference' || code === 'pickle/expansion').map(({ what }) => what));
  }
  return { notes, ends, at: ats, differs };
}

/** What the machine knows to be harmless, and does not note. */
const known = (note: Note): boolean => (note[0] === 'fill' && note[1] === 'collections.OrderedDict()') || (note[0] === 'persistent' && note[1]!.startsWith("('storage,"));
const words = (notes: readonly Note[]): string[] => notes.filter((note) => !known(note)).map((note) => note.join(' ').replaceAll(/[\u0080-\uffff]+/g, '?'));
const imports = (notes: readonly Note[]): string[] => words(notes.filter(([what]) => what === 'import'));
const flat = (ran: Ran): string => JSON.stringify([ran.notes, ran.ends.map(([how, at]) => (how === 'stop' ? at : 'error'))]);

/** Whether Python's readers part on a case; in words, or undefined. */
export function partings(seen: Seen, mine: Mine): string | undefined {
  const { c, file, python, tools } = seen;
  if (flat(c) !== flat(python)) return 'Python';
  if (flat(c) !== flat(file)) return 'the C unpickler from a file';
  const [how, at] = c.ends[0] ?? ['', 0];
  if (/UnicodeDecodeError: 'ascii'/.test(how)) return undefined; // pickletools may well go on
  const end = mine.ends[0];
  const passed = how === 'stop' ? tools.how !== 'stop' || tools.at !== at : tools.how !== 'stop' && end?.kind === 'damage' && tools.at < end.at;
  // Bytes above 127 that a pickler of Python 2 escaped: refused by default, fine with encoding='latin1'.
  if (passed) return /'ascii' codec/.test(tools.how) && mine.differs.length === 0 ? undefined : 'pickletools';
  if (how !== 'stop') return undefined;
  return tools.names.some((name) => !seen.raw.includes(name)) ? 'pickletools, on a name' : undefined;
}

/** Errors on what the machine does not know the type of: it goes on where the interpreter may stop. */
const opaque = /^(TypeError|AttributeError|UnpicklingError: (STACK_GLOBAL requires|NEWOBJ|state is not|slot state)|ValueError: unregistered)/;

/** What is wrong with what the machine says of a case; undefined when nothing is. */
export function fault(seen: Seen, mine: Mine): string | undefined {
  const parted = partings(seen, mine);
  const { c } = seen;
  for (let stream = 0; stream < c.ends.length; stream += 1) {
    const [how, at] = c.ends[stream]!;
    const theirs = words(c.notes[stream]!);
    const own = words(mine.notes[stream] ?? []);
    const begins = own.slice(0, theirs.length).join('\n') === theirs.join('\n');
    if (!begins) {
      if (mine.differs.length > 0 && imports(mine.notes[stream] ?? []).join('\n').startsWith(imports(c.notes[stream]!).join('\n'))) return undefined;
      return `other notes in stream ${stream}`;
    }
    const end = mine.ends[stream]!;
    if (mine.differs.length > 0) continue;
    if (how === 'stop') {
      if (own.length !== theirs.length) return `other notes in stream ${stream}`;
      if (end.kind !== 'stop') return `stops in stream ${stream}: ${end.code}`;
      if (mine.at[stream] !== at) return `stream ${stream} ends at ${mine.at[stream]}, not ${at}`;
    } else {
      if (/^(UnicodeDecodeError: 'ascii'|MemoryError)/.test(how) || opaque.test(how)) return parted !== undefined && !opaque.test(how) && !truncated(seen, mine) ? `parted unsaid: ${parted}` : undefined;
      if (own.length !== theirs.length && !truncated(seen, mine)) return `more notes in stream ${stream}`;
      if (end.kind === 'stop') return `goes on in stream ${stream} where C has ${how}`;
    }
  }
  const first = mine.ends[0];
  if (first?.kind === 'damage' && first.code === 'pickle/truncated' && first.at === 0) return undefined; // a text that begins with a letter is no pickle
  if (parted !== undefined && mine.differs.length === 0 && !truncated(seen, mine) && !onOpaque(seen)) return `parted unsaid: ${parted}`;
  // A value of another type may be dropped unseen: numbers have a test of their own.
  if (parted === undefined && mine.differs.some((what) => !what.startsWith('the number') && !(what.startsWith('pickletools') && c.ends.length > 1)) && c.ends.every(([how]) => how === 'stop')) return `said to part: ${mine.differs.join('; ')}`;
  return missed(seen, mine);
}

/** The Python unpickler stops at a method that a class of ours, or a text that was made by a call, does not have. */
function onOpaque({ python }: Seen): boolean {
  const missing = /'(Computes|type|str)' object has no attribute/.exec(python.ends.at(-1)?.[0] ?? '');
  return missing !== null && (missing[1] !== 'str' || python.notes.flat().some(([what, label]) => what === 'make' && label!.startsWith('text.')));
}

/** The end cuts something off, and what the Python unpickler does with the rest is noted. */
function truncated(seen: Seen, mine: Mine): boolean {
  const end = mine.ends.at(-1);
  return end?.kind === 'damage' && end.code === 'pickle/truncated' && words(mine.notes.at(-1) ?? []).join('\n').startsWith(words(seen.python.notes.at(-1) ?? []).join('\n'));
}

/** What any reader imports must be noted, whichever of them the machine follows. */
function missed(seen: Seen, mine: Mine): string | undefined {
  const noted = mine.notes.flatMap((notes) => imports(notes));
  for (const who of ['python', 'file'] as const) {
    for (const name of imports(seen[who].notes[0] ?? [])) { // later ones begin at different bytes
      if (!noted.includes(name)) return `missed: ${name} of ${who}`;
    }
  }
  return undefined;
}
