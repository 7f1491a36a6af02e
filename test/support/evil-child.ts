// An inspecting process with scanners that do what hostile bytes might make a parser do.
import type { Scanner } from '../../src/model/scanner.ts';
import { scanner } from '../../src/model/scanner.ts';
import { serve } from '../../src/run/protocol.ts';

function on(ending: string, act: () => Promise<void> | void): Scanner {
  return scanner({
    id: ending.slice(1),
    title: `does something bad for *${ending}`,
    extensions: [ending],
    holds: 'code',
    says: ['region'],
    recognise: ({ name }) => (name.endsWith(ending) ? 'yes' : 'no'),
    async *inspect(source) {
      await act();
      yield { kind: 'region', name: 'all', at: [0, source.size] };
    },
  });
}

serve([
  on('.hang', () => {
    for (;;);
  }),
  on('.wait', () => new Promise(() => {})),
  on('.crash', () => process.abort()),
  on('.exit', () => process.exit(7)),
  on('.heap', () => {
    const kept: unknown[] = [];
    for (;;) kept.push(Array.from({ length: 1000 }, (_, i) => ({ i })));
  }),
  on('.native', async () => {
    const kept: Buffer[] = [];
    for (;;) {
      kept.push(Buffer.alloc(32 << 20, 1));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }),
  on('.bug', () => {
    throw new TypeError('cannot read properties of undefined');
  }),
  on('.good', () => {}),
], []);
