// SPDX-License-Identifier: Apache-2.0
import { isFormat, type Inspected } from '../model/artefact.ts';
import { collectionRule, type Collection, type Hit } from '../model/rule.ts';
import { besides, leavesFolder } from './policy/paths.ts';

export default collectionRule({
  id: 'coreml-files',
  title: 'Files of a Core ML model are outside or missing',
  why: 'The model names other files: weights of an ML program, or a whole model that it is linked to. A name that climbs out makes the loader read any file of the machine; one that is not there was not scanned, and whoever puts it there later decides what the model does.',
  fix: 'Scan the whole package. Do not load a model whose files lie elsewhere.',
  severity: 'medium',
  confidence: 'high',
  references: ['CWE-22', 'https://apple.github.io/coremltools/mlmodel/Format/LinkedModel.html'],
  provisions: ['5.2.3-1'],
  example: ['coreml/linked-outside.mlmodel', 'coreml/package'],
  reads: ['link'],
  *check(among) {
    for (const one of among.all) if (isFormat(one.artefact, 'coreml')) yield* outside(one, among);
  },
});

function* outside({ artefact, facts }: Inspected, among: Collection): Generator<Hit> {
  for (const fact of facts) {
    if (fact.kind !== 'link' || fact.role !== 'external-data') continue;
    const { target, detail, at } = fact;
    const place = { artefact: artefact.id, ...(at === undefined ? {} : { at }) };
    const how = leavesFolder(target);
    if (how !== undefined) yield { message: `${detail === 'linked model' ? 'linked model' : 'file of weights'} '${target}' ${how}`, severity: 'high', ...place };
    else if (detail === 'linked model') yield { message: `the model is linked to '${target}', which is another model`, ...place };
    else if (!artefact.id.includes('!/') && !among.has(besides(artefact.id, target))) yield { message: `file of weights '${target}' is not beside the model`, ...place };
  }
}
