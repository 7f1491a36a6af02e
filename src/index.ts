// SPDX-License-Identifier: Apache-2.0
// The public library. Nothing else is public.
export { scan, type Progress, type ScanOptions } from './run/scan.ts';
export { json, readReport, type JsonArtefact, type JsonReport } from './report/json.ts';
export { text, type TextOptions } from './report/text.ts';
export { sarif } from './report/sarif.ts';
export { rules } from './rules/index.ts';
export { scanners } from '../scanners/index.ts';
export { defaultLimits, limitTable, type LimitName, type Limits } from './bytes/limits.ts';
export { UsageError } from './model/usage-error.ts';
export type { Artefact, Coverage, Digests, Inspected } from './model/artefact.ts';
export type { Fact, FactKind, FactOf, Operand } from './model/fact.ts';
export type { Finding } from './model/finding.ts';
export type { Report, Verdict } from './model/report.ts';
export type { Confidence, Rule, Severity } from './model/rule.ts';
export type { Span } from './model/span.ts';
