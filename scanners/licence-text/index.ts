// SPDX-License-Identifier: Apache-2.0
import { asBuffer } from '../../src/bytes/as-buffer.ts';
import { Malformed } from '../../src/bytes/errors.ts';
import { scanner } from '../../src/model/scanner.ts';
import { matches, titled } from './match.ts';

/** Longer texts are no licence; the GPL has 35 kB. */
const longest = 512 << 10;

/** The text of a licence, whatever the file is called. What it permits is for rules and people. */
export default scanner({
  id: 'licence-text',
  title: 'Texts of licences, recognised by their words',
  extensions: ['.txt', '.md'],
  holds: 'data',
  says: ['region', 'claim'],
  recognise({ name, size, head }) {
    if (size < 200 || size > longest || head.includes(0)) return 'no';
    const ending = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase();
    const named = /licen[cs]e|copying|notice|terms|policy/i.test(name);
    if (ending !== undefined && !['txt', 'md', 'rst', 'lesser', 'text'].includes(ending) && !named) return 'no';
    if (/\.(json|ya?ml|py|html?|csv|tsv|toml|js|c|cpp|h)$/i.test(name) || /^(readme|security|(model|dataset|data)_?card)\./i.test(name)) return 'no';
    return /licen[cs]|permission (is hereby granted|to use, copy)|redistribution and use|terms of use|public domain/i.test(asBuffer(head.subarray(0, 8192)).toString('latin1')) ? 'maybe' : 'no';
  },
  async *inspect(source) {
    const text = Buffer.from(await source.read(0, source.size)).toString('utf8');
    source.budget.tick();
    const found = await matches(text);
    const named = found.length === 0 ? titled(text) : undefined;
    if (found.length === 0 && named === undefined) throw new Malformed('licence-text/other', 'the text is that of no licence known here');
    yield { kind: 'region', name: 'text', at: [0, source.size] };
    for (const { id, alike } of found) {
      // Names that a template leaves open change a tenth of a short text. More is another licence: how much is there is then said.
      yield { kind: 'claim', field: 'licence-text', value: alike >= 0.9 ? id : `${id} (${Math.floor(alike * 100)} % of its text)`, at: [0, source.size] };
    }
    if (named !== undefined) yield { kind: 'claim', field: 'licence-text', value: `${named} (by its title)`, at: [0, source.size] };
  },
});
