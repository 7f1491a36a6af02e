// SPDX-License-Identifier: Apache-2.0
import { Malformed } from '../../src/bytes/errors.ts';
import { refusePointer } from '../../src/bytes/pointer.ts';
import type { ByteSource } from '../../src/bytes/source.ts';
import { ProtoReader } from '../../src/grammar/protobuf.ts';
import { scanner, type Recognition, type Sample } from '../../src/model/scanner.ts';
import { ModelReader, type Form, type Said } from './model.ts';
import { kerasMetadata } from './objects.ts';
import { fieldsOf, formOf, isText } from './recognise.ts';

export default scanner({
  id: 'tensorflow',
  title: 'TensorFlow SavedModel, MetaGraph or frozen graph',
  extensions: ['.pb', '.meta', '.pbtxt'],
  holds: 'code',
  says: ['claim', 'region', 'tensor', 'node', 'link', 'anomaly', 'malformed', 'gap'],
  recognise,
  inspect,
});

function recognise(sample: Sample): Recognition {
  if (isText(sample)) return 'yes';
  const { form, sure } = formOf(sample);
  return form === undefined ? 'no' : sure ? 'yes' : 'maybe';
}

async function* inspect(source: ByteSource, sample: Sample): AsyncGenerator<Said | { kind: 'gap'; what: string; why: 'unsupported'; holds: 'code'; format?: string }> {
  refusePointer(sample.head);
  if (source.size === 0) throw new Malformed('tensorflow/truncated', 'file is empty', 0);
  if (isText(sample)) {
    yield { kind: 'gap', what: 'TensorFlow graph as text: only the binary form is read', why: 'unsupported', holds: 'code', format: 'tensorflow-graph' };
    return;
  }
  const { form, sure } = formOf(sample);
  const reader = new ProtoReader(source, 'tensorflow');
  if (form === 'keras-metadata') {
    yield* kerasMetadata(reader);
    yield { kind: 'region', name: 'layers', at: [0, source.size] };
  } else if (form === 'fingerprint') {
    // FingerprintDef: hashes of the SavedModel's parts; only ends of what was a SavedModel's folder, no content.
    await fieldsOf(reader, [1, 2, 3, 4, 5, 6, 7]);
    yield { kind: 'claim', field: 'metadata', value: 'kind=fingerprint' };
    yield { kind: 'region', name: 'fingerprint', at: [0, source.size] };
  } else yield* graph(reader, form ?? 'graph', sure, /\.(?:pb|meta)$/i.test(sample.name));
}

async function* graph(reader: ProtoReader, form: Form, sure: boolean, named: boolean): AsyncGenerator<Said> {
  const model = new ModelReader(reader);
  let broken: unknown;
  try {
    await model.read(form);
  } catch (error) {
    broken = error; // thrown again below: what was read before is said first
  }
  // A protocol buffer of some other kind: a guess that said nothing is dropped.
  if (!sure && (!model.hasNodes || (broken !== undefined && !named))) throw broken instanceof Malformed ? broken : new Malformed('tensorflow/no-graph', 'no operator in it', 0);
  yield* model.said;
  if (broken !== undefined) throw broken;
}
