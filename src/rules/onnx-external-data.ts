// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';
import { leavesFolder } from './policy/paths.ts';

export default rule({
  id: 'onnx-external-data',
  title: 'ONNX model reads a file outside its folder as weights',
  why: 'A tensor of the model is stored in a file that lies elsewhere on the machine which loads it. Loading reads that file: keys and passwords end up in weights, outputs, or in the copy of the model that is saved and sent on. Some loaders also write there.',
  fix: 'Do not load the model. Export it again with external data beside the model file, or inside it; keep onnx and ONNX Runtime up to date.',
  severity: 'critical',
  confidence: 'high',
  references: ['CVE-2022-25882', 'CVE-2024-27318', 'CVE-2025-51480', 'CWE-22', 'https://onnx.ai/onnx/repo-docs/ExternalData.html'],
  provisions: ['5.2.3-1'],
  example: ['onnx/external-traversal.onnx', 'onnx/sibling'],
  reads: ['link'],
  *check({ artefact, facts }) {
    if (!artefact.format.split('+').includes('onnx')) return;
    for (const { target, role, detail, at } of facts) {
      if (role !== 'external-data') continue;
      const why = leavesFolder(target);
      const evidence = detail === undefined ? [] : [detail];
      const place = at === undefined ? {} : { at };
      if (why !== undefined) yield { message: `external data '${target}' ${why}; only files beside the model are allowed`, evidence, ...place };
      else if (/(?:^|[/\\])\.\.(?:[/\\]|$)/.test(target)) yield { message: `external data '${target}' holds '..', which ONNX does not allow`, severity: 'medium', evidence, ...place };
    }
  },
});
