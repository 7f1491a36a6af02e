// SPDX-License-Identifier: Apache-2.0
// SavedObjectGraph (saved_object_graph.proto): the Python objects that functions and variables hang on; and SavedMetadata of Keras.
import type { MessageRange, ProtoReader } from '../../src/grammar/protobuf.ts';
import { unsigned } from '../../src/grammar/protobuf.ts';
import { clip } from '../../src/bytes/clip.ts';
import type { Child } from '../../src/model/scanner.ts';
import type { Root } from './reach.ts';

const mostObjects = 100_000;
const mostFunctions = 100_000;

/** Methods of resources that the loader calls itself. */
const atLoad = new Set(['_create_resource', '_initialize', '_initializer', '_destroy_resource', '__init__', '_restore_from_tensors', 'initializer']);

export class ObjectReader {
  readonly #reader: ProtoReader;
  readonly #child: (child: Child) => void;
  readonly #functions = new Map<number, string[]>();
  readonly #loads = new Set<number>();
  #all = 0;

  constructor(reader: ProtoReader, child: (child: Child) => void) {
    this.#reader = reader;
    this.#child = child;
  }

  /** SavedObjectGraph: nodes 1, concrete_functions 2. */
  async graph(range: MessageRange): Promise<void> {
    const reader = this.#reader;
    let id = 0;
    for (let field = await reader.next(range); field !== undefined; field = await reader.next(range)) {
      if (field.number !== 1 || id >= mostObjects) continue;
      await this.#object(reader.enter(field), id);
      id += 1;
    }
  }

  /** SavedObject: children 1 { node_id 1, local_name 2 }, user_object 4 { identifier 1, metadata 3 }, function 6 { concrete_functions 1 }, bare_concrete_function 8 { name 1 }. */
  async #object(range: MessageRange, id: number): Promise<void> {
    const reader = this.#reader;
    for (let field = await reader.next(range); field !== undefined; field = await reader.next(range)) {
      if (field.wire !== 2) continue;
      const inner = reader.enter(field);
      if (field.number === 1) {
        let [node, name] = [-1, ''];
        for (let part = await reader.next(inner); part !== undefined; part = await reader.next(inner)) {
          if (part.number === 1) node = unsigned(part);
          else if (part.number === 2) name = await reader.text(part, 64);
        }
        if (atLoad.has(name)) this.#loads.add(node);
      } else if (field.number === 4) {
        for (let part = await reader.next(inner); part !== undefined; part = await reader.next(inner)) {
          if (part.number === 3 && part.wire === 2 && part.end - part.begin > 2) this.#child({ kind: 'child', name: `object-${id}.json`, source: reader.source.slice(part.begin, part.end), at: [part.begin, part.end] });
        }
      } else if (field.number === 6 || field.number === 8) {
        for (let part = await reader.next(inner); part !== undefined; part = await reader.next(inner)) {
          if (part.number !== 1 || part.wire !== 2 || this.#all >= mostFunctions) continue;
          this.#all += 1;
          const list = this.#functions.get(id);
          const name = await reader.text(part);
          if (list === undefined) this.#functions.set(id, [name]);
          else list.push(name);
        }
      }
    }
  }

  roots(): Root[] {
    return [...this.#functions].flatMap(([id, names]) => names.map((name): Root => ({ occasion: this.#loads.has(id) ? 'load' : 'function', function: name })));
  }
}

/** keras_metadata.pb: SavedMetadata { nodes 1 { node_id 2, node_path 3, identifier 4, metadata 5 } }; the metadata is the JSON of a layer. */
export async function* kerasMetadata(reader: ProtoReader): AsyncGenerator<Child> {
  const range = { offset: 0, end: reader.source.size };
  let count = 0;
  for (let field = await reader.next(range); field !== undefined; field = await reader.next(range)) {
    if (field.number !== 1 || field.wire !== 2) continue;
    const inner = reader.enter(field);
    let path = '';
    for (let part = await reader.next(inner); part !== undefined; part = await reader.next(inner)) {
      if (part.number === 3) path = clip(await reader.text(part, 200), 120).replaceAll(/[/\\]/g, '.');
      if (part.number !== 5 || part.wire !== 2 || count >= 10_000) continue;
      count += 1;
      yield { kind: 'child', name: `${path === '' ? `node-${count}` : path}.json`, source: reader.source.slice(part.begin, part.end), at: [part.begin, part.end] };
    }
  }
}
