// SPDX-License-Identifier: Apache-2.0
import { clip } from '../../src/bytes/clip.ts';
import { Malformed, Unsupported } from '../../src/bytes/errors.ts';
import { MemorySource } from '../../src/bytes/source.ts';
import type { Fact, FactOf } from '../../src/model/fact.ts';
import { scanner, type Child } from '../../src/model/scanner.ts';
import { open, superblockIn, type File } from './file.ts';
import { types, type Message } from './header.ts';
import { attribute, dataspace, datatype, externalFiles, filters, globalObject, layout, type Attribute } from './messages.ts';
import { walk, type HdfObject, type Step } from './walk.ts';

/** Filters that the library brings along; others are libraries that reading loads from a folder of plug-ins. */
const ownFilters: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6]);
/** Texts of an attribute, in bytes: a configuration of a large model has some megabytes. */
const longestText = 64 << 20;
const shownLinks = 1000;

export default scanner({
  id: 'hdf5',
  title: 'HDF5: Keras weights and whole models (.h5), tables of numbers',
  extensions: ['.h5', '.hdf5', '.keras', '.hdf'],
  parts: true,
  holds: 'code',
  says: ['region', 'claim', 'tensor', 'link', 'malformed', 'gap', 'anomaly'],
  recognise: ({ head }) => (superblockIn(head) === undefined ? 'no' : 'yes'),
  async *inspect(source, { head }) {
    const file = await open(source, superblockIn(head)!);
    // What lies between superblock and end is the library's to manage, free space too; a block before and bytes behind are not.
    yield { kind: 'region', name: 'HDF5', at: [file.start, file.end] };
    yield { kind: 'claim', field: 'format-version', value: `superblock ${file.version}` };
    if (file.claimedEnd > source.size) yield { kind: 'malformed', code: 'hdf5/truncated', what: `the superblock says that the file ends at ${file.claimedEnd}, beyond the ${source.size} bytes that are there` };
    let links = 0;
    for await (const step of walk(file)) {
      if (step.kind === 'object') yield* despite(step.object.path, objectFacts(file, step.object));
      else if (step.kind === 'link') {
        if ((links += 1) <= shownLinks) yield* linkFacts(step);
      } else yield said(step.path, step.error);
    }
  },
});

/** What an object says up to where it breaks: the others are read all the same. */
async function* despite<T>(path: string, facts: AsyncGenerator<T>): AsyncGenerator<T | FactOf<'malformed' | 'gap'>> {
  try {
    yield* facts;
  } catch (error) {
    if (!(error instanceof Malformed || error instanceof Unsupported)) throw error;
    yield said(path, error);
  }
}

function said(path: string, error: Malformed | Unsupported): FactOf<'malformed' | 'gap'> {
  const what = clip(`${path === '' ? 'the root' : path}: ${error.message}`);
  return error instanceof Malformed ? { kind: 'malformed', code: error.code, what } : { kind: 'gap', what, why: error.why, holds: 'code' };
}

function* linkFacts({ path, link }: Extract<Step, { kind: 'link' }>): Generator<FactOf<'link' | 'malformed'>> {
  if (link.kind === 'external') yield { kind: 'link', role: 'external-data', target: clip(link.file, 1024), detail: clip(`external link ${path} to ${link.path}`) };
  else if (link.kind === 'other') yield { kind: 'malformed', code: 'hdf5/user-link', what: `${clip(path, 120)} is a link of the user-defined type ${link.type}, which a program of its own follows` };
}

async function* objectFacts(file: File, { path, messages }: HdfObject): AsyncGenerator<Fact | Child> {
  for (const message of messages) {
    if (message.type === types.attribute) yield* attributeFacts(file, path, message);
    else if (message.type === types.attributeInfo) yield* denseAttributes(message, path);
    else if (message.type === types.externalFiles) {
      for (const { name, offset, size } of await externalFiles(file, message.body)) {
        yield { kind: 'link', role: 'external-data', target: clip(name, 1024), detail: clip(`bytes of ${path}: offset=${offset} length=${size}`) };
      }
    } else if (message.type === types.filters) {
      const foreign = filters(message.body).filter((id) => !ownFilters.has(id));
      if (foreign.length > 0) yield { kind: 'claim', field: 'metadata', value: clip(`filter ${foreign.join(', ')} of ${path}`) };
    }
  }
  const of = (type: number): Message | undefined => messages.find((message) => message.type === type);
  const [place, type, space] = [of(types.layout), of(types.datatype), of(types.dataspace)];
  if (place !== undefined && type !== undefined && space !== undefined) yield* datasetFacts(file, path, { place, type, space });
}

function* datasetFacts(file: File, path: string, { place, type, space }: { readonly place: Message; readonly type: Message; readonly space: Message }): Generator<FactOf<'tensor' | 'link' | 'malformed'>> {
  const where = layout(place.body);
  if (where.kind === 'virtual') yield { kind: 'link', role: 'external-data', target: '', detail: clip(`virtual dataset ${path}: made of parts of other files`) };
  const shape = space.shared ? undefined : dataspace(space.body);
  const { dtype, size, bigEndian } = type.shared ? { dtype: undefined, size: 0, bigEndian: false } : datatype(type.body);
  if (dtype === undefined || shape === undefined) return;
  const bytes = shape.reduce((product, one) => product * one, 1) * size;
  const name = clip(path, 256);
  const shown = bigEndian && size > 1 ? `${dtype}-BE` : dtype;
  const begin = where.kind === 'compact' ? where.at : where.kind === 'contiguous' && where.address !== undefined ? file.base + where.address : undefined;
  const held = where.kind === 'compact' || where.kind === 'contiguous' ? where.size : 0;
  // An empty dataset has no place yet; one that does not fit says so, since readers allocate by the shape.
  if (begin !== undefined && bytes > 0 && held >= bytes && begin + bytes <= file.source.size) yield { kind: 'tensor', name, dtype: shown, shape, at: [begin, begin + bytes] };
  else {
    yield { kind: 'tensor', name, dtype: shown, shape };
    if (begin !== undefined && bytes > 0) yield { kind: 'malformed', code: 'hdf5/dataset', what: `dataset ${name} asks for ${bytes} bytes, of which ${Math.max(0, Math.min(held, file.source.size - begin))} are there` };
  }
}

function* denseAttributes({ body }: Message, path: string): Generator<FactOf<'gap'>> {
  body.skip(1);
  const flags = body.number(1);
  if (flags & 1) body.skip(2);
  if (body.address() !== undefined) yield { kind: 'gap', what: clip(`attributes of ${path === '' ? 'the root' : path} in a fractal heap`), why: 'unsupported', holds: 'code' };
}

/** Attributes in which Keras keeps what a model is (keras/src/legacy/saving/legacy_h5_format.py). */
async function* attributeFacts(file: File, path: string, message: Message): AsyncGenerator<FactOf<'claim' | 'gap'> | Child> {
  let found: Attribute;
  try {
    found = attribute(message.body);
  } catch (error) {
    if (!(error instanceof Unsupported)) throw error;
    yield { kind: 'gap', what: clip(`${path === '' ? 'the root' : path}: ${error.message}`), why: 'unsupported', holds: 'code' };
    return;
  }
  const { name } = found;
  if (!/^(?:model_config|training_config|keras_version|backend)$/.test(name)) return;
  const text = await textOf(file, found);
  if (text === undefined) return;
  const short = clip(text.bytes.toString('utf8', 0, 256));
  if (name === 'keras_version') yield* [{ kind: 'claim', field: 'library', value: 'keras' }, { kind: 'claim', field: 'library-version', value: short }] as const;
  else if (name === 'backend') yield { kind: 'claim', field: 'hyperparameter', value: `backend=${short}` };
  else {
    file.source.budget.spend('inflated', text.bytes.length);
    yield { kind: 'child', name: `@${path === '' ? '' : `${path.replaceAll('/', '.')}.`}${name}.json`, source: new MemorySource(text.bytes, file.source.budget) };
  }
}

async function textOf(file: File, { type, data, shape }: Attribute): Promise<{ readonly bytes: Buffer } | undefined> {
  const count = (shape ?? [0]).reduce((product, size) => product * size, 1);
  if (count !== 1) return undefined;
  if (type.class === 3) {
    const bytes = data.take(Math.min(type.size, data.left));
    const end = bytes.indexOf(0);
    return { bytes: end === -1 ? bytes : bytes.subarray(0, end) };
  }
  if (!type.vlenText) return undefined;
  const length = data.number(4);
  const heap = data.address();
  const object = heap === undefined ? undefined : await globalObject(file, heap, data.number(4));
  if (object === undefined || length > longestText) return undefined;
  return { bytes: object.bytes.subarray(0, length) };
}
