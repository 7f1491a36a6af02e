// SPDX-License-Identifier: Apache-2.0
import type { FactOf } from '../model/fact.ts';
import { rule, type Hit } from '../model/rule.ts';

export default rule({
  id: 'archive-executable',
  title: 'A weights archive holds a program',
  why: 'Weights need no scripts or libraries; a program among them waits for someone to run or import it.',
  fix: 'Remove the member, or ask the publisher what it is for.',
  severity: 'high',
  confidence: 'high',
  references: ['CWE-506'],
  provisions: ['5.2.3-1'],
  example: ['torch/program.pt', 'torch/script.pt'],
  reads: ['entry'],
  *check({ artefact, facts }) {
    const formats = artefact.format.split('+');
    if (formats.includes('tar')) yield* inTar(facts);
    if (!formats.includes('torch') && !formats.includes('npz')) return;
    for (const { name, type, at } of facts) {
      const script = formats.includes('torch') && /^[^/]+\/code\//.test(name); // TorchScript, judged by torchscript-code
      if (type === 'file' && !script && /\.(py|pyc|sh|bat|ps1|so|dll|dylib|exe|pth)$/i.test(name)) yield { message: `member ${JSON.stringify(name)} is a program`, ...(at === undefined ? {} : { at }) };
    }
  },
});

/** A tar may be of sources, and weights may come with scripts that serve them; with compiled code they have no business. */
function* inTar(facts: readonly FactOf<'entry'>[]): Generator<Hit> {
  if (!facts.some(({ name, type }) => type === 'file' && /\.(ckpt|pt|safetensors|gguf|onnx|npz)$/i.test(name))) return;
  for (const { name, type, at } of facts) {
    if (type === 'file' && /\.(so|dll|dylib|exe|pyc)$/i.test(name)) yield { message: `member ${JSON.stringify(name)} is compiled code beside weights`, severity: 'medium', ...(at === undefined ? {} : { at }) };
  }
}
