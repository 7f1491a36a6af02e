// SPDX-License-Identifier: Apache-2.0
// Numbers of Model.proto and NeuralNetwork.proto (https://github.com/apple/coremltools/tree/main/mlmodel/format).
import { plainBody, type Dialect } from '../../src/grammar/flow.ts';

/** Kinds of model. */
export const kinds: ReadonlyMap<number, string> = new Map([
  [200, 'pipelineClassifier'], [201, 'pipelineRegressor'], [202, 'pipeline'], [300, 'glmRegressor'], [301, 'supportVectorRegressor'], [302, 'treeEnsembleRegressor'], [303, 'neuralNetworkRegressor'],
  [304, 'bayesianProbitRegressor'], [400, 'glmClassifier'], [401, 'supportVectorClassifier'], [402, 'treeEnsembleClassifier'], [403, 'neuralNetworkClassifier'], [404, 'kNearestNeighborsClassifier'], [500, 'neuralNetwork'],
  [501, 'itemSimilarityRecommender'], [502, 'mlProgram'], [555, 'customModel'], [556, 'linkedModel'], [560, 'classConfidenceThresholding'], [600, 'oneHotEncoder'], [601, 'imputer'], [602, 'featureVectorizer'],
  [603, 'dictVectorizer'], [604, 'scaler'], [606, 'categoricalMapping'], [607, 'normalizer'], [609, 'arrayFeatureExtractor'], [610, 'nonMaximumSuppression'], [900, 'identity'], [2000, 'textClassifier'], [2001, 'wordTagger'],
  [2002, 'visionFeaturePrint'], [2003, 'soundAnalysisPreprocessing'], [2004, 'gazetteer'], [2005, 'wordEmbedding'], [2006, 'audioFeaturePrint'], [3000, 'serializedModel'],
]);

/** Layers that matter here by name; others go by their numbers. */
export const layerTypes: ReadonlyMap<number, string> = new Map([
  [100, 'convolution'], [120, 'pooling'], [130, 'activation'], [140, 'innerProduct'], [150, 'embedding'], [160, 'batchnorm'], [175, 'softmax'], [230, 'add'], [231, 'multiply'], [400, 'simpleRecurrent'], [410, 'gru'],
  [420, 'uniDirectionalLSTM'], [430, 'biDirectionalLSTM'], [500, 'custom'], [600, 'copy'], [605, 'branch'], [615, 'loop'], [815, 'equal'], [820, 'notEqual'], [825, 'less'], [827, 'lessEqual'], [830, 'greater'], [832, 'greaterEqual'],
  [840, 'logicalOr'], [845, 'logicalXor'], [850, 'logicalNot'], [855, 'logicalAnd'], [1040, 'embeddingND'], [1045, 'batchedMatmul'],
]);

export const coremlDialect: Dialect = {
  learned: new Set([
    'convolution', 'innerProduct', 'embedding', 'simpleRecurrent', 'gru', 'uniDirectionalLSTM', 'biDirectionalLSTM', 'embeddingND', 'batchedMatmul',
    // ML programs (https://apple.github.io/coremltools/source/coremltools.converters.mil.mil.ops.defs.html)
    'conv', 'conv_transpose', 'linear', 'matmul', 'einsum', 'lstm', 'rnn',
  ]),
  lookups: new Map([['gather', { table: 0, index: 1 }], ['gather_nd', { table: 0, index: 1 }]]),
  shapes: new Set(['shape']),
  body: (operator) => {
    if (operator === 'cond') return { skipInputs: Number.POSITIVE_INFINITY, skipOutputs: 0, deciding: 1 };
    return operator === 'while_loop' ? { skipInputs: 0, skipOutputs: 0, deciding: 0, conditions: 1 } : plainBody;
  },
};
