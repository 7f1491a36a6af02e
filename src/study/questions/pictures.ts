// SPDX-License-Identifier: Apache-2.0
import { LimitReached, Malformed, Unsupported } from '../../bytes/errors.ts';
import type { Cell } from '../../model/scanner.ts';
import { decode } from '../images/decode.ts';
import { blind, factsOf, type ImageQuestion } from '../images/facts.ts';
import { Album, heldMost, type Raster } from '../images/pictures.ts';
import { scalingOf, type Scaling } from '../images/scaling.ts';
import { columnOf, labelOf, type Asking, type Batch, type Context, type DataSet, type Question, type StudyFact } from '../question.ts';

/** Encoded bytes of one picture; a longer one is left out, and counted. */
const encodedMost = 64 * 1024 * 1024;
const named = 64;

/**
 * All that is asked of pictures: decoded once, kept small, and then put to each question of src/study/images, whose names
 * the facts bear.
 */
const question: Question = {
  id: 'images',
  title: 'Marks, mislabelled pictures, copies and disguised pictures in a set of pictures',
  blind: 'pictures of more than 16 million pixels, and formats that are not decoded',
  needs: (set) => (columnOf(set, 'image') === undefined ? 'the set has no column of pictures' : true),
  begin: (set, context) => new Pictures(set, context),
};

export default question;

class Pictures implements Asking {
  readonly #set: DataSet;
  readonly #context: Context;
  readonly #album: Album;
  readonly #image: number;
  readonly #label: number;
  readonly #failed: { count: number; unsupported: number; first: string } = { count: 0, unsupported: 0, first: '' };
  readonly #scaled: { readonly id: string; readonly scaling: Scaling }[] = [];
  #scaledCount = 0;
  /** Pictures large enough that scaling could hide something. */
  #large = 0;

  constructor(set: DataSet, context: Context) {
    this.#set = set;
    this.#context = context;
    this.#album = new Album(Math.max(context.memory, heldMost / 2));
    this.#image = columnOf(set, 'image')!.index;
    this.#label = columnOf(set, 'label')?.index ?? -1;
  }

  async batch({ rows }: Batch): Promise<void> {
    for (const { id, split, cells } of rows) {
      const bytes = cells[this.#image];
      if (!(bytes instanceof Uint8Array)) continue;
      this.#context.tick();
      const raster = await this.#decoded(bytes, id);
      if (raster === undefined) continue;
      this.#album.add(raster, { id, label: this.#labelOf(cells), split: split === '' ? undefined : split });
      if (raster.width < 2 * 32 || raster.height < 2 * 32) continue;
      this.#large += 1;
      const scaling = scalingOf(raster);
      if (scaling === undefined) continue;
      this.#scaledCount += 1;
      if (this.#scaled.length < named) this.#scaled.push({ id, scaling });
    }
  }

  #labelOf(cells: readonly Cell[]): string | undefined {
    return this.#label < 0 ? undefined : labelOf(cells[this.#label]);
  }

  async #decoded(bytes: Uint8Array, id: string): Promise<Raster | undefined> {
    try {
      if (bytes.length > encodedMost) throw new LimitReached('picture', `picture of ${bytes.length} bytes, allowed ${encodedMost}`);
      return await decode(bytes);
    } catch (error) {
      if (!(error instanceof Malformed || error instanceof Unsupported || error instanceof LimitReached)) throw error;
      if (this.#failed.count === 0) this.#failed.first = `${id}: ${error.message}`;
      this.#failed.count += 1;
      if (error instanceof Unsupported) this.#failed.unsupported += 1;
      return undefined;
    }
  }

  async *end(): AsyncGenerator<StudyFact> {
    const pictures = this.#album.finish();
    const { count, first } = this.#failed;
    const base = { kind: 'study' as const, of: this.#set.name };
    if (pictures === undefined) {
      const why = count === 0 ? 'there are no pictures' : `none of ${count} pictures could be decoded; the first: ${first}`;
      for (const one of Object.keys(blind) as ImageQuestion[]) yield { ...base, question: one, outcome: 'not-assessable', what: why, n: 0, blind: blind[one] };
      return;
    }
    const { n, among = n } = this.#context.seen();
    const missing = count === 0 ? '' : ` (${count} more pictures could not be decoded; the first: ${first})`;
    for (const fact of factsOf({ ...pictures, among: Math.max(among, pictures.among) }, this.#set.name, () => this.#context.tick())) {
      yield missing === '' || fact.question !== 'image-stamp' ? fact : { ...fact, what: `${fact.what}${missing}` };
    }
    yield this.#scaling(base, pictures.among);
    const { models = [] } = this.#context;
    // The runtime is loaded only where there is something to run.
    if (models.length > 0) yield* (await import('../activation/activations.ts')).activationFacts(pictures, this.#set.name, models, this.#context.random('activation'), () => this.#context.tick());
  }

  #scaling(base: { readonly kind: 'study'; readonly of: string }, n: number): StudyFact {
    const said = { ...base, question: 'image-scaling', blind: blind['image-scaling'] };
    const [first] = this.#scaled;
    if (this.#large === 0) return { ...said, outcome: 'not-assessable', n, what: 'no picture is large enough to show something else when it is made smaller' };
    if (first === undefined) return { ...said, outcome: 'assessed', n: this.#large, score: 0, what: `in none of ${this.#large} pictures do the pixels that scaling takes differ from those around them` };
    const { target: [width, height], at, beside } = first.scaling;
    return {
      ...said, outcome: 'finding', n: this.#large, score: Number((at / Math.max(1, beside)).toFixed(1)),
      what: `${this.#scaledCount} of ${this.#large} pictures show something else when they are made ${width} × ${height}: the pixels that are taken differ by ${at.toFixed(0)} grey levels from those around, others by ${beside.toFixed(0)}`,
      rows: this.#scaled.map(({ id }) => id), rowCount: this.#scaledCount, detail: { width, height, at: Number(at.toFixed(1)), beside: Number(beside.toFixed(1)) },
    };
  }
}
