// SPDX-License-Identifier: Apache-2.0
// All objects of a file, from the root down: groups of both kinds, datasets, and links that lead out (III.A, III.C, IV.A).
import { Malformed, Unsupported } from '../../src/bytes/errors.ts';
import type { File } from './file.ts';
import { messagesOf, types, type Message } from './header.ts';
import { link, localHeap, type Link } from './messages.ts';

const most = { objects: 200_000, depth: 64, nodes: 100_000, entries: 1_000_000 } as const;

/** One object, under the first path that leads to it. */
export interface HdfObject {
  readonly path: string;
  readonly messages: readonly Message[];
}

/** What a walk comes across. `broken` is an object that cannot be read; the others still are. */
export type Step =
  | { readonly kind: 'object'; readonly object: HdfObject }
  | { readonly kind: 'link'; readonly path: string; readonly link: Exclude<Link, { kind: 'hard' }> }
  | { readonly kind: 'broken'; readonly path: string; readonly error: Malformed | Unsupported };

/** Breadth first; an object that several links name is told once, so that cycles end. */
export async function* walk(file: File): AsyncGenerator<Step> {
  const seen = new Set<number>([file.root]);
  const open: { readonly path: string; readonly address: number; readonly depth: number }[] = [{ path: '', address: file.root, depth: 0 }];
  for (let next = 0; next < open.length; next += 1) {
    const { path, address, depth } = open[next]!;
    file.source.budget.tick();
    try {
      const messages = await messagesOf(file, address);
      yield { kind: 'object', object: { path, messages } };
      for await (const found of linksOf(file, messages)) {
        const name = path === '' ? found.name : `${path}/${found.name}`;
        if (found.kind !== 'hard') yield { kind: 'link', path: name, link: found };
        else if (!seen.has(found.address)) {
          if (seen.size >= most.objects || depth >= most.depth) throw new Unsupported(`more than ${seen.size >= most.objects ? `${most.objects} objects` : `${most.depth} groups in one another`} in an HDF5 file`);
          seen.add(found.address);
          open.push({ path: name, address: found.address, depth: depth + 1 });
        }
      }
    } catch (error) {
      if (!(error instanceof Malformed || error instanceof Unsupported) || path === '') throw error;
      yield { kind: 'broken', path, error };
    }
  }
}

async function* linksOf(file: File, messages: readonly Message[]): AsyncGenerator<Link> {
  for (const { type, body } of messages) {
    if (type === types.link) {
      const found = link(body);
      if (found !== undefined) yield found;
    } else if (type === types.symbolTable) {
      const [tree, heap] = [body.address(), body.address()];
      if (tree !== undefined && heap !== undefined) yield* oldGroup(file, tree, await localHeap(file, heap));
    } else if (type === types.linkInfo) {
      body.skip(1);
      const flags = body.number(1);
      if (flags & 1) body.skip(8);
      if (body.address() !== undefined) throw new Unsupported('an HDF5 group whose links are kept in a fractal heap');
    }
  }
}

/** A B-tree of version 1, whose leaves are tables of symbols. */
async function* oldGroup(file: File, root: number, name: (offset: number) => string): AsyncGenerator<Link> {
  const { offsets, lengths } = file;
  const seen = new Set<number>();
  const open = [root];
  for (let entries = 0; open.length > 0; ) {
    const address = open.pop()!;
    if (seen.has(address)) throw new Malformed('hdf5/loop', `a node of a B-tree at byte ${file.base + address} is named twice`, file.base + address);
    if (seen.size >= most.nodes) throw new Malformed('hdf5/nodes', `a group has more than ${most.nodes} nodes`, file.base + address);
    seen.add(address);
    const head = await file.cursor(address, 8, 'a node of a group');
    const signature = head.take(4).toString('latin1');
    if (signature === 'TREE') {
      const [, , used] = [head.number(1), head.number(1), head.number(2)];
      const node = await file.cursor(address + 8, 2 * offsets + used * (lengths + offsets) + lengths, 'a node of a B-tree');
      node.skip(2 * offsets);
      const children = Array.from({ length: used }, () => {
        node.length();
        return node.address();
      });
      for (const child of children.toReversed()) if (child !== undefined) open.push(child);
    } else if (signature === 'SNOD') {
      head.skip(2);
      const count = head.number(2);
      const node = await file.cursor(address + 8, count * (2 * offsets + 24), 'a table of symbols');
      for (let i = 0; i < count; i += 1, entries += 1) {
        if (entries >= most.entries) throw new Malformed('hdf5/entries', `a group has more than ${most.entries} entries`, node.at);
        const [nameAt, object] = [node.number(offsets), node.address()];
        const cached = node.number(4);
        node.skip(4);
        const scratch = node.part(16);
        if (cached === 2) yield { kind: 'soft', name: name(nameAt), path: name(scratch.number(4)) };
        else if (object !== undefined) yield { kind: 'hard', name: name(nameAt), address: object };
      }
    } else throw new Malformed('hdf5/group', `a node of a group at byte ${head.at} begins with neither TREE nor SNOD`, head.at);
  }
}
