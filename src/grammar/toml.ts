// SPDX-License-Identifier: Apache-2.0
// The one door of the `smol-toml` package (TOML 1.0).
import { LimitReached, Malformed } from '../bytes/errors.ts';

/** Longer documents are not parsed; lock files of large projects have some 2 MB. */
const longest = 16 << 20;

/** A document as plain data. Throws `Malformed` for text that is no TOML, `LimitReached` for what is too long. */
export async function parseToml(text: string): Promise<Record<string, unknown>> {
  if (text.length > longest) throw new LimitReached('toml', `a TOML text of ${text.length} characters, allowed ${longest}`);
  const { parse, TomlError } = await import('smol-toml');
  try {
    return parse(text, { maxDepth: 200, integersAsBigInt: 'asNeeded' });
  } catch (error) {
    if (error instanceof TomlError) throw new Malformed('toml/syntax', `TOML breaks at line ${error.line}, column ${error.column}`);
    throw error;
  }
}
