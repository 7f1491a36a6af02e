// SPDX-License-Identifier: Apache-2.0
// Names registered in https://github.com/CycloneDX/cyclonedx-property-taxonomy (cdx.md, cdx/ai-ml.md), as far as they
// concern models and whole documents. Namespaces of package managers are accepted by their prefix.

const names = new Set([
  'cdx:reproducible',
  ...['tokenizer', 'language', 'modality', 'template:prompt', 'template:chat', 'parameter:count', 'parameter:tune_method'].map((name) => `cdx:ai-ml:model:${name}`),
  ...['activation_dropout', 'context_length', 'hidden_act', 'hidden_size', 'd_model', 'layer_norm_type', 'num_hidden_layers', 'num_layers', 'intermediate_size', 'layer_norm_epsilon',
    'max_position_embeddings', 'num_attention_heads', 'num_key_value_heads', 'quantization', 'tokenizer_class', 'vocab_size'].map((name) => `cdx:ai-ml:model:hyperparameter:${name}`),
  ...['bos_token', 'chat_template', 'errors', 'eos_token', 'pad_token', 'padding_side', 'tokenizer_class', 'unk_token', 'vocab_size'].map((name) => `cdx:ai-ml:tokenizer:hyperparameter:${name}`),
]);

const open = [
  'cdx:ai-ml:model:parameter:_undefined:', 'cdx:ai-ml:model:hyperparameter:_undefined:', 'cdx:ai-ml:tokenizer:hyperparameter:_undefined:',
  'cdx:composer:', 'cdx:device:', 'cdx:gomod:', 'cdx:lifecycle:', 'cdx:maven:', 'cdx:npm:', 'cdx:pipenv:', 'cdx:poetry:', 'cdx:python:', 'cdx:rustc:',
];

/** Whether a property name below `cdx:` is one that the taxonomy knows. */
export function isRegistered(name: string): boolean {
  return names.has(name) || open.some((prefix) => name.startsWith(prefix) && name.length > prefix.length);
}
