import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { defaultLimits } from '../src/bytes/limits.ts';
import { fixtures, look, samples } from './support/samples.ts';
import { folder } from './support/folder.ts';

// Whatever happens to a file, inspection ends with facts: no escaping error, no bug of ours, in bounded time.

/** Damaged copies of a sample: cut at every power of two, bytes flipped, lengths that lie. Deterministic. */
function* mutations(bytes: Buffer): Generator<[string, Buffer]> {
  for (let end = 1; end < bytes.length; end *= 2) yield [`cut to ${end}`, bytes.subarray(0, end)];
  for (const back of [1, 2, 5, 22]) if (back < bytes.length) yield [`cut by ${back}`, bytes.subarray(0, bytes.length - back)];
  const step = Math.max(1, Math.floor(bytes.length / 24));
  for (let at = 0; at < bytes.length; at += step) {
    const flipped = Buffer.from(bytes);
    flipped[at] = flipped[at]! ^ (1 << (at % 8));
    yield [`bit ${at % 8} of byte ${at} flipped`, flipped];
    for (const [name, lie] of lies) {
      if (at + lie.length > bytes.length) continue;
      const lying = Buffer.from(bytes);
      lie.copy(lying, at);
      yield [`${name} at ${at}`, lying];
    }
  }
  yield ['twice', Buffer.concat([bytes, bytes])];
  yield ['zeros before', Buffer.concat([Buffer.alloc(512), bytes])];
  yield ['rubbish behind', Buffer.concat([bytes, Buffer.from('\u0000\u00ff(((((cos\nsystem\n', 'latin1')])];
}

const lies: readonly (readonly [string, Buffer])[] = [
  ['2^32-1', Buffer.alloc(4, 0xff)],
  ['2^63-1', Buffer.from('ffffffffffffff7f', 'hex')],
  ['2^31', Buffer.from('00000080', 'hex')],
  ['zero', Buffer.alloc(4)],
];

const tight = { ...defaultLimits, timeout: 5, inflated: 64 << 20, read: 16 << 20, facts: 20_000, children: 2000 };

test.for(samples())('damaged copies of %s end in facts', async (sample) => {
  const bytes = readFileSync(join(fixtures, sample));
  const path = join(folder(), basename(sample));
  for (const [how, mutated] of mutations(bytes)) {
    writeFileSync(path, mutated);
    const begun = performance.now();
    const seen = await look(path, tight);
    expect(performance.now() - begun, `${how}: time`).toBeLessThan(10_000);
    const bugs = seen.flatMap(({ facts }) => facts).filter((fact) => fact.kind === 'gap' && (fact.why === 'crash' || fact.why === 'timeout'));
    expect(bugs, how).toEqual([]);
  }
});
