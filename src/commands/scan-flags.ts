// SPDX-License-Identifier: Apache-2.0

/** Options of `scan` as the command line gives them. */
export interface ScanFlags {
  readonly format?: readonly string[];
  readonly output?: string;
  readonly failOn?: string;
  readonly strict?: boolean;
  readonly severity?: string;
  readonly jobs?: string;
  readonly exclude?: readonly string[];
  readonly rules?: readonly string[];
  readonly skipRules?: readonly string[];
  readonly config?: string;
  readonly baseline?: string;
  readonly writeBaseline?: string;
  readonly showSuppressed?: boolean;
  readonly facts?: boolean;
  readonly cacheDir?: string;
  readonly cache?: boolean;
  readonly probe?: boolean;
  readonly probeInputs?: string;
  readonly study?: boolean | string;
  readonly overlay?: string;
  readonly evidence?: string;
  readonly weights?: string;
  readonly baseModel?: string;
  readonly shard?: string;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly progress?: boolean;
  readonly color?: boolean;
}
