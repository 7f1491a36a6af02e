// SPDX-License-Identifier: Apache-2.0
// nbformat 3 and 4: https://nbformat.readthedocs.io/en/latest/format_description.html
import { asBuffer } from '../../src/bytes/as-buffer.ts';
import { isObject, parseJson } from '../../src/grammar/json.ts';
import { MemorySource } from '../../src/bytes/source.ts';
import { scanner } from '../../src/model/scanner.ts';

const largest = 256 << 20;
const mostCells = 10_000;

export default scanner({
  id: 'notebook',
  title: 'Jupyter notebooks: their code cells, as programs',
  extensions: ['.ipynb'],
  basis: ['json'],
  holds: 'data',
  says: ['region', 'malformed'],
  recognise: ({ name, head }) => (/\.ipynb$/i.test(name) && /^\s*\{/.test(asBuffer(head.subarray(0, 64)).toString('latin1')) ? 'yes' : 'no'),
  async *inspect(source) {
    yield { kind: 'region', name: 'document', at: [0, source.size] };
    if (source.size > largest) {
      yield { kind: 'malformed', code: 'notebook/size', what: `the notebook has ${source.size} bytes, looked at are ${largest} at most` };
      return;
    }
    const { value } = parseJson(await source.read(0, source.size), { format: 'notebook' });
    const cells = codeCells(value);
    if (cells.length > mostCells) yield { kind: 'malformed', code: 'notebook/cells', what: `the notebook has ${cells.length} code cells, looked at are ${mostCells}` };
    // One program, as it runs from top to bottom: names that one cell sets are used in the next.
    const program = cells.slice(0, mostCells).join('\n\n');
    if (program !== '') yield { kind: 'child', name: 'cells.py', source: new MemorySource(Buffer.from(program), source.budget) };
  },
});

/** Text of the code cells; lines that the notebook and not Python reads (%magic, !shell) become comments. */
function codeCells(document: unknown): string[] {
  if (!isObject(document)) return [];
  const sheets = Array.isArray(document['worksheets']) ? (document['worksheets'] as unknown[]).flatMap((sheet) => (isObject(sheet) ? sheet['cells'] : [])) : document['cells'];
  if (!Array.isArray(sheets)) return [];
  return (sheets as unknown[]).flatMap((cell) => {
    if (!isObject(cell) || cell['cell_type'] !== 'code') return [];
    const source = cell['source'] ?? cell['input'];
    const text = Array.isArray(source) ? (source as unknown[]).filter((line) => typeof line === 'string').join('') : source;
    return typeof text === 'string' ? [text.replaceAll(/^(\s*)[%!]/gm, '$1# ')] : [];
  });
}
