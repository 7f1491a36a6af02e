import { expect, test } from 'vitest';
import { Records } from '../../scanners/csv/records.ts';
import { Budget } from '../../src/bytes/limits.ts';
import { lines } from '../../src/bytes/lines.ts';
import { MemorySource, Source } from '../../src/bytes/source.ts';

const table = 'a,"b ""x"" y",c\r\n1,"two\nlines",\n"",,"z"\nlast,row,"unfinished';

function cut(text: string, size: number): string[][] {
  const out: string[][] = [];
  const records = new Records(',', (fields) => out.push([...fields]));
  for (let at = 0; at < text.length; at += size) records.push(text.slice(at, at + size));
  records.end();
  return out;
}

test('records are the same for every cutting of the text', () => {
  const whole = cut(table, table.length);
  expect(whole).toEqual([['a', 'b "x" y', 'c'], ['1', 'two\nlines', ''], ['', '', 'z'], ['last', 'row', 'unfinished']]);
  for (let size = 1; size < table.length; size += 1) expect(cut(table, size), `pieces of ${size}`).toEqual(whole);
});

/** Gives its bytes in blocks of a chosen size, in memory that is used again. */
class Blocks extends Source {
  readonly #bytes: Buffer;
  readonly #block: number;
  constructor(bytes: Buffer, block: number) {
    super(bytes.length, new Budget());
    this.#bytes = bytes;
    this.#block = block;
  }
  override fill(into: Uint8Array, offset: number): void {
    into.set(this.#bytes.subarray(offset, offset + into.length));
  }
  override async *sweep(): AsyncGenerator<Uint8Array> {
    const memory = Buffer.alloc(this.#block);
    for (let at = 0; at < this.#bytes.length; at += this.#block) {
      const length = this.#bytes.copy(memory, 0, at, at + this.#block);
      yield memory.subarray(0, length);
    }
  }
}

async function collect(source: Source, longest: number): Promise<[string, number, boolean][]> {
  const out: [string, number, boolean][] = [];
  for await (const { bytes, at, cut: short } of lines(source, longest)) out.push([Buffer.from(bytes).toString(), at, short]);
  return out;
}

test('lines are the same for every cutting of the bytes, and long ones are cut', async () => {
  const bytes = Buffer.from('one\r\n\ntwo is long\nthree');
  const whole = await collect(new MemorySource(bytes, new Budget()), 8);
  expect(whole).toEqual([['one', 0, false], ['', 5, false], ['two is l', 6, true], ['three', 18, false]]);
  for (let size = 1; size < bytes.length; size += 1) expect(await collect(new Blocks(bytes, size), 8), `blocks of ${size}`).toEqual(whole);
});
