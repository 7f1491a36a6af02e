// SPDX-License-Identifier: Apache-2.0
import { UsageError } from '../../model/usage-error.ts';
import { printable } from '../names.ts';

/** Which key, on which token, through which module (RFC 7512). */
export interface KeyUri {
  readonly module: string;
  readonly token?: string;
  readonly manufacturer?: string;
  readonly model?: string;
  readonly serial?: string;
  readonly slot?: bigint;
  /** CKA_LABEL of the key. */
  readonly object?: string;
  /** CKA_ID of the key. */
  readonly id?: Buffer;
  /** A file with the PIN. */
  readonly pinFile?: string;
}

const path = ['token', 'manufacturer', 'model', 'serial', 'slot-id', 'object', 'id', 'type'];
const query = ['module-path', 'pin-source'];

/**
 * Reads a PKCS#11 URI without its `pkcs11:`. Throws `UsageError` for what is unknown or given twice: an attribute that is passed
 * over could name another key. A PIN in it is refused, since every user of the machine can see arguments.
 */
export function keyUriFrom(text: string): KeyUri {
  const wrong = (what: string): UsageError => new UsageError(`--signer pkcs11: ${what}`);
  const cut = text.indexOf('?');
  const said = new Map<string, Buffer>();
  const read = (part: string, by: string, allowed: readonly string[]): void => {
    for (const one of part.split(by).filter((piece) => piece !== '')) {
      const at = one.indexOf('=');
      const name = one.slice(0, Math.max(0, at));
      if (name === 'pin-value') throw wrong('pin-value would show the PIN to every user of this machine; give pin-source=file:PATH, --password-file or $ASSAY_PASSWORD');
      if (!allowed.includes(name)) throw wrong(`the URI has ${printable(one)}; allowed there are ${allowed.join(', ')}`);
      if (said.has(name)) throw wrong(`the URI has ${name} twice`);
      said.set(name, unescaped(one.slice(at + 1), wrong));
    }
  };
  read(cut === -1 ? text : text.slice(0, cut), ';', path);
  read(cut === -1 ? '' : text.slice(cut + 1), '&', query);
  const word = (name: string): string | undefined => said.get(name)?.toString('utf8');
  const [token, manufacturer, model, serial, object] = ['token', 'manufacturer', 'model', 'serial', 'object'].map(word);
  const [type, slot, module, pin, id] = [word('type'), word('slot-id'), word('module-path'), word('pin-source'), said.get('id')];
  if (module === undefined || !/^\/|^[A-Za-z]:[\\/]/.test(module)) throw wrong(`module-path is ${module === undefined ? 'missing' : printable(module)}; give the absolute path of the PKCS#11 module, as in ?module-path=/usr/lib/softhsm/libsofthsm2.so`);
  if (type !== undefined && type !== 'private') throw wrong(`type is ${printable(type)}; allowed is private`);
  if (slot !== undefined && !/^\d{1,18}$/.test(slot)) throw wrong(`slot-id is ${printable(slot)}; allowed is a whole number`);
  if (object === undefined && id === undefined) throw wrong('the URI names no key; give object=LABEL or id=%01%02…');
  if (pin !== undefined && !/^file:(\/\/)?\/|^\//.test(pin)) throw wrong('pin-source is no file; allowed is file:/PATH');
  return {
    module,
    ...(token === undefined ? {} : { token }), ...(manufacturer === undefined ? {} : { manufacturer }), ...(model === undefined ? {} : { model }),
    ...(serial === undefined ? {} : { serial }), ...(slot === undefined ? {} : { slot: BigInt(slot) }), ...(object === undefined ? {} : { object }),
    ...(id === undefined ? {} : { id }), ...(pin === undefined ? {} : { pinFile: pin.replace(/^file:(\/\/(?=\/))?/, '') }),
  };
}

/** Percent-decoding to bytes: an id need not be text. */
function unescaped(text: string, wrong: (what: string) => UsageError): Buffer {
  if (/%(?![0-9a-fA-F]{2})/.test(text)) throw wrong(`the URI has a % that is followed by no two hex digits: ${printable(text)}`);
  return Buffer.concat(text.split(/(%[0-9a-fA-F]{2})/).map((piece) => (piece.startsWith('%') ? Buffer.from(piece.slice(1), 'hex') : Buffer.from(piece, 'utf8'))));
}
