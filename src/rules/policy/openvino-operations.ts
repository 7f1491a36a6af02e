// SPDX-License-Identifier: Apache-2.0

/** Operations of the opsets 1 to 16, and layers of the versions before them (7 and below), in lower case. */
const operations = `
  abs acos acosh adaptiveavgpool adaptivemaxpool add asin asinh assign atan atanh augrucell augrusequence avgpool batchnorminference batchtospace binaryconvolution bitwiseand bitwiseleftshift bitwisenot
  bitwiseor bitwiserightshift bitwisexor broadcast bucketize ceiling celu clamp col2im concat constant const convert convertlike convertpromotetypes convolution convolutionbackpropdata cos cosh ctcgreedydecoder
  ctcgreedydecoderseqlen ctcloss cumsum deformableconvolution deformablepsroipooling depthtospace detectionoutput dft divide einsum elu embeddingbagoffsets embeddingbagoffsetssum embeddingbagpacked
  embeddingbagpackedsum embeddingsegmentssum equal erf exp experimentaldetectrondetectionoutput experimentaldetectrongenerateproposalssingleimage experimentaldetectronpriorgridgenerator
  experimentaldetectronroifeatureextractor experimentaldetectrontopkrois extractimagepatches eye fakeconvert fakequantize floor floormod gather gatherelements gathernd gathertree gelu generateproposals greater
  greaterequal gridsample grn groupconvolution groupconvolutionbackpropdata groupnormalization grucell grusequence hardsigmoid hsigmoid hswish i420tobgr i420torgb identity idft if interpolate inverse irdft isfinite isinf
  isnan istft less lessequal log logicaland logicalnot logicalor logicalxor logsoftmax loop lrn lstmcell lstmsequence matmul matrixnms maximum maxpool minimum mish mod multiclassnms multinomial multiply mvn
  negative nmsrotated nonmaxsuppression nonzero normalizel2 notequal nv12tobgr nv12torgb onehot pad parameter power prelu priorbox priorboxclustered proposal psroipooling randompoisson randomuniform range rdft
  readvalue reducel1 reducel2 reducelogicaland reducelogicalor reducemax reducemean reducemin reduceprod reducesum regionyolo relu reorgyolo reshape result reverse reversesequence rms rnncell rnnsequence roialign
  roialignrotated roipooling roll round scaleddotproductattention scatterelementsupdate scatterndupdate scatterupdate searchsorted segmentmax select selu shapeof shufflechannels sigmoid sign sin sinh slice
  slicescatter softmax softplus softsign spacetobatch spacetodepth split sqrt squareddifference squeeze stft stridedslice stringtensorpack stringtensorunpack subtract swish tan tanh tensoriterator tile topk transpose unique
  unsqueeze variadicsplit inverse sparsefillemptyrows
  input data pooling fullyconnected innerproduct deconvolution eltwise activation norm normalize permute reorder crop scaleshift batchnormalization concat slice flatten unpooling gemm resample simplernms interp memory rmscell lstmcell
  tensorsiterator fill quantize binaryconvolution reducesquare ctcgreedydecoder onehot gatherelements topk argmax upsampling copy
`;

let known: ReadonlySet<string> | undefined;

/** Whether OpenVINO itself has an operation of that name, in whatever opset. */
export function isOpenvino(operation: string): boolean {
  known ??= new Set(operations.split(/\s+/).filter((word) => word !== ''));
  return known.has(operation.toLowerCase());
}

/** What the published library of tokenizers adds. */
export const tokenizerOperations: ReadonlySet<string> = new Set([
  'BPETokenizer', 'BytesToChars', 'CaseFold', 'CharsMapNormalization', 'CharsToBytes', 'CombineSegments', 'EqualStr', 'FuzeRagged', 'NormalizeUnicode', 'RaggedTensorPack', 'RaggedToDense', 'RaggedToRagged', 'RaggedToSparse',
  'RegexNormalization', 'RegexSplit', 'SentencepieceDetokenizer', 'SentencepieceStreamDetokenizer', 'SentencepieceTokenizer', 'SpecialTokensSplit', 'StringToHashBucket', 'Truncate', 'TrieTokenizer', 'UTF8Validate', 'VocabDecoder',
  'VocabEncoder', 'WordpieceTokenizer', 'ByteFallback', 'UnigramTokenizer', 'StringTensorPack', 'StringTensorUnpack', 'RegexExtract', 'RaggedExtract',
]);
