// SPDX-License-Identifier: Apache-2.0
// Arrays that belong together: pictures in one file or member (IDX, NumPy), their labels in another.
import type { Inspected } from '../model/artefact.ts';
import type { Draft } from './sets.ts';
import type { SetFile } from './question.ts';

/** Formats that hold one column and no names. */
const arrays: ReadonlySet<string> = new Set(['idx', 'numpy']);

interface Column {
  readonly id: string;
  readonly size: number;
  readonly format: string;
  readonly rows: number;
  readonly column: string;
  /** Folder or container. */
  readonly place: string;
  /** What is left of the name without what tells pictures from labels and splits. */
  readonly key: string;
  readonly split: string | undefined;
}

const words: readonly (readonly [RegExp, string | undefined])[] = [
  [/^(?:train|training|trn)$/, 'train'],
  [/^(?:test|testing|tst|t10k|eval)$/, 'test'],
  [/^(?:val|valid|validation|dev)$/, 'validation'],
  [/^(?:x|images?|imgs?|data|pixels|pictures|y|labels?|targets?|class(?:es)?|gt|idx\d?|u?byte|arr|npy|gz)$/, undefined],
];

/** Data sets made of arrays; labels without pictures are none, and are left out with them. */
export function pairedArrays(inspected: readonly Inspected[]): { readonly drafts: readonly Draft[]; readonly taken: ReadonlySet<string> } {
  const columns = inspected.flatMap((one) => columnOf(one));
  const taken = new Set(columns.filter(({ column }) => column === 'label').map(({ id }) => id));
  const sets = new Map<string, { image: Column; label: Column | undefined }[]>();
  for (const here of Map.groupBy(columns, ({ place }) => place).values()) {
    const labels = here.filter(({ column }) => column === 'label');
    const images = here.filter(({ column }) => column === 'image');
    for (const image of images) {
      const fits = labels.filter((label) => label.rows === image.rows && (label.split === image.split || images.length === 1));
      const label = fits.find(({ key }) => key === image.key) ?? (fits.length === 1 && (images.length === 1 || image.split !== undefined) ? fits[0] : undefined);
      const name = `${image.place}\n${image.key}`;
      sets.set(name, [...(sets.get(name) ?? []), { image, label }]);
      taken.add(image.id);
    }
  }
  return { drafts: [...sets].map(([name, members]) => draftOf(name, members)), taken };
}

function columnOf({ artefact: { id, size, format }, facts }: Inspected): Column[] {
  if (!arrays.has(format)) return [];
  const column = facts.find((fact) => fact.kind === 'column');
  const counted = facts.find((fact) => fact.kind === 'anomaly' && fact.measure === 'rows');
  if (column?.kind !== 'column' || counted?.kind !== 'anomaly' || counted.value === 0) return [];
  const cut = Math.max(id.lastIndexOf('/'), -1) + 1;
  let split: string | undefined;
  const rest = id.slice(cut).toLowerCase().replace(/\.(?:npy|idx\d?)$/, '').split(/[-_. ]+|(?<=^[xy])(?=train|test|val)/).filter((word) => {
    const known = words.find(([pattern]) => pattern.test(word));
    split ??= known?.[1];
    return known === undefined;
  });
  return [{ id, size, format, rows: counted.value, column: column.name, place: id.slice(0, cut), key: rest.join('-'), split }];
}

function draftOf(name: string, members: readonly { image: Column; label: Column | undefined }[]): Draft {
  const [place, key] = name.split('\n') as [string, string];
  const order = ['train', 'validation', 'test'];
  const files = members.toSorted((a, b) => order.indexOf(a.image.split ?? '') - order.indexOf(b.image.split ?? '') || (a.image.id < b.image.id ? -1 : 1))
    .map(({ image, label }): SetFile => ({
      id: image.id, size: image.size, format: image.format, rows: image.rows,
      ...(image.split === undefined ? {} : { split: image.split }), ...(label === undefined ? {} : { labels: label.id }),
    }));
  const folder = place.replace(/(?:!\/|\/)$/, '');
  return {
    name: (folder === '' ? key : key === '' ? folder : `${folder}/${key}`) || members[0]!.image.id, kind: 'table', files,
    size: files.reduce((sum, { size }) => sum + size, 0), rows: files.reduce((sum, { rows = 0 }) => sum + rows, 0),
    columns: members.some(({ label }) => label !== undefined) ? ['image', 'label'] : ['image'],
  };
}
