// SPDX-License-Identifier: Apache-2.0
// The one door to onnxruntime-node. Only the probing process imports it.
import { InferenceSession, Tensor } from 'onnxruntime-node';

export interface Port {
  readonly name: string;
  /** ONNX Runtime's name of the element type: 'float32', 'int64', 'string' … */
  readonly type: string;
  /** Sizes; a name (or '' for none) where the model leaves the size open. */
  readonly shape: readonly (number | string)[];
}

export interface Values {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: ArrayLike<number | bigint | boolean | string>;
}

/** A loaded model, as far as probing needs it. */
export interface Session {
  readonly inputs: readonly Port[];
  /** Bytes of the inputs and outputs with all open sizes as 1. */
  readonly declared: number;
  run(feeds: Readonly<Record<string, Values>>): Promise<Readonly<Record<string, Values>>>;
  release(): Promise<void>;
}

/**
 * Loads a model: its bytes, or its path when tensors lie in files beside it. Throws ONNX Runtime's error. One thread and
 * no memory patterns, so that the same model gives the same numbers; no optimisation beyond the basic ones, for folding
 * constants is where a small model becomes large.
 */
export async function open(model: Uint8Array | string): Promise<Session> {
  const options = {
    executionProviders: ['cpu'], intraOpNumThreads: 1, interOpNumThreads: 1, graphOptimizationLevel: 'basic', enableCpuMemArena: false, enableMemPattern: false, logSeverityLevel: 4,
  } as const;
  const session = typeof model === 'string' ? await InferenceSession.create(model, options) : await InferenceSession.create(model, options);
  const inputs = session.inputMetadata.map((port): Port => (
    port.isTensor ? { name: port.name, type: port.type, shape: port.shape } : { name: port.name, type: 'no tensor', shape: [] }
  ));
  const declared = [...session.inputMetadata, ...session.outputMetadata].reduce((sum, port) => sum + (port.isTensor ? 4 * port.shape.reduce<number>((product, size) => product * (typeof size === 'number' && size > 0 ? size : 1), 1) : 0), 0);
  return {
    inputs,
    declared,
    run: async (feeds) => {
      const given = Object.fromEntries(Object.entries(feeds).map(([name, values]) => [name, tensorOf(values)]));
      const got = await session.run(given);
      return Object.fromEntries(Object.entries(got).map(([name, tensor]) => [name, { type: tensor.type, dims: tensor.dims, data: tensor.data }]));
    },
    release: () => session.release(),
  };
}

function tensorOf({ type, dims, data }: Values): Tensor {
  if (type !== 'float16') return new Tensor(type as 'float32', data as Float32Array, dims);
  // onnxruntime-node 1.30 refuses float16 data on Node 23 and later: made as uint16 and renamed.
  const tensor = new Tensor('uint16', data as Uint16Array, dims);
  Object.defineProperty(tensor, 'type', { value: 'float16' });
  return tensor;
}
