// SPDX-License-Identifier: Apache-2.0
import { clip } from '../../src/bytes/clip.ts';
import { LimitReached } from '../../src/bytes/errors.ts';
import type { FactOf } from '../../src/model/fact.ts';
import { scanner } from '../../src/model/scanner.ts';
import { described } from './nodes.ts';
import type { Node } from './tree.ts';

/** The parser recurses and keeps every token: longer or deeper templates are refused before it sees them. */
const longest = 2 << 20;
const deepest = 300;

export default scanner({
  id: 'jinja',
  title: 'Jinja templates: chat templates of tokenizers, GGUF files and folders',
  extensions: ['.jinja', '.jinja2', '.j2'],
  holds: 'code',
  says: ['region', 'node', 'malformed'],
  recognise: ({ name, head }) => (/\.(jinja2?|j2)$/i.test(name) && !head.includes(0) ? 'yes' : 'no'),
  async *inspect(source): AsyncGenerator<FactOf<'region' | 'node' | 'malformed'>> {
    if (source.size > longest) throw new LimitReached('template', `a template of ${source.size} bytes, allowed ${longest}`);
    const text = Buffer.from(await source.read(0, source.size)).toString('utf8');
    guardDepth(text);
    yield { kind: 'region', name: 'template', at: [0, source.size] };
    // Loaded by name from wherever the environment looks; the parser knows none of them.
    for (const [, statement, what] of text.matchAll(/\{%[-+]?\s*(include|import|from|extends)\s+([^%\n]{0,128})/g)) {
      yield { kind: 'node', operator: 'load', name: statement!, detail: { what: what!.trim() } };
    }
    const { parse, tokenize } = await import('@huggingface/jinja'); // loaded only where a template is
    let program: Node;
    try {
      program = parse(tokenize(text, { lstrip_blocks: true, trim_blocks: true })) as Node;
    } catch (error) {
      if (error instanceof RangeError) throw new LimitReached('template', 'the template is nested too deeply to be parsed');
      yield { kind: 'malformed', code: 'jinja/syntax', what: `the template is no Jinja that transformers would take: ${clip((error as Error).message)}` };
      for (const name of new Set([...text.matchAll(/__[a-z]{2,32}__/g)].map(([found]) => found))) yield { kind: 'node', operator: 'text', name };
      return;
    }
    yield* described(program, source.budget);
  },
});

function guardDepth(text: string): void {
  let depth = 0;
  let most = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === 0x28 || code === 0x5b || code === 0x7b) depth += 1;
    else if (code === 0x29 || code === 0x5d || code === 0x7d) depth = Math.max(0, depth - 1);
    most = Math.max(most, depth);
  }
  const blocks = text.match(/\{%[-+]?\s*(if|for|macro|call|filter|set)\b/g)?.length ?? 0;
  if (most > deepest) throw new LimitReached('template', `brackets nested ${most} deep, allowed ${deepest}`);
  if (blocks > 20_000) throw new LimitReached('template', `${blocks} blocks, allowed 20000`);
}
