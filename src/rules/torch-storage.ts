// SPDX-License-Identifier: Apache-2.0
import { rule, type Collection } from '../model/rule.ts';

/** Bytes of one element, by the short names that the pickle scanner gives to torch's storage classes. */
const widths: ReadonlyMap<string, number> = new Map([
  ['F64', 8], ['F32', 4], ['F16', 2], ['BF16', 2], ['I64', 8], ['I32', 4], ['I16', 2], ['I8', 1], ['U8', 1], ['BOOL', 1],
  ['C64', 8], ['C128', 16], ['QUINT8', 1], ['QINT8', 1], ['QINT32', 4],
]);

export default rule({
  id: 'torch-storage',
  title: 'A checkpoint\'s storage is missing or has another size than declared',
  why: 'data.pkl says how many elements each storage has. A shorter one makes the loader read past its end; bytes behind the last element are loaded by nobody and can carry anything.',
  fix: 'Do not load it. Get the file again from its publisher and compare the digests; torch.save never writes such a file.',
  severity: 'high',
  confidence: 'high',
  references: ['CWE-125', 'CWE-130', 'PyTorch torch/serialization.py'],
  provisions: ['5.1.2-2', '5.2.3-1'],
  example: ['torch/storage-short.pt', 'torch/storages.pt'],
  reads: ['link'],
  *check({ artefact, facts }, file) {
    const sizes = siblings(artefact.id, file);
    if (sizes === undefined) return;
    for (const { role, target, detail = '', at } of facts) {
      const [, dtype, count] = /^storage (\S+) (\d{1,16})$/.exec(detail) ?? [];
      if (role !== 'external-data' || dtype === undefined || target.endsWith('…')) continue;
      const place = at === undefined ? {} : { at };
      const size = sizes.get(target);
      const width = widths.get(dtype);
      const wanted = width === undefined ? undefined : Number(count) * width;
      const called = `storage ${JSON.stringify(target)}`;
      if (size === undefined) yield { message: `${called} is not in the archive, but data.pkl declares ${count} elements of ${dtype}`, ...place };
      else if (wanted !== undefined && size !== wanted) yield { message: `${called} has ${size} bytes, but data.pkl declares ${count} elements of ${dtype} (${wanted} bytes)`, ...place };
    }
  },
});

/** Sizes of the files below the root that holds this data.pkl, by their names there; undefined when it is no torch archive's. */
function siblings(id: string, file: Collection): ReadonlyMap<string, number> | undefined {
  if (!id.endsWith('/data.pkl')) return undefined;
  const cut = id.lastIndexOf('!/');
  const parent = cut < 0 ? undefined : file.find(id.slice(0, cut));
  if (parent?.artefact.format.split('+').includes('torch') !== true) return undefined;
  if (parent.facts.some((fact) => fact.kind === 'gap' && fact.limit !== undefined)) return undefined; // not all entries are known
  const root = id.slice(cut + 2, -'data.pkl'.length);
  const sizes = new Map<string, number>();
  for (const fact of parent.facts) if (fact.kind === 'entry' && fact.name.startsWith(root)) sizes.set(fact.name.slice(root.length), fact.size ?? 0);
  return sizes;
}
