// SPDX-License-Identifier: Apache-2.0
import { clip } from '../../src/bytes/clip.ts';
import type { FactOf } from '../../src/model/fact.ts';
import type { Span } from '../../src/model/span.ts';
import type { Library, TfGraph, TfNode } from './graph.ts';
import { callersOf, trace, type Occasion, type Reach } from './reach.ts';

/** Operators that are given the name of a file or an address, and the operand it is (a number) or the attribute (a text). */
export const named: ReadonlyMap<string, number | string> = new Map<string, number | string>([
  ['ReadFile', 0], ['WriteFile', 0], ['MatchingFiles', 0], ['Save', 0], ['SaveSlices', 0], ['SaveV2', 0], ['Restore', 0], ['RestoreSlice', 0], ['RestoreV2', 0], ['MergeV2Checkpoints', 1],
  ['InitializeTableFromTextFile', 1], ['InitializeTableFromTextFileV2', 1], ['TextLineDataset', 0], ['TFRecordDataset', 0], ['TFRecordDatasetV2', 0], ['FixedLengthRecordDataset', 0],
  ['FixedLengthRecordDatasetV2', 0], ['CSVDataset', 0], ['CSVDatasetV2', 0], ['ExperimentalCSVDataset', 0], ['MatchingFilesDataset', 0], ['ExperimentalMatchingFilesDataset', 0],
  ['SqlDataset', 1], ['ExperimentalSqlDataset', 1], ['LMDBDataset', 0], ['ExperimentalLMDBDataset', 0], ['CacheDataset', 1], ['CacheDatasetV2', 1], ['SnapshotDataset', 1], ['SnapshotDatasetV2', 1],
  ['SaveDataset', 1], ['SaveDatasetV2', 1], ['LoadDataset', 0], ['DatasetToTFRecord', 1], ['ExperimentalDatasetToTFRecord', 1], ['DistributedSave', 1], ['CreateSummaryFileWriter', 1],
  ['CreateSummaryDbWriter', 1], ['GenerateVocabRemapping', 0], ['LoadAndRemapMatrix', 0], ['RegisterDataset', 1], ['RegisterDatasetV2', 1], ['DataServiceDataset', 3], ['DataServiceDatasetV2', 3],
  ['DataServiceDatasetV3', 3], ['DataServiceDatasetV4', 3], ['Rpc', 0], ['TryRpc', 0], ['ImmutableConst', 'memory_region_name'], ['PrintV2', 'output_stream'], ['DebugIdentity', 'debug_urls'],
  ['DebugIdentityV2', 'debug_urls'], ['DebugIdentityV3', 'debug_urls'], ['DebugNanCount', 'debug_urls'], ['DebugNumericSummary', 'debug_urls'], ['DebugNumericSummaryV2', 'debug_urls'],
]);

/** Different operators of one graph; TensorFlow has seventeen hundred. */
const most = 5000;
/** Facts about nodes that name files. */
const mostNamed = 2000;

interface Use {
  readonly operator: string;
  readonly name: string;
  readonly at: Span;
  readonly detail: Record<string, string>;
  readonly runs: Set<Occasion>;
  count: number;
}

/** Operators with how often they stand in the graph, counted while it is read. */
export class Operators {
  readonly #uses = new Map<string, Use>();
  #dropped = 0;

  add({ op, name, at }: TfNode): void {
    const use = this.#uses.get(op);
    if (use !== undefined) use.count += 1;
    else if (this.#uses.size < most) this.#uses.set(op, { operator: op, name, at, detail: {}, runs: new Set(), count: 1 });
    else this.#dropped += 1;
  }

  /** One fact for each operator, and one for each file that some operator names. */
  *facts(library: Library, reach: Reach, assets: ReadonlySet<string>): Generator<FactOf<'node' | 'malformed'>> {
    const files = new Map<string, Use>();
    const callers = callersOf(library);
    for (const graph of [library.main, ...library.functions.values()]) {
      for (const node of graph.nodes) {
        const runs = reach.of(graph.name, node.name);
        const use = this.#uses.get(node.op);
        for (const occasion of runs) use?.runs.add(occasion);
        const where = named.get(node.op);
        if (where === undefined) continue;
        const detail = { ...fileOf(node, where, graph, reach, callers, assets), ...(graph.name === '' ? {} : { function: clip(graph.name, 120) }) };
        const key = JSON.stringify([node.op, detail, runs]);
        const same = files.get(key);
        if (same !== undefined) same.count += 1;
        else if (files.size < mostNamed) files.set(key, { operator: node.op, name: node.name, at: node.at, detail, runs: new Set(runs), count: 1 });
      }
    }
    for (const use of this.#uses.values()) {
      // What was told file by file is not told again, unless it was cut.
      if (named.has(use.operator) && files.size < mostNamed) continue;
      if (library.functions.has(use.operator)) use.detail['defined'] = 'model';
      yield factOf(use);
    }
    for (const use of files.values()) yield factOf(use);
    if (this.#dropped > 0) yield { kind: 'malformed', code: 'tensorflow/operators', what: `graph uses more than ${most} different operators; ${this.#dropped} nodes are not listed` };
  }
}

function factOf({ operator, name, at, detail, runs, count }: Use): FactOf<'node'> {
  const all = { ...detail, ...(runs.size === 0 ? {} : { runs: [...runs].toSorted().join(' ') }) };
  return { kind: 'node', operator: clip(operator, 120), name: clip(name, 120), count, at, ...(Object.keys(all).length === 0 ? {} : { detail: all }) };
}

function fileOf(node: TfNode, where: number | string, graph: TfGraph, reach: Reach, callers: ReturnType<typeof callersOf>, assets: ReadonlySet<string>): Record<string, string> {
  if (typeof where === 'string') {
    const text = node.texts[where] ?? '';
    return text === '' ? {} : { file: clip(text), from: 'constant' };
  }
  const input = node.inputs.filter((one) => !one.startsWith('^'))[where];
  if (input === undefined) return {};
  const { texts, argument, asset, through } = trace(input, graph, reach, callers, assets);
  const from = [...(texts.length > 0 ? ['constant'] : []), ...(argument ? ['argument'] : []), ...(asset ? ['asset'] : [])];
  return { ...(texts.length === 0 ? {} : { file: clip(texts.join(' | ')) }), from: from.length === 0 ? 'computed' : from.join(' '), ...(through.length === 0 ? {} : { through: through.join(' ') }) };
}
