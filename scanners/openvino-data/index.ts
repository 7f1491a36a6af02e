// SPDX-License-Identifier: Apache-2.0
import { scanner } from '../../src/model/scanner.ts';

/** Numbers without a header beside a description of the same name: what they are, the description says. */
export default scanner({
  id: 'openvino-data',
  title: 'OpenVINO IR, weights',
  extensions: ['.bin'],
  holds: 'weights',
  fallback: true,
  says: ['region'],
  recognise: ({ name, size, beside }) => (size > 0 && beside !== undefined && name.endsWith('.bin') && beside === `${name.slice(0, -4)}.xml` ? 'yes' : 'no'),
  async *inspect(source) {
    yield { kind: 'region', name: 'tensors', at: [0, source.size] };
  },
});
