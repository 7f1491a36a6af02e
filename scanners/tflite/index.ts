// SPDX-License-Identifier: Apache-2.0
import { LimitReached, Malformed } from '../../src/bytes/errors.ts';
import type { ByteSource } from '../../src/bytes/source.ts';
import { FlatBuffer } from '../../src/grammar/flatbuffers.ts';
import { scanner, type Sample } from '../../src/model/scanner.ts';
import { TfliteReader, type Said } from './model.ts';

export default scanner({
  id: 'tflite',
  title: 'TensorFlow Lite (LiteRT) model',
  extensions: ['.tflite', '.lite'],
  // Files that belong to a model are packed behind it.
  basis: ['zip'],
  holds: 'anything',
  says: ['claim', 'region', 'tensor', 'node', 'anomaly', 'malformed'],
  recognise: ({ name, size, head }) => (size >= 8 && (isModel(head) || /\.tflite$/i.test(name)) ? (isModel(head) ? 'yes' : 'maybe') : 'no'),
  inspect,
});

/** The identifier 'TFL3' behind the offset of the root. */
function isModel(head: Uint8Array): boolean {
  return head[4] === 0x54 && head[5] === 0x46 && head[6] === 0x4c && head[7] === 0x33;
}

async function* inspect(source: ByteSource, { head }: Sample): AsyncGenerator<Said> {
  if (!isModel(head)) throw new Malformed('tflite/identifier', 'the identifier TFL3 is not where it must be', 4);
  const most = source.budget.limits.read;
  if (source.size > most) throw new LimitReached('read', `a TFLite model of ${source.size} bytes, which is held in memory; allowed ${most}`);
  const model = new TfliteReader(new FlatBuffer(await source.read(0, source.size), 'tflite'), source.size, source.budget);
  let broken: unknown;
  try {
    model.read();
  } catch (error) {
    broken = error; // thrown again below: what was read before is said first
  }
  yield* model.said;
  if (broken !== undefined) throw broken;
}
