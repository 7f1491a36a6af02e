// SPDX-License-Identifier: Apache-2.0
import { isFormat } from '../model/artefact.ts';
import type { FactOf } from '../model/fact.ts';
import { rule, type Severity } from '../model/rule.ts';
import { fileText, filesOf, hiding, leaving, runsOf, when } from './policy/tensorflow-nodes.ts';
import { checkpoints, debuggers, writers } from './policy/tensorflow-operators.ts';

export default rule({
  id: 'tf-file-write',
  title: 'TensorFlow graph writes files',
  why: 'An operator of the graph writes wherever the process may: a start-up script, a key file, a cron entry. The graph is a program, and running the model (or only loading it) runs the operator. A model that answers has no reason to write, besides the loader\'s own way of saving weights.',
  fix: 'Do not load the model. Find out who put the operator there; export the model again from code you trust, and run models of others without write access.',
  severity: 'high',
  confidence: 'high',
  references: ['CWE-73', 'CWE-829', 'https://www.tensorflow.org/security', 'https://arxiv.org/abs/2601.04553'],
  provisions: ['5.2.3-1'],
  example: ['tensorflow/write-file.pb', 'tensorflow/saver.pb'],
  reads: ['node'],
  *check({ artefact, facts }) {
    if (!isFormat(artefact, 'tensorflow')) return;
    for (const node of facts) {
      const severity = severityOf(node);
      if (severity === undefined) continue;
      yield {
        message: `operator ${node.operator} writes to ${fileText(node)}${when(node)}`, severity, evidence: [`node ${node.name}${node.detail?.['function'] === undefined ? '' : ` in function ${node.detail['function']}`}`],
        key: `${node.operator} ${filesOf(node).join(' ')}`, ...(node.at === undefined ? {} : { at: node.at }),
      };
    }
  },
});

function severityOf(node: FactOf<'node'>): Severity | undefined {
  const { operator } = node;
  const files = filesOf(node);
  // Where a URL says 'file://', text and tensors go to a file; 'stderr' and the like are no files.
  if (operator === 'PrintV2' || debuggers.has(operator)) return files.some((file) => /(?:^|\s)file:/i.test(file)) ? 'high' : undefined;
  if (!writers.has(operator)) return undefined;
  const runs = runsOf(node);
  if (checkpoints.has(operator)) return leaving(node) !== undefined || hiding(node).length > 0 || runs.includes('load') || runs.includes('signature') ? 'high' : undefined;
  // Without a name, data is cached in memory.
  if (/^(?:Cache|Snapshot)Dataset/.test(operator)) return leaving(node) !== undefined ? 'high' : files.length > 0 ? 'medium' : undefined;
  if (operator.startsWith('CreateSummary')) return leaving(node) !== undefined && runs.length > 0 ? 'high' : 'low';
  return 'high';
}
