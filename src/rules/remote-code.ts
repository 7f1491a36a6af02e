// SPDX-License-Identifier: Apache-2.0
import { rule, type Hit } from '../model/rule.ts';

export default rule({
  id: 'remote-code',
  title: 'Configuration asks its loader to run Python code',
  why: 'With trust_remote_code a loader imports the Python files that auto_map or custom_pipelines name, with the rights of whoever loads the model.',
  fix: 'Read the named Python files, pin their revision, or use a model whose architecture the library has built in.',
  severity: 'high',
  confidence: 'high',
  references: ['CWE-829', 'https://huggingface.co/docs/transformers/custom_models'],
  provisions: ['5.1.2-6', '5.2.3-1'],
  example: ['json/auto-map.json', 'json/plain-config.json'],
  reads: ['claim'],
  *check({ facts }): Iterable<Hit> {
    for (const { field, value } of facts) {
      if (field !== 'auto-map' && field !== 'custom-pipeline' && field !== 'trust-remote-code') continue;
      const other = field === 'auto-map' && value.includes('--') ? ', code of another repository' : '';
      yield { message: `${field} names ${value}${other}`, key: `${field} ${value}` };
    }
  },
});
