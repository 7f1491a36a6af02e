// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'archive-traversal',
  title: 'An archive member leads out of its folder',
  why: 'Unpacking it carelessly writes or reads files outside the target folder, which is enough to take over many systems.',
  fix: 'Do not unpack it. Ask the publisher for an archive whose members all stay below its root.',
  severity: 'high',
  confidence: 'high',
  references: ['CWE-22', 'CWE-59'],
  provisions: ['5.1.2-2', '5.2.3-1'],
  example: ['zip/traversal.zip', 'zip/symlink-in.zip'],
  reads: ['entry'],
  *check({ facts }) {
    for (const { name, type, target, at } of facts) {
      const where = at === undefined ? {} : { at };
      const wrong = fault(name);
      if (wrong !== undefined) yield { message: `member ${JSON.stringify(name)} ${wrong}`, ...where };
      if (target === undefined) continue;
      // a symbolic link counts from its own folder, a hard link from the root of the archive
      const from = type === 'symlink' && !absolute(target) ? name.slice(0, name.lastIndexOf('/') + 1) : '';
      if (absolute(target) || leaves(from + target)) yield { message: `link ${JSON.stringify(name)} leads to ${JSON.stringify(target)}, outside the archive`, ...where };
    }
  },
});

function absolute(path: string): boolean {
  return /^([/\\]|[A-Za-z]:)/.test(path);
}

function fault(name: string): string | undefined {
  if (name.includes('\0')) return 'has a NUL in its name';
  if (absolute(name)) return 'has an absolute path';
  if (name.split(/[/\\]/).includes('..')) return 'has .. in its path';
  return name.includes('\\') ? 'has a backslash in its path' : undefined;
}

function leaves(path: string): boolean {
  let depth = 0;
  for (const part of path.split(/[/\\]/)) {
    if (part === '..') depth -= 1;
    else if (part !== '' && part !== '.') depth += 1;
    if (depth < 0) return true;
  }
  return false;
}
