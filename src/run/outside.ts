// SPDX-License-Identifier: Apache-2.0
// Tensors whose numbers lie in a second file beside the one that names them: checkpoints, ONNX external data, OpenVINO weights.
import { lstatSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { clip } from '../bytes/clip.ts';
import { crc32c } from '../bytes/crc32c.ts';
import { FileSource } from '../bytes/file.ts';
import { Budget, type Limits } from '../bytes/limits.ts';
import type { ByteSource } from '../bytes/source.ts';
import { stopped, type Job } from '../inspect/inspect.ts';
import type { Inspected } from '../model/artefact.ts';
import type { Fact, FactOf } from '../model/fact.ts';
import { weigh, wholeUpTo, type Depth } from '../weigh/weigh.ts';

type Tensor = FactOf<'tensor'>;
type Outside = Tensor & { readonly outside: NonNullable<Tensor['outside']> };

/** Files that one model's tensors may lie in; further ones are said to be left out. */
const mostFiles = 1000;
const block = 8 << 20;

/** Adds to each root artefact what its tensors in other files say. Only plain files of the same folder are opened, and no link is followed. */
export async function weighOutside(job: Job, inspected: readonly Inspected[], limits: Limits, depth: Depth): Promise<readonly Inspected[]> {
  const out: Inspected[] = [];
  for (const one of inspected) {
    const tensors = one.facts.filter((fact): fact is Outside => fact.kind === 'tensor' && fact.outside !== undefined);
    out.push(tensors.length === 0 ? one : { ...one, facts: [...one.facts, ...(await told(job, one, tensors, limits, depth))] });
  }
  return out;
}

async function told(job: Job, { artefact }: Inspected, tensors: readonly Outside[], limits: Limits, depth: Depth): Promise<Fact[]> {
  const facts: Fact[] = [];
  const missed = new Map<string, number>();
  const miss = (why: string, count: number): void => void missed.set(why, (missed.get(why) ?? 0) + count);
  const files = [...Map.groupBy(tensors, ({ outside }) => outside.file)];
  for (const [index, [file, own]] of files.entries()) {
    const path = artefact.id === job.id && index < mostFiles ? pathOf(job, file) : undefined;
    if (path === undefined) {
      miss('the file that they lie in is not beside the model, or no plain file', own.length);
      continue;
    }
    try {
      const source = FileSource.open(path, new Budget(limits, job.size), false);
      try {
        const inside = own.filter(({ outside }) => outside.at[1] <= source.size);
        if (inside.length < own.length) miss('they lie outside their file', own.length - inside.length);
        const here = inside.map(({ outside, ...tensor }): Tensor => ({ ...tensor, at: outside.at }));
        for await (const fact of weigh(source, here, depth)) facts.push(fact);
        facts.push(...(await unequal(source, inside, depth)));
      } finally {
        source.close();
      }
    } catch (error) {
      facts.push(...stopped(error, 'weights', 0).map((fact): Fact => (fact.kind === 'gap' ? { ...fact, what: clip(`numbers in ${file}: ${fact.what}`) } : fact)));
    }
  }
  for (const [why, count] of missed) {
    facts.push({ kind: 'study', question: 'tensor-numbers', outcome: 'not-assessable', of: 'tensors', what: `${count} tensors were not weighed: ${why}`, n: 0, among: tensors.length, blind: 'the numbers in these tensors' });
  }
  return facts;
}

/** A path of the model's own folder; undefined where it leads elsewhere or is no plain file. */
function pathOf({ path }: Job, file: string): string | undefined {
  if (typeof path !== 'string' || file === '' || /^[/\\~]|^[a-z]:|\0|(?:^|[/\\])\.\.(?:[/\\]|$)|…$/i.test(file)) return undefined;
  const steps = file.split('/').filter((step) => step !== '' && step !== '.');
  let at = dirname(path);
  for (const [index, step] of steps.entries()) {
    at = join(at, step);
    const stat = lstatSync(at, { throwIfNoEntry: false });
    if (stat === undefined || !(index === steps.length - 1 ? stat.isFile() : stat.isDirectory())) return undefined;
  }
  return steps.length === 0 ? undefined : at;
}

/** Tensors that do not sum to the checksum stated for them; looked at where the weights are read whole. */
async function unequal(source: ByteSource, tensors: readonly Outside[], depth: Depth): Promise<Fact[]> {
  const stated = tensors.filter(({ outside }) => outside.crc32c !== undefined);
  const bytes = stated.reduce((sum, { outside: { at } }) => sum + at[1] - at[0], 0);
  if (depth === 'sample' || (depth === 'auto' && bytes > wholeUpTo)) return [];
  const wrong: string[] = [];
  for (const { name, outside } of stated) {
    let sum = 0;
    for (let at = outside.at[0]; at < outside.at[1]; at += block) sum = crc32c(await source.read(at, Math.min(block, outside.at[1] - at)), sum);
    const masked = (((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0;
    if (masked !== outside.crc32c) wrong.push(name);
  }
  if (wrong.length === 0) return [];
  return [{ kind: 'malformed', code: 'tf-checkpoint/checksum', what: clip(`${wrong.length} of ${stated.length} tensors do not sum to the checksums that the index states: ${wrong.slice(0, 5).join(', ')}`) }];
}
