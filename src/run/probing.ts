// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import pLimit from 'p-limit';
import type { Limits } from '../bytes/limits.ts';
import type { Job } from '../inspect/inspect.ts';
import { isOnnx, type Inspected } from '../model/artefact.ts';
import type { FactOf } from '../model/fact.ts';
import type { Rule } from '../model/rule.ts';
import { probe, probeLimits, type Question } from '../probe/probe.ts';
import { fileJudge } from '../rules/judge.ts';
import { besides, leavesFolder } from '../rules/policy/paths.ts';
import type { Answer } from './task.ts';

/** Operators that run a graph as often as they like. Functions of the model hold them too, and are walked with it. */
const looping = new Set(['Loop', 'Scan', 'SequenceMap', 'BeamSearch', 'GreedySearch', 'Sampling', 'WhisperBeamSearch']);
/** Each probe holds a model in memory. */
const atOnce = 2;

/** Runs every ONNX model that is a file of its own, and adds what came out to what is known of it. */
export async function probeModels(answers: readonly Answer[], jobs: readonly Job[], rules: readonly Rule[], limits: Limits, inputs?: string): Promise<Answer[]> {
  const limit = pLimit(atOnce);
  const byId = new Map(jobs.map((job) => [job.id, job]));
  const judgeFile = fileJudge(rules);
  return limit.map(answers, async (answer) => {
    const model = answer.inspected.find(({ artefact }) => isOnnx(artefact) && byId.has(artefact.id));
    if (model === undefined) return answer;
    const asked = question(model, byId);
    const checks = typeof asked === 'string' ? [unasked(asked)] : await probe({ ...asked, ...(inputs === undefined ? {} : { inputs }) }, { ...probeLimits, seconds: Math.min(probeLimits.seconds, limits.timeout) });
    return {
      inspected: answer.inspected.map((one) => (one === model ? { ...one, facts: [...one.facts, ...checks] } : one)),
      // What was judged already holds no check, and rules about checks read nothing else.
      ...(answer.findings === undefined ? {} : { findings: [...answer.findings, ...judgeFile([{ ...model, facts: checks }])] }),
    };
  });
}

/** The model with its external data, or why it is not run: the runtime must open nothing but what was scanned here. */
function question({ artefact, coverage, facts }: Inspected, byId: ReadonlyMap<string, Job>): Question | string {
  const job = byId.get(artefact.id)!;
  if (typeof job.path !== 'string') return 'its name is not UTF-8';
  if (coverage !== 'complete') return 'it could not be read whole';
  const places = new Set(facts.filter((fact): fact is FactOf<'link'> => fact.kind === 'link' && fact.role === 'external-data').map(({ target }) => target));
  let { size } = job;
  for (const place of places) {
    if (leavesFolder(place) !== undefined) return 'its external data leaves the folder';
    const beside = byId.get(besides(artefact.id, place));
    if (beside === undefined) return 'its external data is not there';
    size += beside.size;
  }
  const loops = facts.some((fact) => fact.kind === 'node' && looping.has(fact.operator));
  return { path: resolve(job.path), size, external: places.size > 0, loops };
}

function unasked(why: string): FactOf<'check'> {
  return { kind: 'check', name: 'runtime-load', outcome: 'not-assessable', what: `not run: ${why}` };
}
