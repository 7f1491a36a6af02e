// SPDX-License-Identifier: Apache-2.0
import { isFormat, type Inspected } from '../model/artefact.ts';
import { collectionRule, type Collection, type Hit } from '../model/rule.ts';
import { besides } from './policy/paths.ts';

export default collectionRule({
  id: 'tf-checkpoint-data',
  title: 'Index and numbers of a TensorFlow checkpoint do not fit',
  why: 'A checkpoint is an index and files of bare numbers. A missing or short part was not scanned, or makes a loader read past its end; bytes that the index gives to no tensor are passed over by every loader, which is where a payload hides; numbers without an index cannot be judged at all.',
  fix: 'Scan all files of the checkpoint together. If bytes are left over, look at them; load the checkpoint and save it anew, which drops them.',
  severity: 'medium',
  confidence: 'high',
  references: ['CWE-506', 'CWE-125', 'https://www.tensorflow.org/guide/checkpoint'],
  provisions: ['5.2.3-1'],
  example: ['tf-checkpoint/bytes-behind', 'tf-checkpoint/whole'],
  reads: ['link'],
  *check(among) {
    const indexed = new Set<string>();
    for (const one of among.all) if (isFormat(one.artefact, 'tf-checkpoint')) yield* unfit(one, among, indexed);
    for (const { artefact } of among.all) {
      if (!isFormat(artefact, 'tf-checkpoint-data') || indexed.has(artefact.id)) continue;
      yield { message: 'numbers of a checkpoint have no index beside them that names them', artefact: artefact.id };
    }
  },
});

function* unfit({ artefact, facts }: Inspected, among: Collection, indexed: Set<string>): Generator<Hit> {
  for (const fact of facts) {
    if (fact.kind !== 'link' || fact.role !== 'external-data') continue;
    const { target, detail = '' } = fact;
    const id = besides(artefact.id, target);
    indexed.add(id);
    const found = among.find(id);
    const place = { artefact: artefact.id, evidence: [detail] };
    if (found === undefined) {
      // Members that nothing understands are no artefacts: inside a container, absence says nothing.
      if (!artefact.id.includes('!/')) yield { message: `part '${target}' is not beside the index`, ...place };
      continue;
    }
    const end = Number(/length=(\d{1,16})/.exec(detail)?.[1] ?? 0);
    const unused = Number(/unused=(\d{1,16})/.exec(detail)?.[1] ?? 0);
    const { size } = found.artefact;
    if (end > size) yield { message: `part '${target}' ends at ${size}, but the index reads to ${end}`, severity: 'high', ...place };
    else if (size > end) yield { message: `${size - end} bytes behind the last tensor in '${target}' belong to none`, ...place, artefact: id };
    if (unused > 0) yield { message: `${unused} bytes between the tensors in '${target}' belong to none`, ...place, artefact: id };
  }
}
