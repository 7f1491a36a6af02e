// SPDX-License-Identifier: Apache-2.0
import { Changed, LimitReached, Malformed, Unsupported } from '../bytes/errors.ts';
import { FileSource } from '../bytes/file.ts';
import { Budget, type Limits } from '../bytes/limits.ts';
import type { ByteSource } from '../bytes/source.ts';
import type { Coverage, Inspected } from '../model/artefact.ts';
import type { Fact, GapReason, Holds } from '../model/fact.ts';
import type { Child, Recognition, Sample, Scanner } from '../model/scanner.ts';
import { uncovered, type Span } from '../model/span.ts';

/** One root file to inspect: the unit of work of every runner. */
export interface Job {
  /** Where it is. A name that is not UTF-8 travels as its bytes in base64. */
  readonly path: string | { readonly base64: string };
  /** Id of the artefact: relative path. */
  readonly id: string;
  /** Bytes, as the walk saw it: for admission and deadlines only. */
  readonly size: number;
  /** What the walk found out about it. */
  readonly known?: readonly Fact[];
  /** Name of the description that lies beside a file of bare numbers: 'model.xml' for 'model.bin'. */
  readonly beside?: string;
}

/**
 * A second look at an artefact's bytes, for which its scanners must have said where things lie. What it says is added to the facts;
 * undefined where there is nothing to look at.
 */
export type Look = (source: ByteSource, facts: readonly Fact[]) => AsyncIterable<Fact> | undefined;

/** Inspects one root file and everything nested in it. Never throws: every way to stop early becomes a fact. */
export async function inspectFile(job: Job, scanners: readonly Scanner[], limits: Limits, look?: Look): Promise<Inspected[]> {
  const budget = new Budget(limits, job.size);
  const out: Inspected[] = [];
  let source: FileSource;
  try {
    source = FileSource.open(typeof job.path === 'string' ? job.path : Buffer.from(job.path.base64, 'base64'), budget);
  } catch (error) {
    const artefact = { id: job.id, size: job.size, format: 'unknown', digests: {} };
    return [{ artefact, coverage: 'failed', facts: stopped(error, 'anything', job.size) }];
  }
  try {
    const visit = new Visit(scanners, budget, out, look);
    await visit.root(source, job.id, job.beside);
  } finally {
    source.close();
  }
  return out;
}

const headLength = 64 * 1024;
const tailLength = 66 * 1024;
/** Parts that no scanner accounts for are looked at for a hidden format, the first ones at least. */
const holesTried = 32;

interface Seen {
  readonly facts: Fact[];
  readonly claimedBy: Scanner[];
  readonly spans: Span[];
  /** A scanner stopped early, so that holes mean nothing. */
  stopped: boolean;
}

interface RootOnly {
  readonly beside?: string;
  /** Called when nothing will read the source from end to end. */
  readonly inParts?: () => void;
}

/** The recursion over one root file: same budget for all that is nested. */
class Visit {
  readonly #scanners: readonly Scanner[];
  readonly #budget: Budget;
  readonly #out: Inspected[];
  readonly #names = new Set<string>();
  readonly #look: Look | undefined;

  constructor(scanners: readonly Scanner[], budget: Budget, out: Inspected[], look: Look | undefined) {
    this.#look = look;
    this.#scanners = scanners;
    this.#budget = budget;
    this.#out = out;
  }

  async root(source: FileSource, id: string, beside?: string): Promise<void> {
    const name = id.slice(id.lastIndexOf('/') + 1);
    let sha256: string | undefined;
    const end: Fact[] = [];
    const attempt = async (check: () => unknown): Promise<boolean> => {
      try {
        await check();
        return true;
      } catch (error) {
        end.push(...stopped(error, holds, source.size));
        return false;
      }
    };
    let hashing: Promise<boolean> | undefined;
    const hash = (beside: boolean): void => {
      hashing ??= attempt(async () => {
        source.checkReadable();
        sha256 = await source.digest(beside);
      });
    };
    let holds: Holds = 'anything';
    const seen = await this.#inspect(source, id, name, 0, { ...(beside === undefined ? {} : { beside }), inParts: () => source.threaded && hash(true) });
    holds = holdsOf(seen.claimedBy);
    const looked = this.#look?.(source, seen.facts);
    hash(looked !== undefined);
    if (looked !== undefined) await this.#lookAgain(looked, source, seen);
    await hashing;
    if (!(await attempt(() => source.checkUnchanged()))) sha256 = undefined;
    // One limit stops the hashing and the weighing alike.
    seen.facts.push(...end.filter((fact) => fact.kind !== 'gap' || !seen.facts.some((one) => one.kind === 'gap' && one.what === fact.what)));
    this.#report(id, source.size, seen, sha256);
  }

  async #child(child: Child, parent: string, depth: number, wrapped = false): Promise<void> {
    // Ends the container's walk with one gap: its other members would be as deep.
    if (depth > this.#budget.limits.depth) throw new LimitReached('depth', `members nested more than ${this.#budget.limits.depth} levels deep`);
    this.#budget.spend('children', 1);
    const id = this.#unique(`${parent}!/${child.name}`);
    const name = child.name.slice(child.name.lastIndexOf('/') + 1);
    const seen = await this.#inspect(child.source, id, name, depth);
    const looked = this.#look?.(child.source, seen.facts);
    if (looked !== undefined) await this.#lookAgain(looked, child.source, seen);
    // A member that nothing understands is listed by its container and covered by the container's digest; a coat lists nothing.
    if (seen.claimedBy.length === 0 && seen.facts.length === 0 && !wrapped) return;
    let sha256: string | undefined;
    try {
      sha256 = await child.source.digest();
    } catch (error) {
      seen.facts.push(...stopped(error, holdsOf(seen.claimedBy), child.source.size));
    }
    this.#report(id, child.source.size, seen, sha256);
  }

  /** Recognises, and runs every scanner that does. */
  async #inspect(source: ByteSource, id: string, name: string, depth: number, { beside, inParts }: RootOnly = {}): Promise<Seen> {
    const seen: Seen = { facts: [], claimedBy: [], spans: [], stopped: false };
    let sample: Sample;
    try {
      const taken = await takeSample(source, name);
      sample = beside === undefined ? taken : { ...taken, beside };
    } catch (error) {
      seen.facts.push(...stopped(error, 'anything', source.size));
      seen.stopped = true;
      return seen;
    }
    const chosen: [Scanner, Recognition][] = [];
    for (const scanner of this.#scanners) {
      const recognition = scanner.fallback === true ? 'no' : scanner.recognise(sample);
      if (recognition !== 'no') chosen.push([scanner, recognition]);
    }
    if (chosen.length > 0 && chosen.every(([{ parts }]) => parts === true)) inParts?.();
    for (const [scanner, recognition] of chosen) await this.#run(scanner, recognition, source, sample, id, depth, seen);
    for (const scanner of seen.claimedBy.length > 0 ? [] : this.#scanners) {
      const recognition = scanner.fallback === true && seen.claimedBy.length === 0 ? scanner.recognise(sample) : 'no';
      if (recognition !== 'no') await this.#run(scanner, recognition, source, sample, id, depth, seen);
    }
    if (!seen.stopped && seen.spans.length > 0) await this.#holes(source, id, depth, seen);
    return seen;
  }

  /** Only adds to the facts: what was read before stays, whatever happens here. */
  async #lookAgain(looked: AsyncIterable<Fact>, source: ByteSource, seen: Seen): Promise<void> {
    try {
      for await (const fact of looked) {
        this.#budget.spend('facts', 1);
        seen.facts.push(fact);
      }
    } catch (error) {
      seen.facts.push(...stopped(error, 'weights', source.size));
    }
  }

  async #run(scanner: Scanner, recognition: Recognition, source: ByteSource, sample: Sample, id: string, depth: number, seen: Seen): Promise<void> {
    const facts: Fact[] = [];
    const spans: Span[] = [];
    let children = 0;
    let end: Fact[] = [];
    try {
      for await (const said of scanner.inspect(source, sample)) {
        if (said.at !== undefined) spans.push(said.at);
        if (said.kind === 'child') {
          children += 1;
          await this.#child(said, id, depth + 1, scanner.wraps === true);
        } else {
          this.#budget.spend('facts', 1);
          facts.push(said);
        }
      }
    } catch (error) {
      end = stopped(error, scanner.holds, source.size);
    }
    const nothing = facts.length === 0 && children === 0;
    if (recognition === 'maybe' && nothing && end[0]?.kind === 'malformed') return; // a wrong guess
    facts.push(...end);
    seen.stopped ||= end.length > 0;
    if (recognition === 'maybe' && nothing && end.length === 0) return;
    seen.claimedBy.push(scanner);
    seen.facts.push(...facts);
    for (const span of spans) seen.spans.push(span);
  }

  /** What no scanner accounts for: said with its size and look, and inspected when it is a format of its own. */
  async #holes(source: ByteSource, id: string, depth: number, seen: Seen): Promise<void> {
    const holes = uncovered(seen.spans, source.size);
    for (const [begin, end] of holes.slice(0, holesTried)) {
      try {
        const part = source.slice(begin, end);
        const sample = await takeSample(part, '');
        const zeros = await isZero(part);
        const known = zeros ? [] : this.#scanners.filter((scanner) => scanner.recognise(sample) === 'yes');
        const look = zeros ? 'zeros' : known.length > 0 ? known.map((scanner) => scanner.id).join('+') : 'other';
        seen.facts.push({ kind: 'anomaly', measure: 'unclaimed-bytes', value: end - begin, detail: look, at: [begin, end] });
        // A hole as large as the file would be found again in itself, level by level.
        if (known.length > 0 && end - begin < source.size) await this.#child({ kind: 'child', name: `@${begin}`, source: part }, id, depth + 1);
      } catch (error) {
        seen.facts.push(...stopped(error, 'anything', source.size));
      }
    }
    const rest = holes.slice(holesTried);
    if (rest.length > 0) {
      const bytes = rest.reduce((sum, [begin, end]) => sum + end - begin, 0);
      seen.facts.push({ kind: 'anomaly', measure: 'unclaimed-bytes', value: bytes, detail: `in ${rest.length} further places`, at: rest[0]! });
    }
  }

  #report(id: string, size: number, seen: Seen, sha256: string | undefined): void {
    const format = formatOf(seen);
    const digests = sha256 === undefined ? {} : { sha256 };
    this.#out.push({ artefact: { id, size, format, digests }, coverage: coverageOf(seen), facts: seen.facts });
  }

  /** Containers may list a name twice; ids stay unique. */
  #unique(wanted: string): string {
    let id = wanted;
    for (let n = 2; this.#names.has(id); n += 1) id = `${wanted}#${n}`;
    this.#names.add(id);
    return id;
  }
}

async function takeSample(source: ByteSource, name: string): Promise<Sample> {
  const { size } = source;
  if (size <= headLength) {
    const whole = await source.read(0, size);
    return { name, size, head: whole, tail: whole };
  }
  const [head, tail] = await Promise.all([
    source.read(0, Math.min(headLength, size)),
    source.read(Math.max(0, size - tailLength), Math.min(tailLength, size)),
  ]);
  return { name, size, head, tail };
}

async function isZero(source: ByteSource): Promise<boolean> {
  for await (const block of source.sweep()) {
    const words = block.byteOffset % 8 === 0 ? new BigUint64Array(block.buffer, block.byteOffset, block.length >> 3) : undefined;
    if (words?.some((word) => word !== 0n) === true) return false;
    for (let i = words === undefined ? 0 : words.length * 8; i < block.length; i += 1) if (block[i] !== 0) return false;
  }
  return true;
}

/** Scanners whose format is a use of another one (a torch checkpoint is a zip) stand for both. */
function formatOf(seen: Seen): string {
  const [first] = seen.claimedBy;
  if (seen.claimedBy.length === 1 && seen.facts.length > 1) return first!.id;
  const implied = new Set(seen.claimedBy.flatMap((scanner) => scanner.basis ?? []));
  const ids = seen.claimedBy.map((scanner) => scanner.id).filter((id) => !implied.has(id));
  if (ids.length > 1) return ids.toSorted().join('+');
  const [only] = seen.facts;
  if (seen.facts.length === 1 && only?.kind === 'gap' && only.format !== undefined) return only.format; // known by its look only
  return ids[0] ?? 'unknown';
}

function coverageOf(seen: Seen): Coverage {
  const gaps = seen.facts.filter((fact) => fact.kind === 'gap');
  const broken = gaps.length > 0;
  // Known by its look, but no reader for it: the same as a format nobody knows, only better named.
  if (broken && gaps.length === seen.facts.length && gaps.every((gap) => gap.format !== undefined)) return 'unsupported';
  // Program text that is read for one thing and not judged for the others is no better known.
  if (broken && gaps.every((gap) => gap.format !== undefined && gap.holds === 'source')) return 'unsupported';
  if (seen.claimedBy.length === 0) return broken ? 'failed' : 'unsupported';
  if (!broken) return 'complete';
  return seen.facts.every((fact) => fact.kind === 'gap' || fact.kind === 'malformed') ? 'failed' : 'partial';
}

function holdsOf(claimedBy: readonly Scanner[]): Holds {
  return claimedBy.length === 1 ? claimedBy[0]!.holds : 'anything';
}

/**
 * The one place where an error becomes facts: always a gap, since something was not read, and what is malformed besides.
 * An error that is none of ours is a bug of ours, and named as one.
 */
export function stopped(error: unknown, holds: Holds, size: number): Fact[] {
  const gap = (what: string, why: GapReason): Fact[] => [{ kind: 'gap', what, why, holds }];
  if (error instanceof Malformed) {
    const at: Span = [Math.min(error.at ?? 0, size), size];
    return [
      { kind: 'malformed', code: error.code, what: error.message, at: [at[0], at[0]] },
      { kind: 'gap', what: `not read from byte ${at[0]} on: ${error.message}`, why: 'damaged', holds, at },
    ];
  }
  if (error instanceof LimitReached) return [{ kind: 'gap', what: error.message, why: error.limit === 'timeout' ? 'timeout' : 'limit', limit: error.limit, holds }];
  if (error instanceof Unsupported) return gap(error.message, error.why);
  if (error instanceof Changed) return gap(error.message, 'changed');
  const { code } = error as { code?: unknown };
  if (typeof code === 'string' && /^E[A-Z]+$/.test(code)) return gap(`the system refused: ${code}`, 'unreadable');
  const name = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return gap(`the scanner failed, which is a bug in assay: ${name}`, 'crash');
}
