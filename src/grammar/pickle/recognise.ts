// SPDX-License-Identifier: Apache-2.0
import { Ledger } from './ledger.ts';
import { Libraries } from './libraries.ts';
import { isOpcode } from './opcodes.ts';
import { PickleReader } from './reader.ts';

/** What an opcode stream can begin with in protocols 0 and 1, where there is no magic. */
const openers = new Set(Buffer.from('(]}c)NIJKMLFGSTUVX'));
const usualName = /\.(pkl|pickle|pck|pcl|p|pt|pth|bin|ckpt|joblib|dat|data|model|dill|sav|db)$/i;
const identifiers = /^[A-Za-z_]\w{0,80}(\.[A-Za-z_]\w{0,80}){1,12}$/;

/**
 * How certainly bytes begin with a pickle. Protocols 2 to 5 say so in their first bytes, unless what follows is no
 * opcode (a safetensors header length can look like PROTO); older ones are run for as far as `head` goes.
 */
export function looksLikePickle(head: Uint8Array, size: number, name: string): Likeness {
  const first = head[0];
  if (first === undefined) return 'no';
  const magic = first === 0x80 && head[1]! >= 2 && head[1]! <= 5;
  if (magic && head.length > 2 && isOpcode(head[2]!) && usualName.test(name)) return 'yes';
  if (!magic && (!openers.has(first) || !(head.length < 2 || likely(head)))) return 'no';
  if (magic && (head.length < 3 || !isOpcode(head[2]!))) return head.length < 3 && usualName.test(name) ? 'maybe' : 'no';
  if (!magic && usualName.test(name)) return 'maybe'; // reading it all costs little more than reading its head, and tells
  if (latest?.head === head && latest.name === name) return latest.likeness;
  const likeness = tried(head, size, name, magic);
  latest = { head, name, likeness };
  return likeness;
}

type Likeness = 'no' | 'maybe' | 'yes';

/** Several scanners ask the same of the same sample, one behind the other. */
let latest: { readonly head: Uint8Array; readonly name: string; readonly likeness: Likeness } | undefined;

function tried(head: Uint8Array, size: number, name: string, magic: boolean): Likeness {
  const ledger = new Ledger();
  const reader = new PickleReader(ledger, new Libraries(), 0, size);
  reader.push(head.length > 4096 ? head.subarray(0, 4096) : head);
  if (head.length > 4096 && reader.end === undefined && !magic) reader.push(head.subarray(4096));
  if (head.length === size) reader.finish();
  const facts = ledger.facts().filter((fact) => identifiers.test(fact.target));
  if (magic) {
    if (reader.end?.kind !== 'damage' || facts.length > 0 || reader.opcodes > 5) return 'yes';
    return usualName.test(name) || (head[2] === 0x95 && head[1]! >= 4 && head.length > 10 && head[9] === 0 && head[10] === 0) ? 'yes' : reader.opcodes > 2 ? 'maybe' : 'no';
  }
  if (facts.some((fact) => fact.via !== 'import')) return 'maybe';
  if (reader.end?.kind === 'damage') return 'no';
  return facts.length > 0 ? 'no' : reader.opcodes > 5 && (reader.end === undefined || reader.offset === size) ? 'maybe' : 'no';
}

/** Cheap: the second byte of most text rules it out. */
function likely(head: Uint8Array): boolean {
  const [first, second] = [head[0]!, head[1]!];
  if (first === 0x28 || first === 0x5d || first === 0x7d || first === 0x29 || first === 0x4e) return isOpcode(second);
  return true;
}
