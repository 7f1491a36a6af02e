// SPDX-License-Identifier: Apache-2.0
// Files under the root as assets, and the texts that documentation and records are read from.
import { isUtf8 } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { Inspected } from '../model/artefact.ts';
import { roleOf, type Asset, type AssetRole } from './asset.ts';

/** Files under the root, out of what the scan saw. `root` is the folder, where it is at hand. */
export function assetsOf(inspected: readonly Inspected[], root: string | undefined): Asset[] {
  return inspected.filter(({ artefact }) => !artefact.id.includes('!/')).filter(({ facts, artefact }) => artefact.digests.sha256 !== undefined || !facts.some((fact) => fact.kind === 'link' && fact.role === 'symlink'))
    .map(({ artefact, coverage }): Asset => ({
      path: artefact.id, name: artefact.id.slice(artefact.id.lastIndexOf('/') + 1), size: artefact.size, format: artefact.format, coverage, role: roleOf(artefact.id, artefact.format),
      ...(artefact.digests.sha256 === undefined ? {} : { sha256: artefact.digests.sha256 }),
      ...modeOf(root, artefact.id),
    }));
}

function modeOf(root: string | undefined, path: string): { mode?: number } {
  if (root === undefined) return {};
  const mode = statSync(join(root, path), { throwIfNoEntry: false })?.mode;
  return mode === undefined ? {} : { mode };
}

/** Roles whose text is looked at. Weights and data are the scan's. */
const readable: ReadonlySet<AssetRole> = new Set(['documentation', 'record', 'configuration', 'prompt', 'evaluation', 'log', 'control', 'tokenizer']);
/** Data that may state a reservation of rights, beside what its role says. */
const signals = /^(robots.*|ai)\.txt$|^tdmrep\.json$|\.(html?|warc|headers?|xmp)$/i;
const describing = /^(data(set)?[_-]?(card|sheet|statement|provenance)|metadata|sources?|provenance|manifest|datapackage)\b/i;

/** Bytes of one text, and of all of them. */
const largestText = 2 << 20;
const largestSum = 64 << 20;

/** Texts by path, of files that lie under the root and nowhere else. */
export function textsOf(root: string, assets: readonly Asset[]): Map<string, string> {
  const out = new Map<string, string>();
  const inside = realpathSync(root);
  let left = largestSum;
  for (const { path, role, name, size } of assets) {
    if (!(readable.has(role) || signals.test(name) || describing.test(name)) || size > largestText || size > left) continue;
    const text = textAt(inside, path);
    if (text === undefined) continue;
    left -= size;
    out.set(path, text);
  }
  return out;
}

function textAt(root: string, path: string): string | undefined {
  let fd: number | undefined;
  try {
    const real = realpathSync(join(root, path));
    if (!real.startsWith(root.endsWith(sep) ? root : `${root}${sep}`)) return undefined; // a link that leads out is not followed
    fd = openSync(real, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(fd);
    if (!stat.isFile() || stat.size > largestText) return undefined;
    const bytes = Buffer.allocUnsafe(stat.size);
    let filled = 0;
    for (let got = -1; got !== 0 && filled < bytes.length; filled += got) got = readSync(fd, bytes, filled, bytes.length - filled, filled);
    const read = bytes.subarray(0, filled);
    return isUtf8(read) && !read.includes(0) ? read.toString('utf8') : undefined;
  } catch {
    return undefined; // gone or closed since the scan, which says so itself
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
