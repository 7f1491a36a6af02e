// SPDX-License-Identifier: Apache-2.0
import { isFormat } from '../model/artefact.ts';
import { rule, type Severity } from '../model/rule.ts';

/** Custom operators that published runtimes bring with them, and which. */
const known: Readonly<Record<string, string>> = {
  TFLite_Detection_PostProcess: 'TFLite itself', AudioSpectrogram: 'TFLite itself', Mfcc: 'TFLite itself', NumericVerify: 'TFLite itself', RFFT2D: 'TFLite itself', Irfft2d: 'TFLite itself',
  Convolution2DTransposeBias: 'MediaPipe', MaxPoolingWithArgmax2D: 'MediaPipe', MaxUnpooling2D: 'MediaPipe', TransformTensorBilinear: 'MediaPipe', TransformLandmarks: 'MediaPipe', Landmarks2TransformMatrix: 'MediaPipe',
  Resampler: 'MediaPipe', KmeansEmbeddingLookup: 'MediaPipe', FusedBatchNorm: 'MediaPipe', 'tftext:WhitespaceTokenizer': 'TensorFlow Text', 'tftext:FastSentencepieceTokenizer': 'TensorFlow Text', ParseExample: 'TensorFlow Serving',
  ParseExampleV2: 'TensorFlow Serving',
};

/** Operators whose options are a program for a chip: nothing here reads it. */
const compiled: ReadonlySet<string> = new Set(['edgetpu-custom-op', 'edgetpu-custom-op-v2', 'QNN', 'DISPATCH_OP']);

export default rule({
  id: 'tflite-custom-op',
  title: 'TFLite model needs operators from outside',
  why: 'The model uses operators that TFLite does not have. It runs only together with a native library that somebody registers, or holds a program compiled for a chip: code that was not looked at.',
  fix: 'Find out which library brings the operators and whether you trust it. Prefer a conversion with built-in operators only.',
  severity: 'medium',
  confidence: 'high',
  references: ['CWE-829', 'https://ai.google.dev/edge/litert/conversion/tensorflow/ops_custom'],
  provisions: ['5.2.3-1'],
  example: ['tflite/custom-op.tflite', 'tflite/classifier.tflite'],
  reads: ['node'],
  *check({ artefact, facts }) {
    if (!isFormat(artefact, 'tflite')) return;
    for (const { operator, domain, name, at, count = 1 } of facts) {
      if (domain !== 'custom') continue;
      const from = Object.hasOwn(known, operator) ? known[operator] : undefined;
      const severity: Severity = from === undefined ? 'medium' : 'low';
      const what = compiled.has(operator) ? 'holds a program compiled for a chip, which was not looked at' : from === undefined ? 'is none of TFLite\'s' : `is one of ${from}`;
      yield { message: `custom operator ${operator === '' ? 'without a name' : operator} ${what}`, severity, evidence: [`${count} in the graph, first ${name}`], key: operator, ...(at === undefined ? {} : { at }) };
    }
  },
});
