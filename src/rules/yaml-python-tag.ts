// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { judgeCall } from './policy/calls.ts';

export default rule({
  id: 'yaml-python-tag',
  title: 'YAML that only an unsafe loader takes',
  why: 'A Python tag makes PyYAML import or build what it names. Safe loaders refuse such a file, so whoever loads it must use an unsafe one, and that one runs whatever the next file names.',
  fix: 'Write the values as plain YAML and load them with yaml.safe_load; do not load this file otherwise.',
  severity: 'high',
  confidence: 'high',
  references: ['CWE-502', 'CVE-2020-14343', 'https://github.com/yaml/pyyaml/wiki/PyYAML-yaml.load(input)-Deprecation'],
  provisions: ['5.2.3-1'],
  example: ['yaml/python-name.yaml', 'yaml/ordinary-tags.yaml'],
  reads: ['call'],
  *check({ artefact, facts }) {
    if (!artefact.format.split('+').includes('yaml')) return;
    for (const fact of facts) {
      if (fact.via !== 'yaml-tag' && fact.via !== 'import') continue;
      const { speaker } = judgeCall(fact);
      // What a rule on dangerous calls speaks of needs no second finding.
      if (speaker !== undefined && speaker !== 'pickle-unknown-call' && speaker !== 'pickle-unused-call') continue;
      yield { message: `a Python tag ${fact.via === 'import' ? 'imports' : 'builds'} ${fact.target}`, key: fact.target };
    }
  },
});
