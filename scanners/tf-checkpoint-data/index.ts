// SPDX-License-Identifier: Apache-2.0
import { scanner } from '../../src/model/scanner.ts';

/** Numbers without a header: what they are, the index beside them says. */
export default scanner({
  id: 'tf-checkpoint-data',
  title: 'TensorFlow checkpoint, numbers',
  extensions: ['.data-00000-of-00001'],
  holds: 'weights',
  fallback: true,
  says: ['region'],
  recognise: ({ name, size }) => (size > 0 && /\.data-\d{5}-of-\d{5}$/.test(name) ? 'yes' : 'no'),
  async *inspect(source) {
    yield { kind: 'region', name: 'tensors', at: [0, source.size] };
  },
});
