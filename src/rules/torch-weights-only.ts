// SPDX-License-Identifier: Apache-2.0
import type { FactOf } from '../model/fact.ts';
import { rule } from '../model/rule.ts';
import { isAdmitted } from './policy/weights-only.ts';

const most = 12;

/** A pickle that torch.load reads: it refers to storages, or lies where torch.save puts it. TorchScript is loaded otherwise. */
function isCheckpoint(id: string, facts: readonly FactOf<'call' | 'link'>[]): boolean {
  if (facts.some((fact) => fact.kind === 'call' && fact.target.startsWith('__torch__.'))) return false;
  return /!\/(?:[^!]{1,256}\/)?data\.pkl$/.test(id) || facts.some((fact) => fact.kind === 'link' && fact.detail?.startsWith('storage ') === true);
}

/** Names that the file imports and that the restricted unpickler refuses, in the order of the file. */
function refused(facts: readonly FactOf<'call' | 'link'>[]): FactOf<'call'>[] {
  const seen = new Set<string>();
  return facts.filter((fact): fact is FactOf<'call'> => {
    if (fact.kind !== 'call' || fact.via === 'PERSID' || fact.callee !== undefined || fact.target.endsWith('()') || seen.has(fact.target) || isAdmitted(fact.target)) return false;
    seen.add(fact.target);
    return true;
  });
}

export default rule({
  id: 'torch-weights-only',
  title: 'torch.load(weights_only=True) would refuse this checkpoint',
  why: 'Since PyTorch 2.6, torch.load takes tensors and plain containers alone unless it is told otherwise. This file names more, so that somebody will have to load it with weights_only=False, which runs whatever it asks for.',
  fix: 'Ask for a state_dict or safetensors. If you trust each name, admit them one by one with torch.serialization.add_safe_globals().',
  severity: 'info',
  confidence: 'high',
  references: ['CVE-2025-32434', 'https://docs.pytorch.org/docs/stable/notes/serialization.html#weights-only'],
  provisions: ['5.2.3-1'],
  example: ['pickle-policy/whole_model.pt', 'pickle-policy/state_dict.pt'],
  reads: ['call', 'link'],
  *check({ artefact, facts }) {
    if (!isCheckpoint(artefact.id, facts)) return;
    const names = refused(facts);
    const [first] = names;
    if (first === undefined) return;
    const shown = names.slice(0, most).map((fact) => fact.target.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '\uFFFD').slice(0, 120));
    yield {
      message: `weights_only=True would refuse ${names.length} ${names.length === 1 ? 'name' : 'names'}: ${shown.slice(0, 4).join(', ')}${names.length > 4 ? ', …' : ''}`,
      ...(first.at === undefined ? {} : { at: first.at }),
      key: 'weights-only',
      evidence: names.length > most ? [...shown, `and ${names.length - most} more`] : shown,
    };
  },
});
