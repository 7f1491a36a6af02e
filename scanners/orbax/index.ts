// SPDX-License-Identifier: Apache-2.0
// Orbax checkpoints (https://orbax.readthedocs.io/en/latest/): the tree of arrays is a JSON file called _METADATA, the arrays lie in an
// OCDBT or Zarr store beside it.
import { asBuffer } from '../../src/bytes/as-buffer.ts';
import { clip } from '../../src/bytes/clip.ts';
import type { Fact } from '../../src/model/fact.ts';
import { isObject, parseJson } from '../../src/grammar/json.ts';
import { scanner } from '../../src/model/scanner.ts';

const most = 64 << 20;
const shown = 200;

export default scanner({
  id: 'orbax',
  title: 'Orbax checkpoint, description',
  extensions: [],
  basis: ['json'],
  holds: 'data',
  says: ['region', 'claim', 'anomaly'],
  recognise: ({ name, size, head }) => (
    (name === '_METADATA' || name === '_CHECKPOINT_METADATA') && size <= most && /^\s*\{\s*"(?:tree_metadata|use_ocdbt|use_zarr3|store_array_data_equal_to_fill_value|item_handlers|metrics|init_timestamp_nsecs|commit_timestamp_nsecs|custom_metadata|performance_metrics)"/.test(asBuffer(head.subarray(0, 200)).toString('latin1')) ? 'yes' : 'no'
  ),
  async *inspect(source) {
    const { value } = parseJson(await source.read(0, source.size), { format: 'orbax' });
    yield { kind: 'region', name: 'text', at: [0, source.size] };
    yield { kind: 'claim', field: 'library', value: 'orbax' };
    if (!isObject(value)) return;
    const tree = value['tree_metadata'];
    if (!isObject(tree)) return;
    const names = Object.keys(tree);
    yield { kind: 'anomaly', measure: 'orbax-arrays', value: names.length };
    for (const [index, name] of names.slice(0, shown).entries()) {
      const entry = tree[name];
      const about = isObject(entry) && isObject(entry['value_metadata']) ? entry['value_metadata'] : {};
      const type = typeof about['value_type'] === 'string' ? about['value_type'] : '?';
      const shape = Array.isArray(about['write_shape']) ? `[${about['write_shape'].slice(0, 16).map(String).join(',')}]` : '';
      yield { kind: 'claim', field: 'metadata', value: clip(`array ${index}=${name}: ${type}${shape}`) } satisfies Fact;
    }
  },
});
