// SPDX-License-Identifier: Apache-2.0
import { isFormat } from '../model/artefact.ts';
import { rule } from '../model/rule.ts';
import { isOpenvino, tokenizerOperations } from './policy/openvino-operations.ts';

export default rule({
  id: 'openvino-custom-layer',
  title: 'OpenVINO model needs layers from outside',
  why: 'The network uses operations that are in none of OpenVINO\'s operation sets. It runs only together with an extension, which is a native library that somebody loads first: code that is not in the model and was not looked at.',
  fix: 'Find out which extension brings the layers and whether you trust it. Prefer a conversion with standard operations only.',
  severity: 'medium',
  confidence: 'high',
  references: ['CWE-829', 'https://docs.openvino.ai/2025/documentation/openvino-extensibility.html'],
  provisions: ['5.2.3-1'],
  example: ['openvino/custom-layer.xml', 'openvino/classifier.xml'],
  reads: ['node'],
  *check({ artefact, facts }) {
    if (!isFormat(artefact, 'openvino')) return;
    for (const { operator, domain = '', name, at, count = 1 } of facts) {
      const standard = /^opset\d{1,2}$/.test(domain) || domain === '' || domain === 'experimental';
      if (standard && isOpenvino(operator)) continue;
      const internal = /^(?:ie_internal_opset|type_relaxed_opset|internal|gpu_opset|SnippetsOpset|util)$/.test(domain);
      const place = { evidence: [`${count} in the network, first ${name}`], key: `${domain} ${operator}`, ...(at === undefined ? {} : { at }) };
      if (tokenizerOperations.has(operator)) yield { message: `layer type ${operator} is one of OpenVINO Tokenizers, which has to be loaded first`, severity: 'low', ...place };
      else if (standard) yield { message: `layer type ${operator} is none that is known of ${domain === '' ? 'OpenVINO' : domain}`, severity: 'low', confidence: 'medium', ...place };
      else yield { message: `layer type ${operator} of ${domain} ${internal ? 'is internal to a compiler, and belongs in no published model' : 'is in none of OpenVINO\'s operation sets'}`, severity: internal ? 'low' : 'medium', ...place };
    }
  },
});
