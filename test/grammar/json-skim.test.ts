import { expect, test } from 'vitest';
import { isPlainJson } from '../../src/grammar/json-skim.ts';
import { parseJson } from '../../src/grammar/json.ts';

const telling = new Set(['_target_']);
const plain = (text: string | Buffer): boolean => isPlainJson(Buffer.from(text as string), telling);

test.for(['[]', '{}', '[{"a":1,"b":[true,false,null,-1.5e+3]},{"a":2,"b":{"a":3}}]', ' [ { "a" : "x\\n\\u00e9" } ] ', '[{"é":"ü"}]', '3', '"x"', '[[],[[]],{}]'])('%s is plain', (text) => {
  expect(plain(text)).toBe(true);
});

test.for(['', '[', '[1,]', '{"a":1,}', '{"a":1,"a":2}', '[{"b":{"a":1},"a":1,"b":2}]', '[{"a":{"b":1},"b":{"a":1,"a":2}}]', '[01]', '[1.]', '[.5]', '[1e]', '[-]', '["\t"]', '["\\x"]', '["\\u12g4"]', '[tru]', '[NaN]', '{"a" 1}', '{a:1}', '[1 2]', '[1]]', '[1] x', '[{"_target_":"os.system"}]', '[{"\\u005ftarget_":"os.system"}]'])('%s is not said to be plain', (text) => {
  expect(plain(text)).toBe(false);
});

test('bytes that are not UTF-8, and nesting beyond its stack, are left to the parser', () => {
  expect(plain(Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]))).toBe(false);
  expect(plain('['.repeat(65) + ']'.repeat(65))).toBe(false);
});

test('whatever it calls plain, the parser takes, without a repeated key', () => {
  const alphabet = ['{', '}', '[', ']', ',', ':', '"a"', '"b"', '1', 'null', ' ', '"\\n"', '-', '.', 'e'];
  let state = 7;
  const next = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
  let agreed = 0;
  for (let run = 0; run < 200_000; run += 1) {
    const text = Array.from({ length: 1 + next(9) }, () => alphabet[next(alphabet.length)]).join('');
    if (!plain(text)) continue;
    agreed += 1;
    expect(parseJson(Buffer.from(text)).duplicateCount, text).toBe(0);
  }
  expect(agreed).toBeGreaterThan(100);
});
