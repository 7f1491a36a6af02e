// SPDX-License-Identifier: Apache-2.0
import { plainBody, type Dialect } from '../../src/grammar/flow.ts';

const table = { table: 0, index: 1 };

/** Operations of OpenVINO (https://docs.openvino.ai/2025/documentation/openvino-ir-format/operation-sets/operation-specs.html). Operands of bodies are lined up by their ports. */
export const openvinoDialect: Dialect = {
  learned: new Set([
    'Convolution', 'GroupConvolution', 'ConvolutionBackpropData', 'GroupConvolutionBackpropData', 'DeformableConvolution', 'BinaryConvolution', 'MatMul', 'FullyConnected', 'InnerProduct', 'Deconvolution', 'Einsum',
    'LSTMCell', 'GRUCell', 'RNNCell', 'AUGRUCell', 'LSTMSequence', 'GRUSequence', 'RNNSequence', 'AUGRUSequence', 'Gemm',
  ]),
  lookups: new Map([['Gather', table], ['GatherND', table], ['EmbeddingBagOffsetsSum', table], ['EmbeddingBagOffsets', table], ['EmbeddingBagPackedSum', table], ['EmbeddingBagPacked', table], ['EmbeddingSegmentsSum', table]]),
  shapes: new Set(['ShapeOf', 'Range']),
  body: (operator) => {
    if (operator === 'If') return { ...plainBody, deciding: 1 };
    return operator === 'Loop' ? { ...plainBody, deciding: 2 } : plainBody;
  },
};

/** Name and bits of an element_type or precision. */
export const elementTypes: ReadonlyMap<string, readonly [name: string, bits: number]> = new Map<string, readonly [string, number]>([
  ['f64', ['F64', 64]], ['f32', ['F32', 32]], ['f16', ['F16', 16]], ['bf16', ['BF16', 16]], ['i64', ['I64', 64]], ['i32', ['I32', 32]], ['i16', ['I16', 16]], ['i8', ['I8', 8]], ['i4', ['I4', 4]],
  ['u64', ['U64', 64]], ['u32', ['U32', 32]], ['u16', ['U16', 16]], ['u8', ['U8', 8]], ['u4', ['U4', 4]], ['u2', ['U2', 2]], ['u3', ['U3', 3]], ['u6', ['U6', 6]], ['u1', ['U1', 1]], ['boolean', ['BOOL', 8]],
  ['bin', ['U1', 1]], ['nf4', ['NF4', 4]], ['f8e4m3', ['F8_E4M3', 8]], ['f8e5m2', ['F8_E5M2', 8]], ['f8e8m0', ['F8_E8M0', 8]], ['f4e2m1', ['F4', 4]], ['string', ['STRING', 0]],
  ['fp64', ['F64', 64]], ['fp32', ['F32', 32]], ['fp16', ['F16', 16]], ['bool', ['BOOL', 8]],
]);
