// SPDX-License-Identifier: Apache-2.0

const card = 'README.md (the model card)';
const front = 'the front matter of README.md';
const overlay = 'the overlay file (assay.yaml)';
const tool = 'the tool that writes the BOM';

/** What profiles can ask, and the file that would answer it. Order is of no meaning. */
export const fields = {
  'doc.author': overlay, 'doc.version': tool, 'doc.format': tool, 'doc.format-version': tool, 'doc.serial': tool,
  'doc.signature': 'a signature: sign the BOM', 'doc.tool': tool, 'doc.tool-version': tool, 'doc.context': tool,
  'doc.timestamp': 'SOURCE_DATE_EPOCH when the BOM is written', 'doc.dependencies': tool, 'doc.unknowns': tool,
  'system.name': `the option --name, or ${card}`, 'system.components': 'the files themselves', 'system.producer': overlay, 'system.version': 'hub metadata, a git tag, or the overlay file (assay.yaml)',
  'system.timestamp': overlay, 'system.data-flow': overlay, 'system.data-usage': overlay, 'system.io': `${front} (pipeline_tag), or config.json`, 'system.area': `${card}, section "Intended use", or ${overlay}`,
  'model.name': `the option --name, or ${card}`, 'model.type': tool, 'model.id': 'the hub cache (.cache/huggingface), which gives the purl', 'model.version': 'the hub cache (.cache/huggingface) or .git',
  'model.timestamp': overlay, 'model.producer': `CITATION.cff, GGUF general.organization, or ${overlay}`, 'model.supplier': `GGUF general.organization, or ${overlay}`, 'model.description': card, 'model.hash': 'the weight files',
  'model.architecture': 'config.json (architectures, model_type)', 'model.parameters': 'the headers of the weight files', 'model.hyperparameters': 'config.json', 'model.io': `${front} (pipeline_tag), or the graph of an ONNX file`,
  'model.context-length': 'config.json (max_position_embeddings)', 'model.modality': `${front} (pipeline_tag)`, 'model.tokenizer': 'tokenizer_config.json', 'model.training': `trainer_state.json, or ${card}, section "Training"`,
  'model.approach': `${front} (tags such as sft, dpo)`, 'model.training-data': `${front} (datasets)`, 'model.licence': `${front} (license), or a LICENSE file`, 'model.references': card,
  'model.card': 'README.md', 'model.paper': `${card}: a link to the paper, or CITATION.cff`, 'model.vcs': `${card}: a link to the code`, 'model.website': `${front}: a homepage`, 'model.distribution': 'the hub cache (.cache/huggingface)',
  'model.lineage': `${front} (base_model), or adapter_config.json`, 'model.task': `${front} (pipeline_tag)`, 'model.limitations': `${card}, section "Limitations"`, 'model.ethics': `${card}, section "Bias, risks"`,
  'model.use-cases': `${card}, section "Intended use"`, 'model.acceptable-use': 'USE_POLICY.md', 'model.metrics': `${front} (model-index), or eval_results.json`, 'model.thresholds': overlay, 'model.explainability': `${card}, section "Explainability"`,
  'model.preprocessing': 'preprocessor_config.json', 'model.safety': overlay, 'model.autonomy': overlay, 'model.domain': overlay, 'model.personal-data': overlay, 'model.energy': 'emissions.csv (CodeCarbon)', 'model.energy-unit': 'emissions.csv (CodeCarbon)',
  'model.compute': overlay, 'model.release-date': overlay,
  'hyper.vocabulary': 'config.json (vocab_size)', 'hyper.embedding': 'config.json (hidden_size)', 'hyper.layers': 'config.json (num_hidden_layers)', 'hyper.heads': 'config.json (num_attention_heads)', 'hyper.kv-heads': 'config.json (num_key_value_heads)',
  'hyper.feed-forward': 'config.json (intermediate_size)', 'hyper.rope': 'config.json (rope_scaling), or the GGUF header', 'hyper.quantisation': 'config.json (quantization_config), or the GGUF header',
  'dataset.name': `${front} (datasets)`, 'dataset.description': 'README.md of the dataset', 'dataset.content': 'the data files, or dataset_infos.json', 'dataset.id': `${front} (datasets)`, 'dataset.hash': 'the data files', 'dataset.provenance': 'README.md of the dataset (source_datasets), or croissant.json',
  'dataset.statistics': 'the data files, or dataset_infos.json', 'dataset.sensitivity': `croissant.json (rai:personalSensitiveInformation), or ${overlay}`, 'dataset.dependency': `${front} (datasets)`, 'dataset.licence': 'README.md of the dataset (license)', 'dataset.bias': 'croissant.json (rai:dataBiases)',
  'infra.software': 'requirements.txt, or config.json (transformers_version)', 'infra.hardware': overlay,
  'security.controls': overlay, 'security.compliance': overlay, 'security.policy': 'SECURITY.md', 'security.vulnerabilities': tool, 'security.metrics': overlay, 'kpi': `${front} (model-index), or eval_results.json`,
  'each.name': tool, 'each.version': 'hub metadata or lock files', 'each.supplier': overlay, 'each.id': 'the files themselves, hashed', 'each.hash': 'the files themselves', 'each.licence': 'LICENSE files',
} as const;

export type FieldId = keyof typeof fields;
