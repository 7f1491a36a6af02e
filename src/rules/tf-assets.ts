// SPDX-License-Identifier: Apache-2.0
import { isFormat, type Inspected } from '../model/artefact.ts';
import { collectionRule, type Collection, type Hit } from '../model/rule.ts';
import { besides, leavesFolder } from './policy/paths.ts';

export default collectionRule({
  id: 'tf-assets',
  title: 'Assets or weights of a SavedModel are outside or missing',
  why: 'A SavedModel names the files that belong to it: vocabularies in its folder of assets, weights in its folder of variables. A name that climbs out makes the loader read any file of the machine; a file that is not there was not scanned, and whoever puts it there later decides what the model does.',
  fix: 'Do not load a model whose assets lie elsewhere. Get a missing file from the publisher, and scan the whole folder.',
  severity: 'medium',
  confidence: 'high',
  references: ['CWE-22', 'https://www.tensorflow.org/guide/saved_model'],
  provisions: ['5.2.3-1'],
  example: ['tensorflow/asset-outside', 'tensorflow/vocabulary'],
  reads: ['link'],
  *check(among) {
    for (const one of among.all) if (isFormat(one.artefact, 'tensorflow')) yield* outside(one, among);
  },
});

function* outside({ artefact, facts }: Inspected, among: Collection): Generator<Hit> {
  for (const fact of facts) {
    if (fact.kind !== 'link' || fact.role !== 'external-data') continue;
    // A graph by another name is a part somebody took out.
    if (fact.detail !== 'asset' && !artefact.id.endsWith('saved_model.pb')) continue;
    const { target, detail, at } = fact;
    const place = { artefact: artefact.id, ...(at === undefined ? {} : { at }) };
    const name = detail === 'asset' ? target.slice('assets/'.length) : target;
    const how = leavesFolder(name);
    if (how !== undefined) yield { message: `asset '${name}' ${how}; only files in the folder of assets are allowed`, severity: 'high', ...place };
    // Members that nothing understands are no artefacts: inside a container, absence says nothing.
    else if (!target.endsWith('…') && !artefact.id.includes('!/') && !among.has(besides(artefact.id, target))) {
      yield { message: `${detail === 'asset' ? 'asset' : 'checkpoint'} '${target}' is not beside the model`, severity: detail === 'asset' ? 'low' : 'medium', ...place };
    }
  }
}
