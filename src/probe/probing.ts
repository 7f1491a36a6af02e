// SPDX-License-Identifier: Apache-2.0
// The process that runs a model that nobody trusts yet. Node's permission model keeps it from writing, starting programs and
// reading anything but the model; a deadline and a cap on memory are held from outside.
import { readFileSync } from 'node:fs';
import { checks, messageOf } from './checks.ts';
import type { Answer, Question } from './probe.ts';

const { open } = await import('./session.ts');

process.on('message', (question: Question) => {
  void answer(question).then((one) => process.send?.(one));
});
process.on('disconnect', () => process.exit(0));
process.send?.({ ready: true });

async function answer({ path, external }: Question): Promise<Answer> {
  let session: Awaited<ReturnType<typeof open>>;
  try {
    session = await open(external ? path : readFileSync(path));
  } catch (error) {
    return { checks: [{ kind: 'check', name: 'runtime-load', outcome: 'broken', what: `ONNX Runtime refuses the model: ${messageOf(error)}` }] };
  }
  process.send?.({ loaded: true });
  const loads = { kind: 'check', name: 'runtime-load', outcome: 'held', what: 'ONNX Runtime loads the model' } as const;
  try {
    return { checks: [loads, ...(await checks(session))] };
  } catch (error) {
    return { checks: [loads, { kind: 'check', name: 'runtime-run', outcome: 'broken', what: `running it failed: ${messageOf(error)}` }] };
  } finally {
    await session.release();
  }
}
