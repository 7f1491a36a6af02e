// SPDX-License-Identifier: Apache-2.0
import type { Operand } from '../model/fact.ts';
import { rule } from '../model/rule.ts';
import { hitFor, spokenBy } from './policy/calls.ts';

/** Loaders that libraries write into pickles of their own objects. */
const ownLoaders: ReadonlySet<string> = new Set(['torch.storage._load_from_bytes', 'spacy.vocab.unpickle_vocab', 'spacy.tokens.doc.unpickle_doc', 'numba.core.serialize._numba_unpickle', 'numba.core.serialize._unpickle__CustomPickled']);

/** Bytes, as protocols write them that have none, or several of them counted together. */
function isBytes(arg: Operand): boolean {
  if (arg.type === 'call') return /^_?codecs\.encode$/.test(arg.target) && arg.args.every((part) => part.type === 'str');
  return arg.type === 'bytes' || arg.type === 'various';
}

export default rule({
  id: 'pickle-nested',
  title: 'Loading deserialises another file hidden in this one',
  why: 'Bytes in the file are handed to a loader. What they hold runs as well, but does not show in the outer file.',
  fix: 'Look at the findings inside the nested file; ask for the weights as safetensors.',
  severity: 'critical',
  confidence: 'high',
  references: ['CWE-502', 'https://arxiv.org/abs/2508.19774'],
  provisions: ['5.2.3-1'],
  example: ['pickle-policy/nested.pkl', 'pickle-policy/bytes.pkl'],
  reads: ['call'],
  *check(subject, among) {
    const ones = spokenBy('pickle-nested', subject.facts);
    if (ones.length === 0) return;
    const inside = among.all.filter((one) => one.artefact.id.startsWith(`${subject.artefact.id}!/@`));
    const looked = inside.length > 0 && inside.every((one) => one.coverage === 'complete') && inside.length >= ones.reduce((sum, one) => sum + (one.fact.count ?? 1), 0);
    for (const one of ones) {
      // Torch stores a tensor this way when a model is pickled without torch.save, spaCy a document's hooks: ordinary, and inspected by itself.
      const ordinary = ownLoaders.has(one.verdict.name) && one.fact.args.some((arg) => isBytes(arg));
      yield hitFor(one, 'deserialises by', ordinary ? { severity: looked ? 'low' : 'medium', confidence: 'medium' } : {});
    }
  },
});
