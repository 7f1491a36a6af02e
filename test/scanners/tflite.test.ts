import { expect, test } from 'vitest';
import scanner from '../../scanners/tflite/index.ts';
import { Malformed } from '../../src/bytes/errors.ts';
import { Budget, defaultLimits } from '../../src/bytes/limits.ts';
import { MemorySource } from '../../src/bytes/source.ts';
import type { Fact } from '../../src/model/fact.ts';
import { tflite } from '../../fixtures/support/tflite.ts';

async function facts(bytes: Uint8Array): Promise<Fact[]> {
  const out: Fact[] = [];
  for await (const said of scanner.inspect(new MemorySource(bytes, new Budget(defaultLimits, bytes.length)), { name: 'm.tflite', size: bytes.length, head: bytes, tail: bytes })) if (said.kind !== 'child') out.push(said);
  return out;
}

const model = tflite([{
  tensors: [{ name: 'x', shape: [1, 4] }, { name: 'w', shape: [2, 4], data: new Uint8Array(Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8]).buffer) }, { name: 'y', shape: [1, 2] }],
  inputs: [0], outputs: [2], operators: [{ op: 9, inputs: [0, 1, -1], outputs: [2] }],
}]);

test('a constant tensor is told with the bytes it lies in', async () => {
  const [tensor] = (await facts(model)).filter((fact) => fact.kind === 'tensor');
  expect(tensor).toMatchObject({ name: 'w', dtype: 'F32', shape: [2, 4] });
  const [begin, end] = tensor!.at!;
  expect([...new Float32Array(Uint8Array.from(model.subarray(begin, end)).buffer)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test('any byte may be any other without an error that is not ours', async () => {
  for (let i = 0; i < model.length; i += 1) {
    for (const value of [0, 0x7f, 0xff]) {
      const bytes = Uint8Array.from(model);
      bytes[i] = value;
      await facts(bytes).catch((error: unknown) => { expect(error).toBeInstanceOf(Malformed); });
    }
  }
});
