// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import type { Asset } from './asset.ts';
import type { Subject } from './basis.ts';

/** Records in the root that speak about the subject as a whole, and can so be no part of it. */
const about = /^(model\.sig|conformity\.ya?ml(\.sig)?|ledger\.jsonl|release-ledger\.jsonl)$/;

/** A line as `sha256sum` prints it: names with a backslash, newline or carriage return are escaped, and the line says so. */
export function sumLine(sha256: string, path: string): string {
  const escaped = path.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  return `${escaped === path ? '' : '\\'}${sha256}  ${escaped}\n`;
}

/** The digest of everything under the root but the records about it. */
export function subjectOf(name: string, version: string | undefined, assets: readonly Asset[], alsoExcluded: ReadonlySet<string>): Subject {
  const excluded = assets.filter(({ path }) => about.test(path) || alsoExcluded.has(path)).map(({ path }) => path).sort();
  const out = new Set(excluded);
  const files = assets.filter(({ path, role }) => !out.has(path) && !(role === 'control' && /(^|\/)(\.git|\.hg|\.svn)\//.test(path)));
  const sorted = files.toSorted((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
  const whole = sorted.length > 0 && sorted.every(({ sha256 }) => sha256 !== undefined);
  const hash = createHash('sha256');
  for (const { sha256, path } of sorted) hash.update(sumLine(sha256 ?? '', path));
  return {
    name, ...(version === undefined ? {} : { version }), ...(whole ? { digest: hash.digest('hex') } : {}),
    files: files.length, bytes: files.reduce((sum, { size }) => sum + size, 0), excluded,
  };
}
