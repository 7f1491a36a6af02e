// SPDX-License-Identifier: Apache-2.0
// A PKCS#11 module (OASIS PKCS#11 v2.40) called through its function list. It is foreign code that runs in this process; the person
// named it.
import type { LibraryHandle, TypeObject } from 'koffi';
import { UsageError } from '../../model/usage-error.ts';
import { printable } from '../names.ts';

/** Places in CK_FUNCTION_LIST (pkcs11f.h), of the functions that are used. */
const functions = {
  initialize: 0, finalize: 1, getSlotList: 4, getTokenInfo: 6, openSession: 12, closeSession: 13, login: 18, getAttributeValue: 24,
  findObjectsInit: 26, findObjects: 27, findObjectsFinal: 28, signInit: 42, sign: 43,
} as const;
type Name = keyof typeof functions;

/** What each of them takes: a number (CK_ULONG and its like) or the address of something. */
const takes: Readonly<Record<Name, readonly ('ulong' | 'void *')[]>> = {
  initialize: ['void *'], finalize: ['void *'], getSlotList: ['uchar' as 'ulong', 'void *', 'void *'], getTokenInfo: ['ulong', 'void *'],
  openSession: ['ulong', 'ulong', 'void *', 'void *', 'void *'], closeSession: ['ulong'], login: ['ulong', 'ulong', 'void *', 'ulong'],
  getAttributeValue: ['ulong', 'ulong', 'void *', 'ulong'], findObjectsInit: ['ulong', 'void *', 'ulong'],
  findObjects: ['ulong', 'void *', 'ulong', 'void *'], findObjectsFinal: ['ulong'], signInit: ['ulong', 'void *', 'ulong'],
  sign: ['ulong', 'void *', 'ulong', 'void *', 'void *'],
};

/** Return values that a person can do something about (CKR_…). */
const told: Readonly<Record<number, string>> = {
  0x30: 'the device reports an error', 0x31: 'the device has no memory left', 0x32: 'the device was removed', 0x54: 'the function is not supported',
  0x63: 'the type of key is not the one asked for', 0x68: 'the key may not be used to sign', 0x70: 'the mechanism is not supported',
  0xa0: 'the PIN is wrong', 0xa2: 'the PIN is too long or too short', 0xa3: 'the PIN has expired', 0xa4: 'the PIN is locked', 0xe0: 'there is no token in the slot',
  0xe1: 'the token is of an unknown kind', 0x101: 'nobody is logged in', 0x102: 'the token has no user PIN yet',
};
const alreadyInitialised = 0x191;
const alreadyLoggedIn = 0x100;
/** CK_UNAVAILABLE_INFORMATION: all ones in a CK_ULONG. */
const unavailable = -1n;

/** Bytes that one attribute of a key may have. */
const largestAttribute = 64 * 1024;
const mostSlots = 1024;
const mostObjects = 256;

/** An attribute to look for or to read (CKA_…), with its value where it is given. */
export interface Attribute {
  readonly type: number;
  readonly value?: Buffer;
}

/** What C_GetTokenInfo tells of a token, blanks at the end taken off. */
export interface Token {
  readonly slot: bigint;
  readonly label: string;
  readonly manufacturer: string;
  readonly model: string;
  readonly serial: string;
  /** CKF_LOGIN_REQUIRED. */
  readonly needsLogin: boolean;
  /** CKF_PROTECTED_AUTHENTICATION_PATH: the PIN is typed on the device. */
  readonly ownKeypad: boolean;
}

type Koffi = typeof import('koffi');

/** A module that was loaded and initialised. Everything it is asked is done in this thread, one thing after another. */
export class Module {
  readonly #koffi: Koffi;
  /** Held so that the code stays mapped. */
  readonly #library: LibraryHandle;
  readonly #addresses: BigUint64Array | BigInt64Array;
  readonly #protos = new Map<Name, TypeObject>();
  readonly #path: string;
  /** Bytes of a CK_ULONG: 8, or 4 on Windows. */
  readonly ulong: number;
  /** Structures are packed on Windows, aligned elsewhere (PKCS#11 v2.40, 2.1). */
  readonly #packed: boolean;

  constructor(koffi: Koffi, path: string) {
    this.#koffi = koffi;
    this.#path = path;
    this.ulong = koffi.sizeof('ulong');
    this.#packed = process.platform === 'win32';
    try {
      this.#library = koffi.load(path);
      const list = Buffer.alloc(8);
      this.#check('C_GetFunctionList', (this.#library.func('C_GetFunctionList', 'ulong', ['void *']) as (out: Buffer) => number)(list));
      // CK_VERSION (2 bytes), then the functions
      this.#addresses = new BigUint64Array(koffi.view(list.readBigUInt64LE() + (this.#packed ? 2n : 8n), (functions.sign + 1) * 8));
    } catch (error) {
      if (error instanceof UsageError) throw error;
      throw new UsageError(`${path} cannot be used as a PKCS#11 module: ${printable((error as Error).message)}`, { cause: error });
    }
    const result = this.#call('initialize', null);
    if (result !== alreadyInitialised) this.#check('C_Initialize', result);
    process.once('exit', () => void this.#call('finalize', null));
  }

  /** Tokens in slots, in the order of the slots. */
  tokens(): Token[] {
    const count = this.#number(0n);
    this.#run('getSlotList', 1, null, count);
    const most = this.#read(count, 0);
    if (most > BigInt(mostSlots)) throw new UsageError(`${this.#path} has ${most} slots; allowed are ${mostSlots}`);
    const slots = Buffer.alloc(Math.max(1, Number(most)) * this.ulong);
    this.#run('getSlotList', 1, slots, count);
    return Array.from({ length: Math.min(Number(most), Number(this.#read(count, 0))) }, (_, i) => this.#token(this.#read(slots, i)));
  }

  #token(slot: bigint): Token {
    const info = Buffer.alloc(1024);
    this.#run('getTokenInfo', slot, info);
    const text = (begin: number, length: number): string => info.toString('utf8', begin, begin + length).replace(/[\0 ]+$/, '');
    const flags = info.readUInt32LE(96);
    return { slot, label: text(0, 32), manufacturer: text(32, 32), model: text(64, 16), serial: text(80, 16), needsLogin: (flags & 4) !== 0, ownKeypad: (flags & 0x100) !== 0 };
  }

  /** Opens a session to read (CKF_SERIAL_SESSION). */
  open(slot: bigint): bigint {
    const session = this.#number(0n);
    this.#run('openSession', slot, 4, null, null, session);
    return this.#read(session, 0);
  }

  /** CKU_USER is 1, CKU_CONTEXT_SPECIFIC is 2. Without a PIN the device asks for it. */
  login(session: bigint, who: 1 | 2, pin: string | undefined): void {
    const bytes = pin === undefined ? null : Buffer.from(pin, 'utf8');
    const result = this.#call('login', session, who, bytes, bytes?.length ?? 0);
    bytes?.fill(0);
    if (result !== alreadyLoggedIn) this.#check('C_Login', result);
  }

  /** Handles of the objects that have all these attributes. */
  find(session: bigint, attributes: readonly Attribute[]): bigint[] {
    const { template } = this.#template(attributes);
    this.#run('findObjectsInit', session, template, attributes.length);
    const handles = Buffer.alloc(mostObjects * this.ulong);
    const count = this.#number(0n);
    this.#run('findObjects', session, handles, mostObjects, count);
    this.#run('findObjectsFinal', session);
    return Array.from({ length: Math.min(mostObjects, Number(this.#read(count, 0))) }, (_, i) => this.#read(handles, i));
  }

  /** One attribute of an object; undefined when it has none, or does not show it. */
  attribute(session: bigint, object: bigint, type: number): Buffer | undefined {
    const asked = this.#template([{ type }]);
    // What cannot be given has the length CK_UNAVAILABLE_INFORMATION, and an error code that says so again.
    this.#call('getAttributeValue', session, object, asked.template, 1);
    const length = asked.lengthOf(0);
    if (length === unavailable || length > BigInt(largestAttribute)) return undefined;
    const value = Buffer.alloc(Number(length));
    if (value.length === 0) return value;
    const filled = this.#template([{ type, value }]);
    return this.#call('getAttributeValue', session, object, filled.template, 1) === 0 ? value : undefined;
  }

  /** Signs with a mechanism without parameters. `again` is called where each use of the key wants its own login. */
  sign(session: bigint, key: bigint, mechanism: number, data: Buffer, again: () => void): Buffer {
    const struct = Buffer.alloc(3 * 8); // CK_MECHANISM: type, parameter, its length
    this.#write(struct, 0, BigInt(mechanism));
    this.#run('signInit', session, struct, key);
    again();
    const signature = Buffer.alloc(4096);
    const length = this.#number(BigInt(signature.length));
    this.#run('sign', session, data, data.length, signature, length);
    return signature.subarray(0, Number(this.#read(length, 0)));
  }

  /** CK_ATTRIBUTE: type, address of the value, its length. */
  #template(attributes: readonly Attribute[]): { template: Buffer; lengthOf: (index: number) => bigint } {
    const size = this.ulong + 8 + this.ulong;
    const template = Buffer.alloc(Math.max(1, attributes.length) * size);
    for (const [i, { type, value }] of attributes.entries()) {
      this.#write(template, i * size, BigInt(type));
      template.writeBigUInt64LE(value === undefined || value.length === 0 ? 0n : this.#koffi.address(value), i * size + this.ulong);
      this.#write(template, i * size + this.ulong + 8, BigInt(value?.length ?? 0));
    }
    const lengthOf = (i: number): bigint => {
      const at = i * size + this.ulong + 8;
      return this.ulong === 8 ? template.readBigInt64LE(at) : BigInt(template.readInt32LE(at));
    };
    return { template, lengthOf };
  }

  #number(value: bigint): Buffer {
    const out = Buffer.alloc(this.ulong);
    this.#write(out, 0, value);
    return out;
  }

  #write(into: Buffer, at: number, value: bigint): void {
    if (this.ulong === 8) into.writeBigUInt64LE(value, at);
    else into.writeUInt32LE(Number(value), at);
  }

  #read(from: Buffer, index: number): bigint {
    return this.ulong === 8 ? from.readBigUInt64LE(index * 8) : BigInt(from.readUInt32LE(index * 4));
  }

  #run(name: Name, ...values: readonly unknown[]): void {
    this.#check(`C_${name[0]!.toUpperCase()}${name.slice(1)}`, this.#call(name, ...values));
  }

  #call(name: Name, ...values: readonly unknown[]): number {
    let proto = this.#protos.get(name);
    if (proto === undefined) this.#protos.set(name, proto = this.#koffi.proto('ulong', [...takes[name]]));
    const address = this.#addresses[functions[name]]!;
    if (address === 0n) throw new UsageError(`${this.#path} has no function C_${name}`);
    return Number(this.#koffi.call(address, proto, ...values));
  }

  #check(name: string, result: number): void {
    if (result !== 0) throw new UsageError(`${this.#path}: ${told[result] ?? 'the module refuses'} (${name}: 0x${result.toString(16)})`);
  }
}
