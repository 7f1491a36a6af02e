// SPDX-License-Identifier: Apache-2.0
import { collectionRule } from '../model/rule.ts';
import { folderOf, nameOf, repositories, shown } from './policy/repository.ts';

/** Names in the message. */
const named = 4;

export default collectionRule({
  id: 'code-beside-model',
  title: 'Python beside a model, which a loader may import',
  why: 'Loaders import Python from a model repository when they are told to trust it (trust_remote_code, custom pipelines). What such files fetch is looked at; what else they do no scanner of models judges.',
  fix: 'Read the files, or use a model whose architecture the library has built in. Pin the revision that was read.',
  severity: 'medium',
  confidence: 'medium',
  references: ['https://huggingface.co/docs/transformers/custom_models', 'CWE-829'],
  provisions: ['5.1.2-6', '5.2.3-1'],
  example: ['repository/model-with-code', 'repository/sharded'],
  reads: ['gap', 'claim', 'link'],
  *check(among) {
    const models = new Set(repositories(among).filter(({ kind }) => kind === 'model').map(({ folder }) => folder));
    const code = among.all.filter(({ facts }) => facts.some((fact) => fact.kind === 'gap' && fact.format === 'python')).map(({ artefact }) => artefact.id);
    for (const [home, ids] of Map.groupBy(code, (id) => homeOf(folderOf(id), models))) {
      if (home === undefined) continue;
      const names = [...new Set(ids.map((id) => nameOf(id)))].toSorted();
      yield {
        artefact: ids.toSorted()[0]!, key: 'python',
        message: `${ids.length} Python file${ids.length === 1 ? ' stands' : 's stand'} in ${shown(home)} beside the model (${names.slice(0, named).join(', ')}${names.length > named ? ', …' : ''}): what ${ids.length === 1 ? 'it fetches' : 'they fetch'} was looked at, nothing else`,
      };
    }
  },
});

/** The innermost repository that a folder lies in. */
function homeOf(folder: string, models: ReadonlySet<string>): string | undefined {
  for (let one = folder; ; one = one.slice(0, Math.max(0, one.lastIndexOf('/')))) {
    if (models.has(one)) return one;
    if (one === '') return undefined;
  }
}
