// SPDX-License-Identifier: Apache-2.0
// Where each format says what. '=text' is what a document says by being of its format.
import type { FieldId } from './fields.ts';

const hyper = (...names: readonly string[]): string[] => names.flatMap((name) => [`@model/modelCard/properties{cdx:ai-ml:model:hyperparameter:${name}}`, `@model/properties{cdx:ai-ml:model:hyperparameter:${name}}`]);
const card = (name: string): string[] => [`@model/modelCard/properties{${name}}`, `@model/properties{${name}}`];
const considerations = '@model/modelCard/considerations';
const parameters = '@model/modelCard/modelParameters';

export const cyclonedxPaths: Readonly<Partial<Record<FieldId, readonly string[]>>> = {
  'doc.author': ['@/metadata/authors/name', '@/metadata/manufacturer/name', '@/metadata/manufacture/name'],
  'doc.version': ['@/version'], 'doc.format': ['@/bomFormat'], 'doc.format-version': ['@/specVersion'], 'doc.serial': ['@/serialNumber'], 'doc.signature': ['@/signature'],
  'doc.tool': ['@/metadata/tools/components/name', '@/metadata/tools/name'], 'doc.tool-version': ['@/metadata/tools/components/version', '@/metadata/tools/version'],
  'doc.context': ['@/metadata/lifecycles/phase', '@/metadata/lifecycles/name'], 'doc.timestamp': ['@/metadata/timestamp'], 'doc.dependencies': ['@/dependencies/dependsOn', '@/components/pedigree/ancestors/name', '@subject/pedigree/ancestors/name'],
  'doc.unknowns': ['@/compositions/aggregate'],
  'system.name': ['@subject/name'], 'system.components': ['@/components/name'], 'system.producer': ['@subject/manufacturer/name', '@subject/supplier/name', '@subject/publisher', '@subject/authors/name'],
  'system.version': ['@subject/version'], 'system.timestamp': ['@subject/releaseNotes/timestamp', '@subject/properties{assay:release-date}'], 'system.data-flow': ['@/services/data/flow', '@/services/name', '@subject/properties{assay:system:data-flow}'],
  'system.data-usage': ['@/services/data/classification', '@subject/properties{assay:system:data-usage}'], 'system.io': [`${parameters}/inputs/format`, ...card('cdx:ai-ml:model:modality')],
  'system.area': [`${considerations}/useCases`, '@subject/properties{assay:system:application-area}'],
  'model.name': ['@model/name'], 'model.type': ['@model/type'], 'model.id': ['@model/purl', '@model/swhid', '@model/cpe'], 'model.version': ['@model/version'], 'model.timestamp': ['@model/releaseNotes/timestamp', '@model/properties{assay:release-date}'],
  'model.producer': ['@model/manufacturer/name', '@model/authors/name', '@model/supplier/name', '@model/publisher', '@model/author'], 'model.supplier': ['@model/supplier/name', '@model/manufacturer/name'],
  'model.description': ['@model/description'], 'model.hash': ['@model/hashes/content'], 'model.architecture': [`${parameters}/modelArchitecture`, `${parameters}/architectureFamily`],
  'model.parameters': [...card('cdx:ai-ml:model:parameter:count'), '@model/properties{assay:parameters}'], 'model.hyperparameters': [...card('cdx:ai-ml:model:hyperparameter:*')],
  'model.io': [`${parameters}/inputs/format`, `${parameters}/outputs/format`], 'model.context-length': hyper('context_length', 'max_position_embeddings'), 'model.modality': card('cdx:ai-ml:model:modality'),
  'model.tokenizer': [...card('cdx:ai-ml:model:tokenizer'), ...hyper('tokenizer_class')], 'model.training': [...card('cdx:ai-ml:model:parameter:tune_method'), `${parameters}/approach/type`, ...card('assay:training*'), '@/formulation/workflows/uid', '@model/properties{assay:training*}'],
  'model.approach': [`${parameters}/approach/type`], 'model.training-data': [`${parameters}/datasets/ref`, `${parameters}/datasets/name`], 'model.licence': ['@model/licenses/license/id', '@model/licenses/license/name', '@model/licenses/expression'],
  'model.references': ['@model/externalReferences?type=website|documentation|model-card|vcs|distribution/url'], 'model.card': ['@model/externalReferences?type=model-card/url'], 'model.paper': ['@model/externalReferences?type=documentation|citation/url'],
  'model.vcs': ['@model/externalReferences?type=vcs/url'], 'model.website': ['@model/externalReferences?type=website/url'], 'model.distribution': ['@model/externalReferences?type=distribution|website/url'],
  'model.lineage': ['@model/pedigree/ancestors/name'], 'model.task': [`${parameters}/task`], 'model.limitations': [`${considerations}/technicalLimitations`], 'model.ethics': [`${considerations}/ethicalConsiderations/name`], 'model.use-cases': [`${considerations}/useCases`],
  'model.acceptable-use': ['@model/externalReferences?type=documentation/url'], 'model.metrics': ['@model/modelCard/quantitativeAnalysis/performanceMetrics/value'], 'model.thresholds': [...card('assay:metric:threshold*')],
  'model.explainability': [...card('assay:explainability')], 'model.preprocessing': [...card('assay:preprocessing*')], 'model.safety': [...card('assay:safety-risk')], 'model.autonomy': [...card('assay:autonomy')], 'model.domain': [...card('assay:domain')],
  'model.personal-data': [...card('assay:personal-data'), ...card('assay:sensitive-data')], 'model.energy': [`${considerations}/environmentalConsiderations/energyConsumptions/activityEnergyCost/value`, `${considerations}/environmentalConsiderations/properties{assay:energy*}`, ...card('assay:energy*'), ...card('assay:co2*')],
  'model.energy-unit': [`${considerations}/environmentalConsiderations/energyConsumptions/activityEnergyCost/unit`, `${considerations}/environmentalConsiderations/properties{assay:energy:kwh}`, `${considerations}/environmentalConsiderations/properties{assay:energy:co2*}`, ...card('assay:energy*'), ...card('assay:co2*')],
  'model.compute': [...card('assay:training:compute*')], 'model.release-date': ['@model/releaseNotes/timestamp', '@model/properties{assay:release-date}'],
  'hyper.vocabulary': hyper('vocab_size'), 'hyper.embedding': hyper('hidden_size', 'd_model'), 'hyper.layers': hyper('num_hidden_layers', 'num_layers'), 'hyper.heads': hyper('num_attention_heads'), 'hyper.kv-heads': hyper('num_key_value_heads'),
  'hyper.feed-forward': hyper('intermediate_size'), 'hyper.rope': hyper('_undefined:rope*'), 'hyper.quantisation': [...hyper('quantization'), '@/components/properties{assay:weights:quantisation}', '@subject/properties{assay:weights:precision}'],
  'dataset.name': ['@dataset/name'], 'dataset.description': ['@dataset/data/description', '@dataset/description'], 'dataset.content': ['@dataset/data/contents/properties/value', '@dataset/data/contents/url', '@dataset/mime-type'],
  'dataset.id': ['@dataset/purl', '@dataset/swhid', '@dataset/externalReferences?type=distribution|website/url'], 'dataset.hash': ['@dataset/hashes/content', '@dataset/components/hashes/content'],
  'dataset.provenance': ['@dataset/data/governance/custodians/organization/name', '@dataset/data/governance/owners/organization/name', '@dataset/pedigree/ancestors/name', '@dataset/pedigree/notes', '@dataset/properties{assay:provenance*}'],
  'dataset.statistics': ['@dataset/data/contents/properties{assay:dataset:rows}', '@dataset/properties{assay:dataset:rows}', '@dataset/data/graphics/description'],
  'dataset.sensitivity': ['@dataset/data/classification', '@dataset/data/sensitiveData', '@dataset/properties{assay:sensitive-data}'], 'dataset.dependency': [`${parameters}/datasets/ref`, `${parameters}/datasets/name`, '@dataset/pedigree/ancestors/name'],
  'dataset.licence': ['@dataset/licenses/license/id', '@dataset/licenses/license/name', '@dataset/licenses/expression'], 'dataset.bias': ['@dataset/properties{assay:bias*}', '@dataset/data/graphics/description'],
  'infra.software': ['@/components?type=library|framework|application|operating-system|container|platform/name'], 'infra.hardware': ['@/components?type=device|firmware/name', '@subject/externalReferences?type=bom/url', '@subject/properties{assay:hardware*}'],
  'security.controls': ['@/declarations/claims/predicate', '@/declarations/attestations/summary', '@subject/properties{assay:security:controls}'], 'security.compliance': ['@/definitions/standards/name', '@/declarations/attestations/map/requirement', '@subject/externalReferences?type=certification-report|attestation/url'],
  'security.policy': ['@subject/externalReferences?type=security-contact|rfc-9116/url'], 'security.vulnerabilities': ['@/vulnerabilities/id', '@subject/externalReferences?type=vulnerability-assertion|exploitability-statement|advisories/url', '@/metadata/properties{assay:verdict}'],
  'security.metrics': ['@model/modelCard/quantitativeAnalysis/performanceMetrics?slice=robustness|security/value', '@subject/externalReferences?type=quality-metrics/url'], 'kpi': ['@model/modelCard/quantitativeAnalysis/performanceMetrics/value'],
  'each.name': ['@each/name'], 'each.version': ['@each/version'], 'each.supplier': ['@each/supplier/name', '@each/manufacturer/name', '@each/authors/name', '@each/publisher'], 'each.id': ['@each/purl', '@each/cpe', '@each/swhid', '@each/swid/tagId', '@each/hashes/content'],
  'each.hash': ['@each/hashes/content'], 'each.licence': ['@each/licenses/license/id', '@each/licenses/license/name', '@each/licenses/expression'],
};

const relation = (...types: readonly string[]): string[] => [`@relation?relationshipType=${types.join('|')}/to`];

export const spdxPaths: Readonly<Partial<Record<FieldId, readonly string[]>>> = {
  'doc.author': ['@info/createdBy'], 'doc.format': ['=SPDX'], 'doc.format-version': ['@info/specVersion'], 'doc.serial': ['@sbom/spdxId'], 'doc.tool': ['@tool/name', '@info/createdUsing'], 'doc.tool-version': ['@tool/software_packageVersion'],
  'doc.context': ['@sbom/software_sbomType'], 'doc.timestamp': ['@info/created'], 'doc.dependencies': relation('contains', 'dependsOn', 'descendantOf'), 'doc.unknowns': ['@relation/completeness'],
  'system.name': ['@subject/name'], 'system.components': relation('contains', 'dependsOn'), 'system.producer': ['@subject/suppliedBy', '@subject/originatedBy'], 'system.version': ['@subject/software_packageVersion'], 'system.timestamp': ['@subject/releaseTime', '@subject/builtTime'],
  'system.data-flow': ['@subject/ai_informationAboutApplication'], 'system.area': ['@subject/ai_domain'],
  'model.name': ['@model/name'], 'model.type': ['@model/type'], 'model.id': ['@model/software_packageUrl', '@model/externalIdentifier/identifier'], 'model.version': ['@model/software_packageVersion'], 'model.timestamp': ['@model/releaseTime', '@model/builtTime'],
  'model.producer': ['@model/suppliedBy', '@model/originatedBy'], 'model.supplier': ['@model/suppliedBy'], 'model.description': ['@model/description', '@model/summary'], 'model.hash': ['@model/verifiedUsing/hashValue'],
  'model.architecture': ['@model/ai_typeOfModel'], 'model.parameters': ['@model/ai_hyperparameter?key=parameters|parameter-count|parameter_count|cdx:ai-ml:model:parameter:count/value'], 'model.hyperparameters': ['@model/ai_hyperparameter/value'], 'model.io': ['@model/ai_informationAboutApplication'],
  'model.training': ['@model/ai_informationAboutTraining', ...relation('trainedOn')], 'model.approach': ['@model/ai_informationAboutTraining'], 'model.training-data': relation('trainedOn'), 'model.licence': relation('hasDeclaredLicense', 'hasConcludedLicense'),
  'model.references': ['@model/externalRef/locator', '@model/software_homePage', '@model/software_downloadLocation'], 'model.website': ['@model/software_homePage'], 'model.distribution': ['@model/software_downloadLocation'], 'model.vcs': ['@model/software_sourceInfo'],
  'model.lineage': relation('descendantOf'), 'model.task': ['@model/ai_domain'], 'model.limitations': ['@model/ai_limitation'], 'model.use-cases': ['@model/ai_informationAboutApplication'], 'model.metrics': ['@model/ai_metric/value'], 'model.thresholds': ['@model/ai_metricDecisionThreshold/value'],
  'model.explainability': ['@model/ai_modelExplainability'], 'model.preprocessing': ['@model/ai_modelDataPreprocessing'], 'model.safety': ['@model/ai_safetyRiskAssessment'], 'model.autonomy': ['@model/ai_autonomyType'], 'model.domain': ['@model/ai_domain'],
  'model.personal-data': ['@model/ai_useSensitivePersonalInformation'], 'model.energy': ['@model/ai_energyConsumption'], 'model.energy-unit': ['@model/ai_energyConsumption'], 'model.release-date': ['@model/releaseTime'],
  'dataset.name': ['@dataset/name'], 'dataset.description': ['@dataset/description', '@dataset/summary', '@dataset/dataset_intendedUse'], 'dataset.content': ['@dataset/dataset_datasetType'], 'dataset.id': ['@dataset/software_packageUrl', '@dataset/externalIdentifier/identifier', '@dataset/software_downloadLocation'],
  'dataset.hash': ['@dataset/verifiedUsing/hashValue'], 'dataset.provenance': ['@dataset/dataset_dataCollectionProcess', '@dataset/originatedBy'], 'dataset.statistics': ['@dataset/dataset_datasetSize', '@dataset/dataset_datasetNoise'],
  'dataset.sensitivity': ['@dataset/dataset_hasSensitivePersonalInformation', '@dataset/dataset_confidentialityLevel'], 'dataset.dependency': relation('trainedOn', 'testedOn'), 'dataset.bias': ['@dataset/dataset_knownBias'],
  'infra.software': relation('dependsOn', 'hasDependencyManifest'), 'security.compliance': ['@model/ai_standardCompliance'], 'security.policy': ['@model/externalRef?externalRefType=securityPolicy/locator'], 'security.vulnerabilities': ['@vulnerability/spdxId', ...relation('hasAssociatedVulnerability')], 'kpi': ['@model/ai_metric/value'],
  'each.name': ['@each/name'], 'each.version': ['@each/software_packageVersion'], 'each.supplier': ['@each/suppliedBy', '@each/originatedBy'], 'each.id': ['@each/software_packageUrl', '@each/externalIdentifier/identifier', '@each/verifiedUsing/hashValue'], 'each.hash': ['@each/verifiedUsing/hashValue'],
};
