// SPDX-License-Identifier: Apache-2.0
// What code looks up and imports: a linear pass over its instructions that follows names, attributes and aliases.
import { clip } from '../../bytes/clip.ts';
import type { Code, CodeFact, Reached } from './code.ts';
import { classic, python311, python312, python313, python314, unshifted, wordcode, type Operation, type Table } from './opcodes.ts';

/** Names by which imported modules and functions go, over all code objects of an artefact: functions share globals and cells. */
export type Aliases = Map<string, string>;

const most = { list: 128, references: 4_096, aliases: 10_000, bytes: 1 << 20 } as const;

/** Facts about code objects that lie together; `also` holds aliases that are known from elsewhere. */
export function describeCode(codes: readonly Code[], also: Aliases = new Map()): { readonly code: Code; readonly facts: readonly CodeFact[] }[] {
  for (const code of codes) read(code, also); // names are often bound behind the function that uses them
  return codes.map((code) => ({ code, facts: [...facts(code, read(code, also))] }));
}

function* facts(code: Code, { imports, references }: Reached): Generator<CodeFact> {
  const texts = [...new Set(code.texts)].slice(0, most.list);
  const pieces = Math.max(1, Math.ceil(Math.max(imports.length, references.length) / most.list));
  for (let piece = 0; piece < pieces; piece += 1) {
    const part = (list: readonly string[]): string[] => list.slice(piece * most.list, (piece + 1) * most.list).map((text) => clip(text));
    yield {
      kind: 'code', language: 'python-bytecode', name: clip(code.name), ...(code.file === '' ? {} : { file: clip(code.file) }),
      imports: part(imports), references: part(references), texts: piece === 0 ? texts.map((text) => clip(text)) : [],
    };
  }
}

function read(code: Code, aliases: Aliases): Reached {
  const imports = new Set<string>();
  const references = new Set<string>();
  const used = new Set<string>();
  for (const table of tablesFor(code)) new Pass(code, table, aliases, imports, references, used).run();
  // Whatever the instructions seem not to use: a jump into the middle of one could, or they are of a version unknown here.
  // Names stand in the order of their first use, so a neighbour is likely an attribute.
  let before: string | undefined;
  for (const name of code.names) {
    const unmet = !used.has(name);
    if (unmet && references.size < most.references) references.add(name);
    if (unmet && before !== undefined && references.size < most.references) references.add(clip(`${before}.${name}`));
    before = unmet ? name : undefined;
  }
  return { imports: [...imports], references: [...references] };
}

/** By the instructions with which code of a version begins; several where they leave a doubt. */
function tablesFor({ bytes }: Code): readonly Table[] {
  // The number of 3.13's RESUME may stand before that of 3.12, so this one is asked first.
  if (resumes(bytes, python312)) {
    for (let i = 0; i < bytes.length; i += 2) {
      if (bytes[i] === 166 || bytes[i] === 160) return [python311]; // PRECALL, LOAD_METHOD
      if (bytes[i] === 121 || bytes[i] === 171) return [python312]; // RETURN_CONST; CALL without PRECALL before it
      // LOAD_ATTR has nine units of cache behind it, up to 3.11 four.
      if (bytes[i] === 106) return [bytes.subarray(i + 10, i + 20).every((byte) => byte === 0) ? python312 : python311];
    }
    return [python311, python312];
  }
  for (const table of [python314, python313]) if (resumes(bytes, table)) return [table];
  return isClassic(bytes) ? [classic] : [wordcode];
}

function resumes(bytes: Uint8Array, table: Table): boolean {
  for (let i = 0; i + 1 < Math.min(bytes.length, 512); i += 2) {
    if (bytes[i] === table.resume) return true;
    if (!table.prologue.includes(bytes[i]!) && bytes[i] !== table.extended) return false;
  }
  return false;
}

/** RETURN_VALUE (83) ends code: at an even place with argument 0 since 3.6, as a single byte before. */
function isClassic(bytes: Uint8Array): boolean {
  const n = bytes.length;
  return n > 0 && (n % 2 === 1 || (bytes[n - 1] === 83 && bytes[n - 2] !== 83));
}

class Pass {
  readonly #code: Code;
  readonly #table: Table;
  readonly #aliases: Aliases;
  readonly #imports: Set<string>;
  readonly #references: Set<string>;
  readonly #used: Set<string>;
  /** Bound in this very code: they hide what other code calls the same. */
  readonly #own = new Map<string, string>();
  /** Dotted name of the value on top of the stack. */
  #chain: string | undefined;
  /** It is a variable of an enclosing function of which nothing is known but its name. */
  #bare = false;
  /** The module on top of the stack, and the member of it that IMPORT_FROM has put above. */
  #module: string | undefined;
  #member: string | undefined;
  /** `import a.b as c` walks through IMPORT_FROM too, and then binds the module. */
  #whole = false;

  constructor(code: Code, table: Table, aliases: Aliases, imports: Set<string>, references: Set<string>, used: Set<string>) {
    this.#code = code;
    this.#table = table;
    this.#aliases = aliases;
    this.#imports = imports;
    this.#references = references;
    this.#used = used;
  }

  run(): void {
    const { bytes } = this.#code;
    const table = this.#table;
    const end = Math.min(bytes.length, most.bytes);
    let extended = 0;
    for (let i = 0; i < end; ) {
      const op = bytes[i]!;
      const wide = table.variable && op >= 90;
      const argument = extended | (wide ? (bytes[i + 1] ?? 0) | ((bytes[i + 2] ?? 0) << 8) : table.variable ? 0 : bytes[i + 1] ?? 0);
      i += wide ? 3 : table.variable ? 1 : 2;
      if (op === table.extended) {
        extended = (argument << (wide ? 16 : 8)) & 0xff_ffff;
        continue;
      }
      extended = 0;
      const operation = table.ops.get(op);
      if (operation !== undefined) this.#step(operation, op, argument);
      else if (!table.passing.has(op)) this.#other();
    }
    this.#flush();
  }

  #step(operation: Operation, op: number, argument: number): void {
    const { locals, cells } = this.#code;
    switch (operation) {
      case 'global':
        this.#other();
        this.#chain = this.#known(this.#name(unshifted.get(this.#table)?.has(op) === true ? argument : argument >> this.#table.globalShift));
        break;
      case 'attribute':
      case 'super': {
        const name = this.#name(argument >> (operation === 'super' ? 2 : op === 160 ? 0 : this.#table.attributeShift));
        if (this.#module !== undefined && this.#member === undefined) this.#whole = true; // 'import a.b as c' up to 3.6
        else this.#chain = operation === 'super' || this.#chain === undefined ? `?.${name}` : clip(`${this.#chain}.${name}`);
        this.#bare = false;
        break;
      }
      case 'local':
        this.#load(locals[argument], false);
        break;
      case 'cell':
        this.#load(cells[argument], true);
        break;
      case 'load-load':
        this.#load(locals[argument & 15], false);
        break;
      case 'import':
        this.#other();
        this.#module = this.#name(argument);
        this.#member = undefined;
        this.#whole = false;
        this.#imports.add(this.#module);
        break;
      case 'import-from':
        this.#flush();
        this.#member = this.#name(argument);
        break;
      case 'mention':
        this.#name(argument);
        this.#other();
        break;
      case 'store-name':
        this.#store(this.#name(argument));
        break;
      case 'store-local':
        this.#store(locals[argument]);
        break;
      case 'store-cell':
        this.#store(cells[argument]);
        break;
      case 'store-load':
        this.#store(locals[argument >> 4]);
        this.#load(locals[argument & 15], false);
        break;
      case 'store-store':
        this.#store(locals[argument >> 4]);
        break;
      default:
        throw new Error('an operation that does not exist');
    }
  }

  #name(index: number): string {
    const name = this.#code.names[index] ?? '?';
    this.#used.add(name);
    return clip(name);
  }

  #known(name: string): string {
    return this.#own.get(name) ?? this.#aliases.get(name) ?? name;
  }

  /** A variable: of interest only when it is known to stand for something. */
  #load(variable: string | undefined, shared: boolean): void {
    this.#other();
    if (variable === undefined) return;
    this.#chain = this.#own.get(variable) ?? (shared ? this.#known(variable) : undefined);
    this.#bare = this.#chain === variable;
  }

  #store(variable: string | undefined): void {
    let value = this.#chain;
    if (this.#module !== undefined && this.#member !== undefined) {
      // `import a.b as c` looks like `from a.b import b as c` but for a constant before it; the former is the usual one.
      value = this.#module.endsWith(`.${this.#member}`) ? this.#module : clip(`${this.#module}.${this.#member}`);
      this.#chain = value;
      this.#member = undefined; // more members of the same module may follow
    } else if (this.#module !== undefined) {
      value = this.#whole ? this.#module : wholeOrRoot(this.#module, variable);
      this.#module = undefined;
    }
    this.#flush();
    if (variable === undefined || value === undefined || value.startsWith('?')) return;
    this.#own.set(variable, value);
    if (value !== variable && this.#aliases.size < most.aliases) this.#aliases.set(variable, value);
  }

  /** Something that neither looks up nor binds. */
  #other(): void {
    this.#flush();
    if (this.#member !== undefined) {
      this.#member = undefined;
      this.#whole = true;
    } else if (!this.#whole) this.#module = undefined;
  }

  /** The value on top of the stack is used by something else. */
  #flush(): void {
    if (this.#chain !== undefined && !this.#bare && this.#references.size < most.references) this.#references.add(this.#chain);
    this.#chain = undefined;
    this.#bare = false;
  }
}

/** `import a.b` binds a; `import a.b as c` binds c to all of it. */
function wholeOrRoot(module: string, variable: string | undefined): string {
  const root = module.split('.', 1)[0]!;
  return variable === root ? root : module;
}
