// SPDX-License-Identifier: Apache-2.0
import { plainBody, type Dialect } from '../../src/grammar/flow.ts';

/** Operators of ONNX and ONNX Runtime (https://onnx.ai/onnx/operators/). */
export const onnxDialect: Dialect = {
  learned: new Set([
    'Conv', 'ConvTranspose', 'ConvInteger', 'QLinearConv', 'DeformConv', 'MatMul', 'MatMulInteger', 'QLinearMatMul', 'MatMulNBits', 'Gemm', 'FusedMatMul', 'FusedGemm', 'FusedConv',
    'LSTM', 'GRU', 'RNN', 'DynamicQuantizeLSTM', 'DynamicQuantizeMatMul', 'MatMulIntegerToFloat', 'EmbedLayerNormalization', 'Attention', 'QAttention',
    'MultiHeadAttention', 'QGemm', 'Einsum', 'TreeEnsemble', 'TreeEnsembleClassifier', 'TreeEnsembleRegressor', 'LinearClassifier', 'LinearRegressor', 'SVMClassifier', 'SVMRegressor',
  ]),
  lookups: new Map([['Gather', { table: 0, index: 1 }], ['GatherBlockQuantized', { table: 0, index: 1 }]]),
  quantises: { operators: new Set(['DynamicQuantizeLinear']), products: new Set(['MatMulInteger', 'ConvInteger']) },
  shapes: new Set(['Shape', 'Size', 'Range', 'ConstantOfShape']),
  body: (operator) => (operator === 'If'
    ? { skipInputs: Number.POSITIVE_INFINITY, skipOutputs: 0, deciding: 1 }
    : operator === 'Loop' ? { skipInputs: 0, skipOutputs: 1, deciding: 2 } : plainBody),
};
