// SPDX-License-Identifier: Apache-2.0
import { rule, type Severity } from '../model/rule.ts';
import { byCode } from './policy/by-code.ts';

const severities: ReadonlyMap<string, Severity> = new Map<string, Severity>([
  ['openvino/doctype', 'high'],
  ['openvino/range', 'high'],
  ['openvino/size', 'high'],
  ['openvino/depth', 'medium'],
  ['openvino/layers', 'medium'],
  ['openvino/root', 'medium'],
  ['openvino/xml-tag', 'medium'],
  ['openvino/xml-truncated', 'medium'],
]);

export default rule({
  id: 'openvino-structure',
  title: 'OpenVINO network description is malformed or reaches outside',
  why: 'A document type or entities in the XML make careless parsers read other files or grow without end. Offsets and sizes of constants that do not fit make a loader read outside the file of weights. Converters write neither.',
  fix: 'Do not load the model. Convert it again, or get it again from its publisher and compare the digest.',
  severity: 'high',
  confidence: 'high',
  references: ['CWE-611', 'CWE-776', 'CWE-125', 'https://docs.openvino.ai/2025/documentation/openvino-ir-format.html'],
  provisions: ['5.2.3-1'],
  example: ['openvino/doctype.xml', 'openvino/classifier.xml'],
  reads: ['malformed'],
  check: ({ facts }) => byCode(facts, severities),
});
