// SPDX-License-Identifier: Apache-2.0
import type { Inspected } from '../model/artefact.ts';
import { collectionRule, type Collection, type Hit } from '../model/rule.ts';
import { besides, leavesFolder } from './policy/paths.ts';

export default collectionRule({
  id: 'onnx-external-data-missing',
  title: 'External data of an ONNX model is missing or too short',
  why: 'Weights of the model lie in a second file that was not there when this was scanned, or that ends before the bytes the model asks for. The model cannot be judged whole: whoever puts that file there later decides what the model does.',
  fix: 'Scan model and data together, in the folders they are published in. If the data is too short, get both again.',
  severity: 'medium',
  confidence: 'high',
  references: ['https://onnx.ai/onnx/repo-docs/ExternalData.html', 'CWE-125'],
  provisions: ['5.2.3-1'],
  example: ['onnx/sibling-missing', 'onnx/sibling'],
  reads: ['link'],
  *check(among) {
    for (const one of among.all) if (one.artefact.format.split('+').includes('onnx')) yield* missing(one, among);
  },
});

function* missing({ artefact, facts }: Inspected, among: Collection): Generator<Hit> {
  for (const fact of facts) {
    if (fact.kind !== 'link' || fact.role !== 'external-data') continue;
    const { target, detail = '', at } = fact;
    if (target === '' || target.endsWith('…') || leavesFolder(target) !== undefined) continue;
    const place = { artefact: artefact.id, ...(at === undefined ? {} : { at }) };
    const found = among.find(besides(artefact.id, target));
    if (found === undefined) {
      // members that nothing understands are no artefacts: inside a container, absence says nothing
      if (!artefact.id.includes('!/')) yield { message: `external data '${target}' is not beside the model`, evidence: [detail], ...place };
      continue;
    }
    const range = /^offset=(\d{1,16}) length=(\d{1,16})/.exec(detail);
    const end = range === null ? 0 : Number(range[1]) + Number(range[2]);
    if (end > found.artefact.size) {
      yield { message: `external data '${target}' ends at ${found.artefact.size}, but the model reads to ${end}`, severity: 'high', evidence: [detail], ...place };
    }
  }
}
