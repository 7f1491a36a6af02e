// SPDX-License-Identifier: Apache-2.0
import { clip } from '../../src/bytes/clip.ts';
import { Malformed } from '../../src/bytes/errors.ts';
import { parseYaml } from '../../src/grammar/yaml.ts';
import { scanner } from '../../src/model/scanner.ts';
import { cardFacts } from './card-keys.ts';
import { moreFacts } from './more-keys.ts';
import { codeFacts } from './code.ts';

/** By the byte order mark, as PyYAML decides; UTF-8 without one. */
function encodingOf(bytes: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
}

export default scanner({
  id: 'yaml',
  title: 'YAML documents: configurations, and the front matter of cards',
  extensions: ['.yaml', '.yml', '.cff'],
  holds: 'code',
  says: ['region', 'claim', 'link', 'call', 'malformed'],
  recognise({ name, head }) {
    if (!/\.(ya?ml|cff)$|^(MLmodel|Kitfile)$/i.test(name)) return 'no';
    return head.includes(0) && encodingOf(head) === 'utf-8' ? 'no' : 'yes';
  },
  async *inspect(source, sample) {
    const bytes = await source.read(0, source.size);
    let text: string;
    try {
      text = new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes);
    } catch {
      throw new Malformed('yaml/encoding', 'the text is neither UTF-8 nor UTF-16 behind its mark: YAML loaders refuse it', 0);
    }
    const documents = await parseYaml(text);
    yield { kind: 'region', name: 'document', at: [0, source.size] };
    for (const { value, complaints } of documents) {
      for (const what of complaints) yield { kind: 'malformed', code: complaintCode(what), what: clip(what) };
      yield* codeFacts(value, source.budget);
      yield* cardFacts(value, sample.name);
      yield* moreFacts(value, sample.name);
    }
  },
});

/** A repeated key is what an attacker plants: loaders keep the first or the last. */
function complaintCode(what: string): string {
  return what.startsWith('DUPLICATE_KEY') ? 'yaml/duplicate-key' : 'yaml/odd';
}
