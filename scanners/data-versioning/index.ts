// SPDX-License-Identifier: Apache-2.0
// DVC: https://dvc.org/doc/user-guide/project-structure/dvc-files and .../dvcyaml-files (dvc.lock, schema 2.0)
import { clip } from '../../src/bytes/clip.ts';
import { Malformed } from '../../src/bytes/errors.ts';
import { isMapping, parseYaml, type Yaml } from '../../src/grammar/yaml.ts';
import type { FactOf } from '../../src/model/fact.ts';
import { scanner } from '../../src/model/scanner.ts';

const largest = 16 << 20;
const most = 100_000;

export default scanner({
  id: 'data-versioning',
  title: 'DVC files: digests of data that lies outside version control',
  extensions: ['.dvc', '.lock'],
  holds: 'data',
  says: ['region', 'record', 'link', 'malformed'],
  recognise: ({ name, head }) => (!head.includes(0) && (/\.dvc$/i.test(name) || name === 'dvc.lock') && name !== '.dvc' ? 'yes' : 'no'),
  async *inspect(source) {
    if (source.size > largest) throw new Malformed('data-versioning/size', `the file has ${source.size} bytes, allowed ${largest}`, 0);
    let text: string;
    try {
      text = new TextDecoder('utf-8', { fatal: true }).decode(await source.read(0, source.size));
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw new Malformed('data-versioning/encoding', 'the text is not UTF-8', 0);
    }
    const [document] = await parseYaml(text);
    if (document === undefined || !isMapping(document.value)) throw new Malformed('data-versioning/form', 'the document is no mapping', 0);
    yield { kind: 'region', name: 'document', at: [0, source.size] };
    yield* ofStage(document.value);
    const stages = document.value.get('stages');
    if (isMapping(stages)) for (const stage of stages.values()) if (isMapping(stage)) yield* ofStage(stage);
  },
});

type Said = FactOf<'record' | 'link'>;

/** outs and deps: [{path, md5 | hash + <hash>, size, nfiles, repo?: {url, rev, rev_lock}}]; paths are from the file's own folder, or `wdir`. */
function* ofStage(stage: ReadonlyMap<string, Yaml>): Generator<Said> {
  const folder = textOf(stage.get('wdir'));
  for (const key of ['outs', 'deps']) {
    const items = stage.get(key);
    if (!Array.isArray(items)) continue;
    for (const item of (items as readonly Yaml[]).slice(0, most)) {
      if (!isMapping(item)) continue;
      const path = textOf(item.get('path'));
      const repo = item.get('repo');
      if (isMapping(repo)) {
        const url = textOf(repo.get('url'));
        const locked = textOf(repo.get('rev_lock'));
        if (url !== undefined) yield { kind: 'link', role: 'dataset', target: clip(url), detail: 'dvc import', ...(locked === undefined ? {} : { revision: clip(locked) }) };
        continue; // the path is one in that repository
      }
      const md5 = textOf(item.get('md5'));
      if (path === undefined || md5 === undefined) continue;
      const size = item.get('size');
      const listing = /^[0-9a-f]{32}\.dir$/.test(md5);
      if (!listing && !/^[0-9a-f]{32}$/.test(md5)) continue;
      yield {
        kind: 'record', by: 'data-versioning', target: clip(folder === undefined ? path : `${folder}/${path}`),
        algorithm: listing ? 'md5-list' : 'md5', value: md5.slice(0, 32), ...(typeof size === 'number' ? { size } : {}),
      };
    }
  }
}

function textOf(value: Yaml | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
