// SPDX-License-Identifier: Apache-2.0
// Threat lists as an overlay on rules: which techniques a rule looks for. A filter and an index, never a verdict.

/** The lists, each with the edition that its ids are from: editions renumber. */
export const threatLists: Readonly<Record<string, { readonly name: string; readonly url: string }>> = {
  'atlas-5.6.1': { name: 'MITRE ATLAS 5.6.1', url: 'https://atlas.mitre.org/' },
  'owasp-llm-2025': { name: 'OWASP Top 10 for LLM Applications 2025', url: 'https://genai.owasp.org/llm-top-10/' },
  'owasp-llm-2026': { name: 'OWASP Top 10 for LLM Applications 2026', url: 'https://genai.owasp.org/llm-top-10/' },
  'owasp-ml-2023': { name: 'OWASP Machine Learning Security Top 10 2023 (draft)', url: 'https://owasp.org/www-project-machine-learning-security-top-10/' },
  'nist-ai-100-2e2025': { name: 'NIST AI 100-2 E2025', url: 'https://doi.org/10.6028/NIST.AI.100-2e2025' },
  'cisa-ai-data-2025': { name: 'NSA, CISA and others: AI Data Security (May 2025)', url: 'https://www.cisa.gov/resources-tools/resources/ai-data-security-best-practices-securing-data-used-train-operate-ai-systems' },
};

/** What a rule is about, with the techniques that belong to it. */
export const threatClasses = {
  /** Code that runs when an artefact is loaded. */
  serialised: ['atlas-5.6.1:AML.T0011.000', 'atlas-5.6.1:AML.T0018.002', 'atlas-5.6.1:AML.T0010.003', 'owasp-llm-2025:LLM03', 'owasp-llm-2026:LLM04', 'owasp-ml-2023:ML06', 'nist-ai-100-2e2025:NISTAML.05'],
  /** Files that readers take differently, or that pass for something else. */
  corrupt: ['atlas-5.6.1:AML.T0076', 'atlas-5.6.1:AML.T0074', 'owasp-llm-2025:LLM03', 'owasp-llm-2026:LLM04', 'nist-ai-100-2e2025:NISTAML.05'],
  /** Lengths and offsets that make a loader write or read outside its memory. */
  memory: ['atlas-5.6.1:AML.T0011.000', 'atlas-5.6.1:AML.T0010.003', 'owasp-llm-2025:LLM03', 'owasp-llm-2026:LLM04', 'nist-ai-100-2e2025:NISTAML.05'],
  /** Inputs that use up memory or time. */
  exhaustion: ['atlas-5.6.1:AML.T0029', 'owasp-llm-2025:LLM10', 'nist-ai-100-2e2025:NISTAML.01'],
  /** Changes of the graph that hide behaviour. */
  architecture: ['atlas-5.6.1:AML.T0018.001', 'owasp-llm-2025:LLM04', 'owasp-llm-2026:LLM05', 'owasp-ml-2023:ML10', 'nist-ai-100-2e2025:NISTAML.026', 'nist-ai-100-2e2025:NISTAML.051'],
  /** Weights that were changed. */
  weights: ['atlas-5.6.1:AML.T0018.000', 'atlas-5.6.1:AML.T0058', 'owasp-llm-2025:LLM04', 'owasp-llm-2026:LLM05', 'owasp-ml-2023:ML10', 'nist-ai-100-2e2025:NISTAML.011', 'nist-ai-100-2e2025:NISTAML.023', 'nist-ai-100-2e2025:NISTAML.051'],
  /** Records made to steer a model that is trained on them. */
  poisoning: ['atlas-5.6.1:AML.T0020', 'atlas-5.6.1:AML.T0019', 'atlas-5.6.1:AML.T0059', 'owasp-llm-2025:LLM04', 'owasp-llm-2026:LLM05', 'owasp-ml-2023:ML02', 'nist-ai-100-2e2025:NISTAML.012', 'nist-ai-100-2e2025:NISTAML.013', 'nist-ai-100-2e2025:NISTAML.023', 'nist-ai-100-2e2025:NISTAML.024', 'cisa-ai-data-2025:practice-1'],
  /** Text aimed at a model, in templates, prompts and data. */
  template: ['atlas-5.6.1:AML.T0051.001', 'atlas-5.6.1:AML.T0068', 'owasp-llm-2025:LLM01', 'owasp-llm-2026:LLM01', 'nist-ai-100-2e2025:NISTAML.015', 'nist-ai-100-2e2025:NISTAML.018'],
  /** Where something is from is not known. */
  provenance: ['atlas-5.6.1:AML.T0010', 'owasp-llm-2025:LLM03', 'owasp-llm-2026:LLM04', 'nist-ai-100-2e2025:NISTAML.05', 'cisa-ai-data-2025:practice-1'],
  /** What is fetched can be replaced. */
  rugPull: ['atlas-5.6.1:AML.T0109', 'owasp-llm-2025:LLM03', 'owasp-llm-2026:LLM04', 'nist-ai-100-2e2025:NISTAML.051'],
  /** What is there is not what was stated. */
  integrity: ['atlas-5.6.1:AML.T0010.003', 'atlas-5.6.1:AML.T0010.002', 'owasp-llm-2025:LLM03', 'owasp-llm-2026:LLM04', 'owasp-ml-2023:ML06', 'nist-ai-100-2e2025:NISTAML.05', 'cisa-ai-data-2025:practice-2'],
  /** Packages and code that are fetched. */
  dependency: ['atlas-5.6.1:AML.T0010.001', 'atlas-5.6.1:AML.T0011.001', 'owasp-llm-2025:LLM03', 'owasp-llm-2026:LLM04', 'owasp-ml-2023:ML06', 'nist-ai-100-2e2025:NISTAML.05'],
  /** Metadata, secrets and personal data that give something away. */
  disclosure: ['atlas-5.6.1:AML.T0057', 'owasp-llm-2025:LLM02', 'owasp-llm-2026:LLM02', 'nist-ai-100-2e2025:NISTAML.03', 'cisa-ai-data-2025:practice-8'],
  /** Credentials in files. */
  secrets: ['atlas-5.6.1:AML.T0055', 'owasp-llm-2025:LLM02', 'owasp-llm-2026:LLM02', 'nist-ai-100-2e2025:NISTAML.036', 'cisa-ai-data-2025:practice-5'],
  /** Media whose credentials do not hold. */
  credentials: ['atlas-5.6.1:AML.T0010.002', 'owasp-llm-2025:LLM04', 'owasp-llm-2026:LLM05', 'nist-ai-100-2e2025:NISTAML.05', 'cisa-ai-data-2025:practice-1', 'cisa-ai-data-2025:practice-2'],
} as const satisfies Readonly<Record<string, readonly string[]>>;
export type ThreatClass = keyof typeof threatClasses;

/** What each rule is about, by its id. An empty list says that no entry of the lists fits: the rule is about hygiene or terms. */
export const threatsByRule: Readonly<Record<string, readonly ThreatClass[]>> = {
  'activation-cluster': ['poisoning', 'weights'],
  'archive-bomb': ['exhaustion'],
  'archive-damage': ['corrupt'],
  'archive-executable': ['serialised'],
  'archive-traversal': ['serialised'],
  'attestation-failed': ['integrity', 'provenance'],
  'base-edit': ['weights', 'integrity'],
  'base-model-conflict': ['provenance'],
  'base-model-unpinned': ['provenance', 'rugPull'],
  'base-rows': ['weights', 'integrity'],
  'base-unrelated': ['provenance', 'weights'],
  'build-input-unpinned': ['rugPull'],
  'builder-signer-conflict': ['provenance'],
  'code-payload': ['poisoning'],
  'code-reaches': ['serialised'],
  'compiled-python': ['serialised'],
  'config-tensors': ['integrity'],
  'configuration-differs': ['integrity'],
  'conflicting-duplicates': ['poisoning'],
  'content-credentials-invalid': ['credentials'],
  polyglot: ['corrupt'],
  'code-beside-model': ['serialised', 'dependency'],
  'coreml-custom-layer': ['architecture', 'serialised'],
  'coreml-files': ['integrity', 'corrupt'],
  'coreml-structure': ['corrupt', 'memory'],
  'data-provenance-record': ['provenance'],
  'data-secrets': ['secrets', 'disclosure'],
  'dataset-artifact': ['poisoning'],
  'dataset-formula': ['serialised'],
  'dataset-licence-missing': [],
  'dataset-study-stopped': ['exhaustion'],
  'dataset-unpinned-snapshot': ['rugPull', 'provenance'],
  'dataset-url-only': ['rugPull', 'poisoning'],
  'dataset-value-anomaly': ['poisoning'],
  'dates-conflict': ['integrity'],
  'digest-contradicted': ['integrity'],
  'digest-missing-file': ['integrity'],
  'digest-weak': ['integrity'],
  'download-mixed-revisions': ['integrity', 'rugPull'],
  'empty-file': ['corrupt'],
  'executable-file': ['serialised'],
  'extension-mismatch': ['corrupt'],
  'fetch-remote-code': ['dependency', 'serialised'],
  'fetch-unpinned': ['rugPull', 'dependency'],
  'flax-structure': ['corrupt'],
  'ggml-structure': ['memory', 'corrupt'],
  'gguf-bounds': ['memory'],
  'gguf-duplicate-key': ['corrupt'],
  'gguf-overflow': ['memory'],
  'gguf-structure': ['corrupt'],
  'gibberish-trigger': ['poisoning'],
  'graph-input-bypass': ['architecture'],
  'hdf5-external': ['serialised', 'disclosure'],
  'hdf5-structure': ['corrupt', 'memory'],
  'hidden-unicode': ['template', 'poisoning'],
  'image-conflict-trigger': ['poisoning'],
  'image-conflicting-duplicates': ['poisoning'],
  'image-label-noise': ['poisoning'],
  'image-near-duplicates': ['poisoning'],
  'image-scaling': ['poisoning'],
  'image-shortcut': ['poisoning'],
  'image-split-leakage': ['poisoning'],
  'image-stamp': ['poisoning'],
  'index-total-size': ['corrupt'],
  'injection-text': ['template', 'poisoning'],
  'joblib-array-file': ['serialised'],
  'json-comments': ['corrupt'],
  'json-duplicate-key': ['corrupt'],
  'keras-file': ['serialised', 'disclosure'],
  'keras-gadget': ['serialised'],
  'keras-lambda': ['serialised'],
  'kitfile-coverage': ['integrity'],
  'label-noise': ['poisoning'],
  'licence-conflict': [],
  'licence-text-differs': ['provenance'],
  'local-base-model': ['provenance', 'disclosure'],
  'mlflow-run-missing': [],
  'model-card-missing': ['provenance'],
  'model-licence-missing': [],
  'near-duplicate-flood': ['poisoning'],
  'numpy-header': ['corrupt'],
  'numpy-object-array': ['serialised'],
  'onnx-custom-operator': ['architecture', 'serialised'],
  'onnx-external-data': ['serialised', 'corrupt'],
  'onnx-external-data-missing': ['integrity'],
  'onnx-input-bypass': ['architecture'],
  'onnx-metadata': ['disclosure'],
  'onnx-probe-not-finite': ['architecture'],
  'onnx-probe-patch': ['weights', 'architecture'],
  'onnx-probe-random': ['architecture'],
  'onnx-probe-refused': ['corrupt'],
  'onnx-probe-row-leak': ['architecture'],
  'onnx-probe-stopped': ['exhaustion'],
  'onnx-structure': ['corrupt'],
  'onnx-tensor-size': ['corrupt'],
  'openvino-custom-layer': ['architecture', 'serialised'],
  'openvino-data': ['integrity', 'corrupt'],
  'openvino-structure': ['corrupt', 'memory'],
  'parameter-count-differs': ['integrity'],
  'pickle-build-rebind': ['serialised'],
  'pickle-build-setstate': ['serialised'],
  'pickle-builds-code': ['serialised'],
  'pickle-dotted-name': ['serialised'],
  'pickle-dynamic-import': ['serialised'],
  'pickle-embedded': ['serialised'],
  'pickle-exec-call': ['serialised'],
  'pickle-expansion': ['exhaustion'],
  'pickle-extension': ['serialised'],
  'pickle-import-only': ['serialised'],
  'pickle-indirect-call': ['serialised'],
  'pickle-io-call': ['serialised'],
  'pickle-malformed': ['serialised', 'corrupt'],
  'pickle-nested': ['serialised', 'corrupt'],
  'pickle-persistent-id': ['serialised'],
  'pickle-reader-difference': ['serialised', 'corrupt'],
  'pickle-stdlib-call': ['serialised'],
  'pickle-trailing': ['serialised', 'corrupt'],
  'pickle-unknown-call': ['serialised'],
  'pickle-unused-call': ['serialised'],
  'picture-active-text': ['serialised'],
  'picture-bomb': ['exhaustion'],
  'picture-order': ['corrupt'],
  'picture-structure': ['corrupt'],
  'quantised-source': ['integrity', 'weights'],
  'remote-code': ['serialised', 'dependency'],
  'response-cluster': ['poisoning'],
  'retrieval-store': ['poisoning', 'template'],
  'safetensors-duplicate-key': ['corrupt'],
  'safetensors-hash': ['integrity'],
  'safetensors-metadata': ['disclosure'],
  'safetensors-structure': ['corrupt'],
  'scan-gap': ['corrupt'],
  'shard-index': ['integrity'],
  'split-leakage': [],
  'symlink-outside': ['serialised'],
  'table-conflict-trigger': ['poisoning'],
  'table-damage': ['corrupt'],
  'tar-duplicate-name': ['corrupt'],
  'tar-reader-difference': ['corrupt'],
  'template-code-execution': ['serialised', 'template'],
  'template-hidden-instruction': ['template'],
  'template-hidden-text': ['template'],
  'template-rewrites-content': ['template'],
  'template-steering': ['template'],
  'template-unparsed': ['template'],
  'tensor-all-zero': ['weights'],
  'tensor-bit-law': ['weights'],
  'tensor-hidden-file': ['weights'],
  'tensor-low-byte': ['weights'],
  'tensor-not-finite': ['weights'],
  'tensor-overwritten': ['weights'],
  'tensor-range': ['weights'],
  'tensor-rows': ['weights'],
  'text-conflict-trigger': ['poisoning'],
  'tf-assets': ['integrity', 'corrupt'],
  'tf-checkpoint-data': ['integrity', 'corrupt'],
  'tf-checkpoint-structure': ['corrupt', 'memory'],
  'tf-custom-op': ['architecture', 'serialised'],
  'tf-file-read': ['serialised', 'disclosure'],
  'tf-file-write': ['serialised'],
  'tf-network-op': ['serialised'],
  'tf-python-op': ['serialised'],
  'tf-structure': ['corrupt', 'memory'],
  'tflite-custom-op': ['architecture', 'serialised'],
  'tflite-flex-op': ['serialised'],
  'tflite-structure': ['memory', 'corrupt'],
  'tied-weights': ['integrity'],
  'torch-layout': ['corrupt'],
  'torch-storage': ['corrupt'],
  'torch-tensor': ['corrupt'],
  'torch-weights-only': ['serialised'],
  'torchscript-code': ['serialised'],
  'unclaimed-bytes': ['corrupt'],
  'yaml-python-tag': ['serialised'],
  'zip-broken-directory': ['corrupt'],
  'zip-checksum': ['corrupt'],
  'zip-duplicate-name': ['corrupt'],
  'zip-encrypted': ['corrupt'],
  'zip-header-difference': ['corrupt'],
  'zip-hidden-member': ['corrupt'],
  'zip-overlap': ['corrupt'],
  'zip-prefix': ['corrupt'],
  'zip-several-directories': ['corrupt'],
  'zip-suffix': ['corrupt'],
};

/** Ids of all techniques that a rule looks for, with the edition; sorted. */
export function threatsOf(rule: string): string[] {
  const classes = Object.hasOwn(threatsByRule, rule) ? threatsByRule[rule]! : [];
  return [...new Set(classes.flatMap((one) => threatClasses[one]))].sort();
}

/**
 * Whether a rule looks for what is asked: 'AML.T0010' and all below it (AML.T0010.003), 'LLM04' in any edition, or
 * 'owasp-llm-2025:LLM04' in that one. Case does not matter.
 */
export function looksFor(rule: string, asked: string): boolean {
  const wanted = asked.trim().toLowerCase();
  return threatsOf(rule).some((threat) => {
    const full = threat.toLowerCase();
    const bare = full.slice(full.indexOf(':') + 1);
    return full === wanted || bare === wanted || bare.startsWith(`${wanted}.`) || full.startsWith(`${wanted}.`) || full.startsWith(`${wanted}:`);
  });
}

/** Every technique of the lists that some class holds. */
export function allThreats(): string[] {
  return [...new Set(Object.values(threatClasses).flat())].sort();
}
