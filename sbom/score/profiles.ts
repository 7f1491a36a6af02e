// SPDX-License-Identifier: Apache-2.0
// The lists of minimum elements, as data. An element is there when one of its fields is given; of a field that begins
// with 'each.', the part of the components that give it counts.
import type { FieldId } from './fields.ts';

export interface Element {
  readonly id: string;
  readonly title: string;
  readonly any: readonly FieldId[];
}

export interface Cluster {
  readonly title: string;
  /** What the cluster is worth; as many points as it has elements when absent. */
  readonly points?: number;
  readonly elements: readonly Element[];
}

export interface Profile {
  readonly id: string;
  readonly title: string;
  readonly source: string;
  readonly clusters: readonly Cluster[];
}

type Short = readonly [id: string, title: string, ...any: FieldId[]];

function cluster(title: string, elements: readonly Short[], points?: number): Cluster {
  return { title, ...(points === undefined ? {} : { points }), elements: elements.map(([id, name, ...any]) => ({ id, title: name, any })) };
}

const g7: Profile = {
  id: 'g7',
  title: 'G7: SBOM for AI, minimum elements',
  source: 'G7 Cybersecurity Working Group, 12 May 2026',
  clusters: [
    cluster('Metadata', [
      ['sbom-author', 'SBOM author', 'doc.author'], ['sbom-version', 'SBOM version', 'doc.version'], ['sbom-data-format-name', 'Data format name', 'doc.format'], ['sbom-data-format-version', 'Data format version', 'doc.format-version'],
      ['sbom-author-signature', 'Author signature', 'doc.signature'], ['sbom-tool-name', 'Tool name', 'doc.tool'], ['sbom-tool-version', 'Tool version', 'doc.tool-version'], ['sbom-generation-context', 'Generation context', 'doc.context'],
      ['sbom-timestamp', 'Timestamp', 'doc.timestamp'], ['sbom-dependency-relationship', 'Dependency relationship', 'doc.dependencies'],
    ]),
    cluster('System level properties', [
      ['system-name', 'System name', 'system.name'], ['system-components', 'System components', 'system.components'], ['system-producer', 'System producer', 'system.producer'], ['system-version', 'System version', 'system.version'], ['system-timestamp', 'System timestamp', 'system.timestamp'],
      ['system-data-flow', 'System data flow', 'system.data-flow'], ['system-data-usage', 'System data usage', 'system.data-usage'], ['system-input-output-prop', 'System input and output', 'system.io'], ['system-intended-application-area', 'Intended application area', 'system.area'],
    ]),
    cluster('Models', [
      ['model-name', 'Model name', 'model.name'], ['model-identifier', 'Model identifier', 'model.id'], ['model-version', 'Model version', 'model.version'], ['model-timestamp', 'Model timestamp', 'model.timestamp'], ['model-producer', 'Model producer', 'model.producer'],
      ['model-description', 'Model description', 'model.description'], ['model-hash-value', 'Model hash value', 'model.hash'], ['model-hash-algorithm', 'Model hash algorithm', 'model.hash'], ['model-prop', 'Model properties', 'model.architecture', 'model.parameters', 'model.hyperparameters'],
      ['model-input-output-prop', 'Model input and output', 'model.io', 'model.context-length'], ['model-training-prop', 'Model training properties', 'model.training', 'model.training-data'], ['model-license', 'Model licence', 'model.licence'], ['model-external-ref', 'Model external references', 'model.references'],
    ]),
    cluster('Datasets', [
      ['dataset-name', 'Dataset name', 'dataset.name'], ['dataset-description', 'Dataset description', 'dataset.description'], ['dataset-content', 'Dataset content', 'dataset.content'], ['dataset-identifier', 'Dataset identifier', 'dataset.id'], ['dataset-hash', 'Dataset hash', 'dataset.hash'],
      ['dataset-provenance', 'Dataset provenance', 'dataset.provenance'], ['dataset-statistical-prop', 'Dataset statistical properties', 'dataset.statistics'], ['dataset-sensitivity', 'Dataset sensitivity', 'dataset.sensitivity'],
      ['dataset-dependency-relationship', 'Dataset dependency relationship', 'dataset.dependency'], ['dataset-license', 'Dataset licence', 'dataset.licence'],
    ]),
    cluster('Infrastructure', [['infrastructure-software', 'Infrastructure software', 'infra.software'], ['infrastructure-hardware', 'Infrastructure hardware', 'infra.hardware']]),
    cluster('Security properties', [
      ['security-controls', 'Security controls', 'security.controls'], ['security-compliance', 'Security compliance', 'security.compliance'], ['cybersecurity-policy', 'Cybersecurity policy information', 'security.policy'], ['vulnerability-referencing', 'Vulnerability referencing', 'security.vulnerabilities'],
    ]),
    cluster('Key performance indicators', [['security-metric', 'Security metrics', 'security.metrics'], ['operational-perf-kpi', 'Operational performance', 'kpi']]),
  ],
};

const cisa: Profile = {
  id: 'cisa-2025',
  title: 'CISA: minimum elements for an SBOM',
  source: 'CISA, draft of August 2025',
  clusters: [
    cluster('Data fields', [
      ['author', 'SBOM author', 'doc.author'], ['producer', 'Software producer', 'each.supplier'], ['name', 'Component name', 'each.name'], ['version', 'Component version', 'each.version'], ['identifiers', 'Software identifiers', 'each.id'], ['hash', 'Component hash and its algorithm', 'each.hash'],
      ['license', 'Licence', 'each.licence'], ['dependency', 'Dependency relationship', 'doc.dependencies'], ['tool', 'Tool name', 'doc.tool'], ['timestamp', 'Timestamp', 'doc.timestamp'], ['context', 'Generation context', 'doc.context'],
    ]),
    cluster('Practices', [['known-unknowns', 'Known unknowns', 'doc.unknowns']]),
  ],
};

const ntia: Profile = {
  id: 'ntia',
  title: 'NTIA: the minimum elements for an SBOM',
  source: 'NTIA, July 2021',
  clusters: [
    cluster('Data fields', [
      ['supplier', 'Supplier name', 'each.supplier'], ['name', 'Component name', 'each.name'], ['version', 'Version of the component', 'each.version'], ['identifiers', 'Other unique identifiers', 'each.id'], ['dependency', 'Dependency relationship', 'doc.dependencies'],
      ['author', 'Author of SBOM data', 'doc.author'], ['timestamp', 'Timestamp', 'doc.timestamp'],
    ]),
  ],
};

const annexXi: Profile = {
  id: 'eu-annex-xi',
  title: 'EU AI Act, Annex XI section 1 and Annex XII',
  source: 'Regulation (EU) 2024/1689',
  clusters: [
    cluster('Annex XI 1.1: general description', [
      ['tasks', '(a) tasks the model is intended to perform', 'model.task', 'model.use-cases'], ['acceptable-use', '(b) acceptable use policies', 'model.acceptable-use'], ['release', '(c) date of release and methods of distribution', 'model.release-date'],
      ['architecture', '(d) architecture', 'model.architecture'], ['parameters', '(d) number of parameters', 'model.parameters'], ['modality', '(e) modality and format of inputs and outputs', 'model.io', 'model.modality'], ['licence', '(f) licence', 'model.licence'],
    ]),
    cluster('Annex XI 1.2: development', [
      ['integration', '(a) technical means to integrate the model', 'infra.software'], ['design', '(b) design and training process', 'model.training'], ['data', '(c) data used for training, testing and validation', 'model.training-data'], ['data-provenance', '(c) provenance and curation of the data', 'dataset.provenance'],
      ['data-points', '(c) number of data points', 'dataset.statistics'], ['data-bias', '(c) measures against biases', 'dataset.bias'], ['compute', '(d) computational resources and training time', 'model.compute'], ['energy', '(e) energy consumption', 'model.energy'],
    ]),
    cluster('Annex XII, beyond Annex XI', [['software-versions', '1(d) versions of relevant software', 'infra.software'], ['input-size', '2(b) maximum size of inputs (context window)', 'model.context-length'], ['limits', 'capabilities and limitations (Article 53(1)(b))', 'model.limitations']]),
  ],
};

const owasp: Profile = {
  id: 'owasp',
  title: 'OWASP AIBOM completeness',
  source: 'GenAI-Security-Project/aibom-generator, field registry; values are looked at here, not only whether they are there',
  clusters: [
    cluster('Required fields', [['bomFormat', 'Format', 'doc.format'], ['specVersion', 'Format version', 'doc.format-version'], ['serialNumber', 'Serial number', 'doc.serial'], ['version', 'Version of the BOM', 'doc.version']], 20),
    cluster('Metadata', [['primaryPurpose', 'Primary purpose', 'model.task'], ['suppliedBy', 'Supplier', 'model.supplier', 'model.producer'], ['standardCompliance', 'Standards', 'security.compliance'], ['domain', 'Domain', 'model.domain', 'system.area'], ['autonomyType', 'Autonomy', 'model.autonomy']], 20),
    cluster('Component', [['name', 'Name', 'model.name'], ['type', 'Type', 'model.type'], ['component_version', 'Version', 'model.version'], ['purl', 'purl', 'model.id'], ['description', 'Description', 'model.description'], ['licenses', 'Licences', 'model.licence'], ['external_references', 'External references', 'model.references']], 20),
    cluster('Model card', [
      ['datasets', 'Datasets', 'model.training-data'], ['ethicalConsiderations', 'Ethical considerations', 'model.ethics'], ['energyConsumption', 'Energy consumption', 'model.energy'], ['hyperparameter', 'Hyperparameters', 'model.hyperparameters'], ['technicalLimitations', 'Technical limitations', 'model.limitations'],
      ['safetyRiskAssessment', 'Safety risk assessment', 'model.safety'], ['intendedUse', 'Intended use', 'model.use-cases'], ['typeOfModel', 'Type of model', 'model.architecture'], ['modelExplainability', 'Explainability', 'model.explainability'], ['energyQuantity', 'Energy quantity', 'model.energy'], ['energyUnit', 'Energy unit', 'model.energy-unit'],
      ['informationAboutTraining', 'Training', 'model.training'], ['informationAboutApplication', 'Application', 'model.use-cases', 'system.area'], ['metric', 'Metrics', 'model.metrics'], ['metricDecisionThreshold', 'Decision thresholds', 'model.thresholds'], ['modelDataPreprocessing', 'Data preprocessing', 'model.preprocessing'],
      ['useSensitivePersonalInformation', 'Sensitive personal information', 'model.personal-data'], ['vocab_size', 'Vocabulary size', 'hyper.vocabulary'], ['tokenizer_class', 'Tokenizer class', 'model.tokenizer'], ['context_length', 'Context length', 'model.context-length'], ['embedding_length', 'Embedding length', 'hyper.embedding'],
      ['block_count', 'Layers', 'hyper.layers'], ['attention_head_count', 'Attention heads', 'hyper.heads'], ['attention_head_count_kv', 'Key-value heads', 'hyper.kv-heads'], ['feed_forward_length', 'Feed-forward length', 'hyper.feed-forward'], ['rope_dimension_count', 'RoPE dimensions', 'hyper.rope'],
      ['quantization_version', 'Quantisation version', 'hyper.quantisation'], ['quantization_file_type', 'Quantisation type', 'hyper.quantisation'],
    ], 30),
    cluster('External references', [['paper', 'Paper', 'model.paper'], ['vcs', 'Code', 'model.vcs'], ['website', 'Website', 'model.website'], ['downloadLocation', 'Download location', 'model.distribution']], 10),
  ],
};

/** In the order in which they are offered. */
export const profiles: readonly Profile[] = [g7, cisa, ntia, annexXi, owasp];
