// SPDX-License-Identifier: Apache-2.0
import { refusePointer } from '../../src/bytes/pointer.ts';
import { ProtoReader } from '../../src/grammar/protobuf.ts';
import { scanner, type Recognition, type Sample } from '../../src/model/scanner.ts';
import { ModelReader } from './model.ts';

export default scanner({
  id: 'coreml',
  title: 'Core ML model',
  extensions: ['.mlmodel'],
  holds: 'anything',
  says: ['claim', 'region', 'tensor', 'node', 'link', 'anomaly', 'malformed'],
  recognise,
  async *inspect(source, { head }) {
    refusePointer(head);
    const model = new ModelReader(new ProtoReader(source, 'coreml'));
    let broken: unknown;
    try {
      await model.read();
    } catch (error) {
      broken = error; // thrown again below: what was read before is said first
    }
    yield* model.said;
    if (broken !== undefined) throw broken;
  },
});

/** Specification version, a description, and behind it a kind of model by one of the numbers of Model.proto. */
function recognise({ name, head, size }: Sample): Recognition {
  const called = /\.mlmodel$/i.test(name);
  if (head[0] !== 0x08 || !(head[1]! > 0 && head[1]! < 64) || head[2] !== 0x12) return 'no';
  if (called) return 'yes';
  let at = 3;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; scale < 2 ** 35; scale *= 128) {
      const byte = head[at++];
      if (byte === undefined) return Number.NaN;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    return Number.NaN;
  };
  const length = varint();
  if (!(at + length < size && at + length + 3 < head.length)) return 'no';
  at += length;
  const tag = varint();
  const field = Math.floor(tag / 8);
  return tag % 8 === 2 && ((field >= 200 && field <= 202) || (field >= 300 && field <= 305) || (field >= 400 && field <= 404) || (field >= 500 && field <= 610) || (field >= 900 && field <= 3000)) && varint() <= size ? 'maybe' : 'no';
}
