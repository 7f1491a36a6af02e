// SPDX-License-Identifier: Apache-2.0
import type { FactOf } from '../model/fact.ts';
import { rule, type Severity } from '../model/rule.ts';
import { isHonestProgram, programFormats } from './policy/extensions.ts';

const advice: Readonly<Record<FactOf<'gap'>['why'], string>> = {
  limit: 'a limit was reached; raise it if the file is to be trusted',
  unsupported: 'look at it with its own tool, or convert the file',
  encrypted: 'it is encrypted; decrypt it and scan the result',
  unreadable: 'it could not be opened; see what it is, and its permissions',
  damaged: 'the bytes are damaged or made so; get the file again from its source',
  changed: 'it was written to while it was read; scan it when it rests',
  timeout: 'it took too long; raise --timeout if the file is to be trusted',
  crash: 'the scanner failed on it; please report that with the file',
};

export default rule({
  id: 'scan-gap',
  title: 'A part was not read',
  why: 'A scan vouches only for what it read. Attackers use broken, encrypted, oversized or unusual containers so that scanners stop where loaders go on.',
  fix: 'Read the reason: raise the limit, open the file with its own tool, convert it to safetensors, or get an undamaged copy. Do not load it before.',
  severity: 'high',
  confidence: 'high',
  references: ['CWE-693', 'https://www.reversinglabs.com/blog/rl-identifies-malware-ml-model-hosted-on-hugging-face'],
  provisions: ['5.2.1-1', '5.2.3-1'],
  example: ['tar/truncated.tar', 'tar/plain.tar'],
  reads: ['gap', 'entry'],
  *check({ artefact, facts }) {
    for (const fact of facts) {
      if (fact.kind !== 'gap') continue;
      // A program that says so is told by executable-file, once; inside an archive of weights it has no business.
      if (fact.format !== undefined && programFormats.has(fact.format) && isHonestProgram(artefact.id) && !artefact.id.includes('!/')) continue;
      yield {
        message: `${fact.what.startsWith('not read') ? '' : 'not read: '}${fact.what}; ${advice[fact.why]}`,
        severity: severityOf(fact, facts),
        key: `${fact.why} ${fact.holds} ${fact.what.replaceAll(/\d+/g, '0')}`,
        ...(fact.at === undefined ? {} : { at: fact.at }),
      };
    }
  },
});

/** A gap in a file that was claimed always matters; a format that is not opened matters by what could hide there. */
function severityOf(fact: FactOf<'gap'>, facts: readonly FactOf<'gap' | 'entry'>[]): Severity {
  const { format, holds, why } = fact;
  if (why === 'encrypted' && isSealed(fact, facts)) return 'low';
  if (format === undefined) return 'high';
  // Program text runs where somebody runs it; where a loader of models may, code-beside-model says so.
  if (holds === 'source') return 'low';
  return holds === 'code' || holds === 'anything' ? 'high' : 'medium';
}

/** Bytes that encryption adds to a stored member: ZipCrypto 12 (APPNOTE 6.1), AES salt, check and code 20, 24 or 28 (WinZip AE-2). */
const overheads: ReadonlySet<number> = new Set([12, 20, 24, 28]);

/** Files that programs load by their names: worth asking for the password before anyone decrypts them. */
const loaded = /\.(?:pkl|pickle|p|pt|pth|bin|ckpt|joblib|dill|sav|npy|npz|h5|hdf5|keras|onnx|pb|py|pyc|so|dll|sh|exe|bat|js|zip|tar|gz|7z|gguf|safetensors|json|ya?ml|model|dat|data|t7|mar|nemo)"|"[^".]*"/i;

/**
 * Truly encrypted: no loader reads it without the password, so that nothing runs. A member that is only flagged so has no
 * room for an encryption header; readers that ignore the flag load it, and it stays at its full severity.
 */
function isSealed({ what, at }: FactOf<'gap'>, facts: readonly FactOf<'gap' | 'entry'>[]): boolean {
  if (at === undefined || loaded.test(what)) return false;
  return facts.some((one) => one.kind === 'entry' && what.includes(`"${one.name}"`) && overheads.has(at[1] - at[0] - one.size));
}
