// SPDX-License-Identifier: Apache-2.0
// The process that runs a model that nobody trusts yet. Node's permission model keeps it from writing, starting programs and
// reading anything but the model; a deadline and a cap on memory are held from outside.
import { readFileSync } from 'node:fs';
import type { FactOf } from '../model/fact.ts';
import { checks, messageOf } from './checks.ts';
import { givenRows } from './given.ts';
import { patchSweep } from './sweep.ts';
import type { Session } from './session.ts';
import type { Answer, Progress, Task } from './probe.ts';

const { open } = await import('./session.ts');

const say = (message: Answer | Progress): void => void process.send?.(message);
process.on('message', (task: Task) => {
  void answer(task).then(say);
});
process.on('disconnect', () => process.exit(0));
say({ ready: true });

async function answer({ path, external, inputs, seconds }: Task): Promise<Answer> {
  let session: Awaited<ReturnType<typeof open>>;
  try {
    session = await open(external ? path : readFileSync(path));
  } catch (error) {
    return { checks: [{ kind: 'check', name: 'runtime-load', outcome: 'broken', what: `ONNX Runtime refuses the model: ${messageOf(error)}` }] };
  }
  say({ loaded: true, declared: session.declared });
  const loads = { kind: 'check', name: 'runtime-load', outcome: 'held', what: 'ONNX Runtime loads the model' } as const;
  try {
    return { checks: [loads, ...(await checks(session, { seconds, ran: () => say({ ran: true }) })), ...(inputs === undefined ? [] : [await swept(session, inputs)])] };
  } catch (error) {
    return { checks: [loads, { kind: 'check', name: 'runtime-run', outcome: 'broken', what: `running it failed: ${messageOf(error)}` }] };
  } finally {
    await session.release();
  }
}

async function swept(session: Session, folder: string): Promise<FactOf<'check'>> {
  const [port, ...others] = session.inputs;
  const given = port === undefined || others.length > 0 || port.type !== 'float32' ? 'only models with one float32 input are swept' : givenRows(folder, port);
  return typeof given === 'string' ? { kind: 'check', name: 'patch-sweep', outcome: 'not-assessable', what: given } : patchSweep(session, given);
}
