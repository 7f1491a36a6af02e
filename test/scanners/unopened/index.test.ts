import { expect, test } from 'vitest';
import scanner from '../../../scanners/unopened/index.ts';
import type { Sample } from '../../../src/model/scanner.ts';

const says = (name: string, content: string | Uint8Array): string => {
  const head = Buffer.from(content as string, 'latin1');
  const sample: Sample = { name, size: head.length, head, tail: head };
  return scanner.recognise(sample);
};

test.for([
  ['model.pt', '\x80\x02}.'], ['model.pt', 'PK\x03\x04'], ['model.bin', 'GGUF\x03\0\0\0'], ['model.bin', '\x02\0\0\0\0\0\0\0{}'],
  ['old.pkl', "(dp0\nS'a'\np1\nI1\ns."], ['x.pkl', ''], ['LICENSE', 'Apache License'], ['config.json', '{}'], ['photo.pt', '\xff\xd8\xff\xe0\0\0'],
  ['README.md', '# Model'], ['model.onnx', '\x08\x07\x12\x04'], ['a.safetensors', '\0\0\0\0\0\0\0\0'], ['0', '\x01\x02\x03\x04'], ['', '\x01\x02\x03\x04'],
  ['old.pkl', ']q\0(K\x01e.'], ['old.pkl', '}q\x01.'],
  ['tokenizer.model', '\n\x0e\n\x05<unk>\x15\0\0\0\0\x18\x02'],
  ['model.joblib', '\x78\x9c\x03\0\0\0\0\x01'],
] as const)('%s with such content is left to others', ([name, content]) => {
  expect(says(name, content)).toBe('no');
});

test.for([
  ['model.pt', 'Rar!\x1a\x07\x01\0', 'yes'],
  ['setup.sh', 'echo x\n', 'maybe'], ['x', '\x7fELF\x02', 'yes'],
] as const)('%s is named as not opened', ([name, content, answer]) => {
  expect(says(name, content)).toBe(answer);
});
