// SPDX-License-Identifier: Apache-2.0
import { readBundle } from './bundle.ts';
import { parseStatement } from './statement.ts';
import type { Root } from './tree.ts';
import type { VerifyOptions } from './verification.ts';
import { verify } from './verify.ts';

/** What a signature proves about the files that are there. */
export interface Covered {
  /** Names, relative to the model, of files whose bytes are those that were signed. Empty when the signature does not hold. */
  readonly files: ReadonlySet<string>;
  /** Why it does not hold, or what differs; empty when everything listed is as signed. */
  readonly problems: readonly string[];
}

/** Checks a signature and tells which files it vouches for: files that changed or went are left out, the others count. */
export async function covered(root: Root, options: VerifyOptions): Promise<Covered> {
  const { problems, rootDigest } = await verify(root, { ...options, ignoreUnsigned: true });
  const told = problems.map(({ detail }) => detail);
  // Without a root digest the signature itself did not hold: nothing in it may be read.
  if (rootDigest === undefined) return { files: new Set(), problems: told };
  const listed = parseStatement(readBundle(options.signature).payload).files.keys();
  const broken = new Set(problems.map(({ name }) => name));
  if (broken.has(undefined)) return { files: new Set(), problems: told };
  return { files: new Set([...listed].filter((name) => !broken.has(name))), problems: told };
}
