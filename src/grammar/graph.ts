// SPDX-License-Identifier: Apache-2.0

/** A graph as far as data flows through it. Names are those of its values. */
export interface Graph {
  readonly nodes: GraphNode[];
  readonly inputs: string[];
  readonly outputs: string[];
  /** Values that are constants. */
  readonly initializers: Set<string>;
}

export interface GraphNode {
  readonly operator: string;
  readonly domain: string;
  readonly inputs: string[];
  readonly outputs: string[];
  /** Subgraphs in its attributes. */
  readonly bodies: Graph[];
}

export function emptyGraph(): Graph {
  return { nodes: [], inputs: [], outputs: [], initializers: new Set() };
}
