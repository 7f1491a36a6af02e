// SPDX-License-Identifier: Apache-2.0
import { clip } from '../../src/bytes/clip.ts';
import { scanner } from '../../src/model/scanner.ts';
import { fetches } from './fetches.ts';

/** Program text that people write is far below; what is longer is data in the form of a program. */
const largest = 8 << 20;

export default scanner({
  id: 'python',
  title: 'Python programs: what they fetch from hubs, and from which revision',
  extensions: ['.py'],
  basis: ['unopened'],
  holds: 'data',
  says: ['region', 'link', 'malformed', 'gap'],
  recognise: ({ name, head, size }) => (/\.pyw?$/i.test(name) && size > 0 && !head.includes(0) ? 'yes' : 'no'),
  async *inspect(source) {
    yield { kind: 'region', name: 'program', at: [0, source.size] };
    yield { kind: 'gap', what: 'program text (Python): what it fetches is looked at, what else it does is not judged', why: 'unsupported', holds: 'source', format: 'python' };
    if (source.size > largest) {
      yield { kind: 'malformed', code: 'python/size', what: `the program has ${source.size} bytes, looked at are ${largest} at most` };
      return;
    }
    const text = Buffer.from(await source.read(0, source.size)).toString('utf8');
    if (!mayFetch.test(text)) return;
    const [{ parsePython }, { callsIn }] = await Promise.all([import('../../src/grammar/python-source/parse.ts'), import('../../src/grammar/python-source/calls.ts')]);
    const tree = await parsePython(text);
    try {
      const { calls, cut } = callsIn(tree);
      for (const { target, revision, by, remoteCode } of fetches(calls)) {
        yield { kind: 'link', role: 'fetch', target: clip(target), detail: remoteCode ? `${clip(by, 120)}, trust_remote_code` : clip(by, 120), ...(revision === undefined ? {} : { revision: clip(revision) }) };
      }
      if (cut) yield { kind: 'malformed', code: 'python/nodes', what: 'the program is too large to be looked at whole' };
    } finally {
      tree.delete();
    }
  },
});

/** Most programs fetch nothing: they need no parser. */
const mayFetch = /from_pretrained|load_dataset|hf_hub_download|snapshot_download|hub\.load|torch\.hub|SentenceTransformer|pipeline\s*\(|trust_remote_code/;
