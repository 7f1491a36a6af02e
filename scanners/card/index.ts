// SPDX-License-Identifier: Apache-2.0
import { asBuffer } from '../../src/bytes/as-buffer.ts';
import { clip } from '../../src/bytes/clip.ts';
import { scanner } from '../../src/model/scanner.ts';
import { sectionFacts } from './sections.ts';

/** Front matter further down than this is none. */
const frontMatterLimit = 1 << 20;
/** Keys that only dataset cards have (huggingface.co/docs/hub/datasets-cards). */
const datasetKeys = /^(task_categories|task_ids|size_categories|source_datasets|annotations_creators|language_creators|multilinguality|dataset_info|configs|pretty_name):/m;

export default scanner({
  id: 'card',
  title: 'Model and dataset cards: README.md and other Markdown with front matter',
  extensions: ['.md'],
  holds: 'data',
  says: ['region', 'claim'],
  recognise({ name, head }) {
    if (!/\.(md|markdown)$/i.test(name) || head.includes(0)) return 'no';
    if (/^(readme|security|use_policy|(model|dataset|data)_?card)\./i.test(name)) return 'yes';
    return beginsFrontMatter(head) ? 'maybe' : 'no';
  },
  async *inspect(source, { head, name }) {
    yield { kind: 'region', name: 'text', at: [0, source.size] };
    const text = Buffer.from(await source.read(0, Math.min(source.size, frontMatterLimit))).toString('latin1'); // offsets are bytes
    const matter = beginsFrontMatter(head) ? frontMatter(text) : undefined;
    const heading = /^#[ \t]+([^\r\n]{1,200})/m.exec(text.slice(matter?.[1] ?? 0));
    if (heading !== null && matter !== undefined) yield { kind: 'claim', field: 'name', value: Buffer.from(heading[1]!.trim(), 'latin1').toString('utf8') };
    if (/^security\./i.test(name)) {
      for (const value of contacts(text)) yield { kind: 'claim', field: 'contact', value: clip(value) };
      return;
    }
    if (/^use_policy\./i.test(name)) return;
    yield* sectionFacts(text, matter === undefined ? 0 : matter[1]);
    if (matter === undefined) {
      const said = /^(model|dataset|data)_?card\./i.exec(name)?.[1]?.toLowerCase();
      if (said !== undefined) yield { kind: 'claim', field: 'card', value: said === 'model' ? 'model' : 'dataset' };
      return;
    }
    const [begin, end] = matter;
    yield { kind: 'claim', field: 'card', value: datasetKeys.test(text.slice(begin, end)) ? 'dataset' : 'model' };
    yield { kind: 'child', name: 'front-matter.yaml', source: source.slice(begin, end), at: [begin, end] };
  },
});

/** Addresses that a security policy gives: e-mail first. */
function contacts(text: string): string[] {
  const mails = [...text.slice(0, 65_536).matchAll(/[\w.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,6}/g)].map(([mail]) => `mailto:${mail.replace(/\.$/, '')}`);
  const pages = [...text.slice(0, 65_536).matchAll(/https?:\/\/[^\s)>\]"']{1,500}/g)].map(([url]) => url.replace(/[.,;:]$/, ''));
  return [...new Set([...mails, ...pages])].slice(0, 8);
}

function beginsFrontMatter(head: Uint8Array): boolean {
  return /^(?:\u00ef\u00bb\u00bf)?---[ \t]*\r?\n/.test(asBuffer(head.subarray(0, 64)).toString('latin1'));
}

/** The bytes between the two lines of dashes. */
function frontMatter(text: string): [begin: number, end: number] | undefined {
  const begin = text.indexOf('\n') + 1;
  const close = /^(?:---|\.\.\.)[ \t]*$/m.exec(text.slice(begin).replaceAll('\r', ' '));
  return close === null ? undefined : [begin, begin + close.index];
}
