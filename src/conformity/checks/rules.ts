// SPDX-License-Identifier: Apache-2.0
// Checks that are rules of the scan.
import { atLeastSeverity, type Severity } from '../../model/rule.ts';
import { listed } from '../asset.ts';
import { judged, notApplicable, notAssessed, type Basis, type Check, type Gap, type Outcome } from '../basis.ts';

/** Findings of the named rules that nobody accepted, as gaps. */
export function ruleFindings(basis: Basis, rules: readonly string[], least: Severity = 'low'): Gap[] {
  return basis.report.findings.filter(({ rule, suppressed, severity }) => suppressed === undefined && rules.includes(rule) && atLeastSeverity(severity, least))
    .map(({ artefact, message, severity, fingerprint }) => ({ artefact, message, severity, finding: fingerprint }));
}

/** All that rules say which name the provision, from medium up: what is below is hygiene, and is shown with the scan. */
export function rulesFor(basis: Basis, provision: string): Outcome | undefined {
  const rules = basis.rules.filter(({ provisions }) => provisions.includes(provision));
  if (rules.length === 0) return undefined;
  if (!basis.allRules) return notAssessed('the report was made with another set of rules; scan again with this version');
  const gaps = ruleFindings(basis, rules.map(({ id }) => id), 'medium');
  const read = basis.assets.filter(({ coverage }) => coverage === 'complete');
  if (gaps.length === 0 && basis.incomplete.length > 0) return notAssessed(`the scan is incomplete: ${listed(basis.incomplete, 3)}`);
  if (gaps.length === 0 && read.length === 0) return notApplicable('no file is of a format that the rules speak of');
  return judged(gaps, `${rules.length} rules that serve this provision found nothing of medium severity or above in ${read.length} files`, read.map(({ path }) => path));
}

function byRules(id: string, title: string, severity: Severity, rules: readonly string[], formats: RegExp, what: string, fix: string): Check {
  return {
    id, title, severity, rules, fix,
    run(basis) {
      const concerned = basis.report.inspected.filter(({ artefact }) => artefact.format.split('+').some((one) => formats.test(one))).map(({ artefact }) => artefact.id.split('!/', 1)[0]!);
      const gaps = ruleFindings(basis, rules);
      if (gaps.length > 0) return judged(gaps, '', concerned);
      if (concerned.length === 0) return notApplicable(`no ${what} lies under the root`);
      if (!basis.allRules) return notAssessed('the report was made with another set of rules');
      if (basis.incomplete.length > 0) return notAssessed(`the scan is incomplete: ${listed(basis.incomplete, 3)}`);
      return judged([], `${rules.join(', ')} found nothing`, [...new Set(concerned)]);
    },
  };
}

/** What the probe of ONNX models asked, by the name of the check. */
function probed(id: string, title: string, severity: Severity, rules: readonly string[], fix: string): Check {
  return {
    id, title, severity, rules, fix,
    run(basis) {
      const models = basis.report.inspected.filter(({ artefact }) => artefact.format.split('+').includes('onnx'));
      const gaps = ruleFindings(basis, rules);
      if (gaps.length > 0) return judged(gaps, '', models.map(({ artefact }) => artefact.id.split('!/', 1)[0]!));
      if (models.length === 0) return notApplicable('no ONNX model lies under the root; only those are run');
      const asked = models.filter(({ facts }) => facts.some((fact) => fact.kind === 'check' && fact.outcome === 'held'));
      if (asked.length < models.length || !basis.allRules) return notAssessed(`${models.length - asked.length} of ${models.length} ONNX models were not run`);
      return judged([], `${models.length} ONNX models were run and nothing was found`, models.map(({ artefact }) => artefact.id.split('!/', 1)[0]!));
    },
  };
}

export const ruleChecks: readonly Check[] = [
  probed('RUN-NONFINITE', 'Outputs are finite', 'medium', ['onnx-probe-not-finite'], 'Find the operator that makes it; guard the input.'),
  probed('RUN-SHAPE', 'The graph does what it declares', 'low', ['onnx-probe-refused', 'onnx-probe-random', 'onnx-probe-row-leak'], 'Correct the declared shapes or the graph.'),
  probed('RUN-LIMIT', 'A run stays within its budget', 'medium', ['onnx-probe-stopped'], 'Find out what takes so long or so much.'),
  byRules('RUN-STRUCTURE', 'Weights are well formed: no length or offset leads outside', 'high', ['safetensors-structure', 'gguf-structure', 'gguf-bounds', 'gguf-overflow', 'onnx-structure', 'onnx-tensor-size', 'torch-layout', 'torch-storage', 'tf-structure', 'tf-checkpoint-structure', 'tflite-structure', 'flax-structure', 'ggml-structure', 'openvino-structure'], /^(safetensors|gguf|onnx|torch|torch-legacy|tensorflow|tf-checkpoint|tflite|flax|ggml|openvino)$/, 'weights in a format that is read', 'Get the file again from its source.'),
  byRules('RUN-UNUSED-IO', 'No input bypasses the graph', 'low', ['onnx-input-bypass', 'graph-input-bypass'], /^(onnx|tensorflow|tflite|openvino)$/, 'model with a graph', 'Remove the input or say what it is for.'),
  byRules('CFG-REMOTE-CODE', 'No configuration makes a loader fetch code', 'high', ['remote-code'], /^(json|yaml)$/, 'configuration', 'Ship the code with the model and pin it, or do without.'),
  byRules('ONX-CUSTOM-OP', 'No graph needs operators from outside', 'medium', ['onnx-custom-operator', 'tf-custom-op', 'tflite-custom-op', 'openvino-custom-layer'], /^(onnx|tensorflow|tflite|openvino)$/, 'model with a graph', 'Use standard operators.'),
  byRules('TPL-INSTRUCTION', 'No template holds hidden instructions', 'high', ['template-hidden-instruction', 'template-hidden-text', 'template-steering', 'template-rewrites-content', 'template-code-execution'], /^(jinja|gguf|json)$/, 'chat template', 'Use the template of the original model.'),
  byRules('MDL-LEAK-META', 'Metadata do not give away where the model was made', 'low', ['local-base-model', 'onnx-metadata', 'safetensors-metadata'], /^(json|onnx|safetensors)$/, 'metadata', 'Write the file again without paths and user names.'),
  {
    id: 'SCAN-VERDICT', title: 'The scan has no open finding at high or above', severity: 'high', fix: 'See assay scan PATH; correct, or accept with a reason in a baseline.',
    run(basis) {
      if (!basis.allRules) return notAssessed('the report was made with another set of rules');
      const gaps = basis.report.findings.filter(({ suppressed, severity }) => suppressed === undefined && atLeastSeverity(severity, 'high')).map(({ artefact, message, severity, fingerprint }): Gap => ({ artefact, message, severity, finding: fingerprint }));
      if (gaps.length === 0 && basis.incomplete.length > 0) return notAssessed(`the scan is incomplete: ${listed(basis.incomplete, 3)}`);
      return judged(gaps, `the scan with ${basis.rules.length} rules has no open finding at high or above`, basis.assets.map(({ path }) => path));
    },
  },
];
