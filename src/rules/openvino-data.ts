// SPDX-License-Identifier: Apache-2.0
import { isFormat, type Inspected } from '../model/artefact.ts';
import { collectionRule, type Collection, type Hit } from '../model/rule.ts';
import { besides } from './policy/paths.ts';

export default collectionRule({
  id: 'openvino-data',
  title: 'Description and weights of an OpenVINO model do not fit',
  why: 'An OpenVINO model is a description and a file of bare numbers. A missing or short file was not scanned, or makes a loader read past its end; bytes that the description gives to no constant are passed over by every loader, which is where a payload hides; numbers without a description cannot be judged at all.',
  fix: 'Scan both files together. If bytes are left over, look at them; read the model and serialise it anew, which drops them.',
  severity: 'medium',
  confidence: 'high',
  references: ['CWE-506', 'CWE-125', 'https://docs.openvino.ai/2025/documentation/openvino-ir-format.html'],
  provisions: ['5.2.3-1'],
  example: ['openvino/too-short', 'openvino/whole'],
  reads: ['link'],
  *check(among) {
    const described = new Set<string>();
    for (const one of among.all) if (isFormat(one.artefact, 'openvino')) yield* unfit(one, among, described);
    for (const { artefact } of among.all) {
      if (!isFormat(artefact, 'openvino-data') || described.has(artefact.id)) continue;
      yield { message: 'content is of no known format: the XML beside it describes no weights in it', severity: 'high', artefact: artefact.id };
    }
  },
});

/** Holes that alignment leaves. */
const ordinary = 4096;

function* unfit({ artefact, facts }: Inspected, among: Collection, described: Set<string>): Generator<Hit> {
  for (const fact of facts) {
    if (fact.kind !== 'link' || fact.role !== 'external-data') continue;
    const { target, detail = '' } = fact;
    const id = besides(artefact.id, target);
    described.add(id);
    const found = among.find(id);
    const place = { artefact: artefact.id, evidence: [detail] };
    if (found === undefined) {
      // Members that nothing understands are no artefacts: inside a container, absence says nothing.
      if (!artefact.id.includes('!/')) yield { message: `weights '${target}' are not beside the description`, ...place };
      continue;
    }
    const end = Number(/length=(\d{1,16})/.exec(detail)?.[1] ?? 0);
    const unused = Number(/unused=(\d{1,16})/.exec(detail)?.[1] ?? 0);
    const { size } = found.artefact;
    if (end > size) yield { message: `weights '${target}' end at ${size}, but the description reads to ${end}`, severity: 'high', ...place };
    else if (size - end > 64) yield { message: `${size - end} bytes behind the last constant in '${target}' belong to none`, ...place, artefact: id };
    if (unused > 0) yield { message: `${unused} bytes between the constants in '${target}' belong to none`, ...place, artefact: id, ...(unused < ordinary ? { severity: 'low' as const } : {}) };
  }
}
