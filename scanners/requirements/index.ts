// SPDX-License-Identifier: Apache-2.0
import { clip } from '../../src/bytes/clip.ts';
import { parseToml } from '../../src/grammar/toml.ts';
import type { FactOf } from '../../src/model/fact.ts';
import { scanner } from '../../src/model/scanner.ts';

/** Longer lists are cut. */
const most = 5000;
const longest = 16 << 20;
const named = /^(requirements|constraints)([-_.][\w.-]*)?\.(txt|in)$|^requirements$|[-_.](requirements|constraints)\.txt$/i;
const locks = /^(pyproject|pylock([.-][\w-]+)?)\.toml$|^Pipfile$|^(uv|poetry|pdm)\.lock$/i;

/** What a project of Python needs: requirement lists of pip, pyproject.toml, and lock files in TOML. */
export default scanner({
  id: 'requirements',
  title: 'Python requirements and lock files (requirements.txt, pyproject.toml, uv.lock, poetry.lock, pylock.toml, Pipfile)',
  extensions: ['.txt', '.toml', '.lock'],
  holds: 'data',
  says: ['region', 'claim'],
  recognise: ({ name, size, head }) => ((named.test(name) || locks.test(name)) && size <= longest && size > 0 && !head.includes(0) ? 'maybe' : 'no'),
  async *inspect(source, { name }) {
    const text = Buffer.from(await source.read(0, source.size)).toString('utf8');
    const packages = locks.test(name) ? fromToml(await parseToml(text)) : fromList(text);
    yield { kind: 'region', name: 'document', at: [0, source.size] };
    let told = 0;
    for (const [id, spec] of packages) {
      if (told >= most) break;
      told += 1;
      yield { kind: 'claim', field: 'package', value: clip(`pypi ${id} ${spec}`.trim()) } satisfies FactOf<'claim'>;
    }
  },
});

/** https://pip.pypa.io/en/stable/reference/requirements-file-format/, as far as it names packages (PEP 508). */
function* fromList(text: string): Generator<[string, string]> {
  for (const raw of text.split(/\r?\n/, 200_000)) {
    const line = raw.slice(0, 1000).replace(/(^|\s)#.*$/, '').replace(/\\$/, '').trim();
    if (line === '' || line.startsWith('-')) continue;
    const one = requirement(line);
    if (one !== undefined) yield one;
  }
}

/** 'name[extra] (>=1,<2) ; marker', or 'name @ url'. */
function requirement(text: string): [string, string] | undefined {
  const match = /^([A-Za-z0-9][\w.-]{0,127})\s*(?:\[[^\]]{0,200}\])?\s*(.*)$/s.exec(text);
  if (match === null) return undefined;
  const spec = match[2]!.split(/;|\s--/, 1)[0]!.replaceAll(/[()\s]/g, '');
  return spec === '' || /^(@|[=<>!~])/.test(spec) ? [match[1]!, spec] : undefined;
}

function* fromToml(document: Record<string, unknown>): Generator<[string, string]> {
  // uv.lock, poetry.lock, pdm.lock: [[package]]; pylock.toml (PEP 751): [[packages]].
  for (const list of [document['package'], document['packages']]) {
    for (const one of Array.isArray(list) ? (list as unknown[]) : []) {
      const { name, version } = record(one);
      if (typeof name === 'string') yield [name, typeof version === 'string' ? `==${version}` : ''];
    }
  }
  const project = record(document['project']);
  for (const text of Array.isArray(project['dependencies']) ? (project['dependencies'] as unknown[]) : []) {
    const one = typeof text === 'string' ? requirement(text) : undefined;
    if (one !== undefined) yield one;
  }
  const poetry = record(record(record(document['tool'])['poetry'])['dependencies']);
  const pipfile = record(document['packages']); // an array in pylock.toml
  for (const table of [poetry, Array.isArray(document['packages']) ? {} : pipfile]) {
    for (const [name, value] of Object.entries(table)) {
      const spec = typeof value === 'string' ? value : record(value)['version'];
      if (name !== 'python') yield [name, typeof spec === 'string' && spec !== '*' ? (/^\d/.test(spec) ? `==${spec}` : spec) : ''];
    }
  }
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
