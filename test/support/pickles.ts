// SPDX-License-Identifier: Apache-2.0
import pickleScanner from '../../scanners/pickle/index.ts';
import { Malformed } from '../../src/bytes/errors.ts';
import { Budget, defaultLimits } from '../../src/bytes/limits.ts';
import { MemorySource, type ByteSource } from '../../src/bytes/source.ts';
import type { Inspected } from '../../src/model/artefact.ts';
import type { Fact } from '../../src/model/fact.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { Rule } from '../../src/model/rule.ts';
import { rules } from '../../src/rules/index.ts';
import { judge } from '../../src/rules/judge.ts';

const own: readonly Rule[] = rules.filter((rule) => rule.id.startsWith('pickle-'));

async function inspected(id: string, source: ByteSource, out: Inspected[]): Promise<void> {
  const head = await source.read(0, Math.min(source.size, 65_536));
  const facts: Fact[] = [];
  try {
    for await (const said of pickleScanner.inspect(source, { name: id, size: source.size, head, tail: head })) {
      if (said.kind === 'child') await inspected(`${id}!/${said.name}`, said.source, out);
      else facts.push(said);
    }
  } catch (error) {
    if (!(error instanceof Malformed) || facts.length > 0) throw error; // no pickle: another scanner's matter
  }
  out.push({ artefact: { id, size: source.size, format: 'pickle', digests: {} }, coverage: 'complete', facts } as unknown as Inspected);
}

/** What the pickle rules say of one pickle in memory and of the pickles that it loads. */
export async function pickleFindings(bytes: Uint8Array): Promise<Finding[]> {
  const out: Inspected[] = [];
  await inspected('m.pkl', new MemorySource(bytes, new Budget({ ...defaultLimits, timeout: 60 })), out);
  return judge(out, own, 'm');
}
