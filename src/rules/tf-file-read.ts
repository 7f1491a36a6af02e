// SPDX-License-Identifier: Apache-2.0
import { isFormat } from '../model/artefact.ts';
import type { FactOf } from '../model/fact.ts';
import { rule, type Severity } from '../model/rule.ts';
import { fileText, filesOf, hiding, leaving, runsOf, when } from './policy/tensorflow-nodes.ts';
import { checkpoints, readers, vocabularies } from './policy/tensorflow-operators.ts';

export default rule({
  id: 'tf-file-read',
  title: 'TensorFlow graph reads files',
  why: 'An operator of the graph opens files of the machine that runs it, and what it reads becomes data: it can leave with the answers, or with the model when it is saved again. Loaders read weights and the vocabularies in the model\'s own assets; nothing else has to be read.',
  fix: 'Look at what is read and why. Input pipelines belong beside the model, not into it; export the model without them, and run models of others where there is nothing to read.',
  severity: 'medium',
  confidence: 'high',
  references: ['CWE-73', 'CWE-200', 'https://www.tensorflow.org/security', 'https://arxiv.org/abs/2601.04553'],
  provisions: ['5.2.3-1'],
  example: ['tensorflow/read-file.pb', 'tensorflow/vocabulary/saved_model.pb'],
  reads: ['node'],
  *check({ artefact, facts }) {
    if (!isFormat(artefact, 'tensorflow')) return;
    for (const node of facts) {
      const severity = severityOf(node);
      if (severity === undefined) continue;
      const out = leaving(node);
      yield {
        message: `operator ${node.operator} reads ${fileText(node)}${out === undefined ? '' : `, which ${out.how},`}${when(node)}`, severity,
        evidence: [`node ${node.name}${node.detail?.['function'] === undefined ? '' : ` in function ${node.detail['function']}`}`],
        key: `${node.operator} ${filesOf(node).join(' ')}`, ...(node.at === undefined ? {} : { at: node.at }),
      };
    }
  },
});

function severityOf(node: FactOf<'node'>): Severity | undefined {
  const { operator, detail } = node;
  if (!readers.has(operator) || detail?.['from'] === 'asset') return undefined;
  const runs = runsOf(node);
  if (leaving(node) !== undefined) return 'high';
  if (vocabularies.has(operator)) return hiding(node).length > 0 && !detail?.['from']?.includes('asset') ? 'medium' : undefined;
  if (checkpoints.has(operator)) return hiding(node).length > 0 ? 'high' : runs.includes('signature') && !runs.includes('restore') ? 'medium' : undefined;
  return runs.includes('load') ? 'high' : 'medium';
}
