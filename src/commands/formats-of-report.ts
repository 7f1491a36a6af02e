// SPDX-License-Identifier: Apache-2.0
import type { Report } from '../model/report.ts';
import type { Rule, Severity } from '../model/rule.ts';
import { UsageError } from '../model/usage-error.ts';

/** What a document may depend on beside the report. */
export interface ProjectionOptions {
  readonly rules: readonly Rule[];
  readonly severity?: Severity;
  readonly showSuppressed?: boolean;
  readonly facts?: boolean;
  readonly color?: boolean;
  readonly verbose?: boolean;
}

type Projection = (report: Report, options: ProjectionOptions) => Promise<string>;

/** Every document that a report can be turned into; each is loaded only when asked for. */
export const projections: Readonly<Record<string, Projection>> = {
  text: async (report, options) => (await import('../report/text.ts')).text(report, options),
  json: async (report, options) => (await import('../report/json.ts')).json(report, options),
  sarif: async (report, options) => (await import('../report/sarif.ts')).sarif(report, options.rules),
  markdown: async (report, options) => (await import('../report/markdown.ts')).markdown(report, options.rules),
  html: async (report, options) => (await import('../report/html.ts')).html(report, options.rules),
  cyclonedx: async (report, { rules }) => bom(report, rules, '1.7'),
  'cyclonedx-1.6': async (report, { rules }) => bom(report, rules, '1.6'),
  spdx: async (report) => {
    const { spdx, sourceDateEpoch } = await import('../../sbom/index.ts');
    const epoch = sourceDateEpoch();
    return spdx(report, epoch === undefined ? {} : { epoch });
  },
  junit: async (report) => (await import('../report/junit.ts')).junit(report),
};

/** Documents that are made of facts, not only of findings. */
export function showsFacts({ format }: Output): boolean {
  return format.startsWith('cyclonedx') || format === 'spdx';
}

async function bom(report: Report, rules: readonly Rule[], specVersion: '1.6' | '1.7'): Promise<string> {
  const { cyclonedx, sourceDateEpoch } = await import('../../sbom/index.ts');
  const epoch = sourceDateEpoch();
  return cyclonedx(report, { specVersion, advice: (id) => rules.find((rule) => rule.id === id)?.fix, ...(epoch === undefined ? {} : { epoch }) });
}

/** One document to write: `file` is absent for stdout. */
export interface Output {
  readonly format: string;
  readonly file?: string;
}

/** Reads `-f NAME[=FILE]` and `-o FILE`. Throws `UsageError` for an unknown format or two that want stdout. */
export function outputsFrom(formats: readonly string[] | undefined, output: string | undefined): Output[] {
  const outputs = (formats ?? ['text']).map((given): Output => {
    const cut = given.indexOf('=');
    const format = cut === -1 ? given : given.slice(0, cut);
    if (!Object.hasOwn(projections, format)) throw new UsageError(`there is no format ${format}; allowed are ${Object.keys(projections).join(', ')}`);
    return cut === -1 ? { format } : { format, file: given.slice(cut + 1) };
  });
  if (outputs.some(({ file }) => file === '')) throw new UsageError('a format has = but no file after it; write -f json=report.json');
  const toStdout = outputs.filter(({ file }) => file === undefined);
  if (output !== undefined) {
    if (toStdout.length !== 1) throw new UsageError(`-o takes the one format that has no file of its own, and there are ${toStdout.length}; write -f NAME=FILE`);
    return outputs.map((one) => (one.file === undefined ? { ...one, file: output } : one));
  }
  if (toStdout.length > 1) throw new UsageError(`${toStdout.map(({ format }) => format).join(' and ')} would both go to stdout; give all but one a file: -f NAME=FILE`);
  return outputs;
}
