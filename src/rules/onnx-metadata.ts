// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { suspiciousText } from './policy/suspicious-text.ts';

const fields = new Set(['metadata', 'description', 'producer', 'input', 'output']);

export default rule({
  id: 'onnx-metadata',
  title: 'Code, markup, a path or a secret in ONNX metadata',
  why: 'Properties and doc strings of a model end up in web pages, file names and log lines. Text made for those places attacks the tools around the model; a secret in it is public with the file.',
  fix: 'Read the text. Remove it by saving the model anew; withdraw a secret at whoever issued it.',
  severity: 'medium',
  confidence: 'medium',
  references: ['CWE-79', 'CWE-94', 'CWE-22', 'CWE-798'],
  provisions: ['5.2.3-1'],
  example: ['onnx/metadata.onnx', 'onnx/ok-linear.onnx'],
  reads: ['claim'],
  *check({ artefact, facts }) {
    if (!artefact.format.split('+').includes('onnx')) return;
    for (const { field, value, at } of facts) {
      if (!fields.has(field)) continue;
      const place = field === 'metadata' ? `metadata ${value.split('=', 1)[0]}` : field;
      for (const { what, severity, pattern } of suspiciousText) {
        if (pattern.test(value)) yield { message: `${place} looks like ${what}`, severity, evidence: [value.slice(0, 160)], ...(at === undefined ? {} : { at }) };
      }
    }
  },
});
