import { expect, test } from 'vitest';
import { check, readBom } from '../../sbom/check/index.ts';
import { spdx } from '../../sbom/index.ts';
import type { Report } from '../../src/model/report.ts';
import { dataset, file, finding, fineTune, report, unhashed } from './reports.ts';

type Element = Readonly<Record<string, unknown>> & { readonly type: string; readonly spdxId?: string };

function graphOf(given: Report, options = {}): Element[] {
  const text = spdx(given, options);
  expect(check(readBom(Buffer.from(text))).problems.filter(({ level }) => level !== 'note')).toEqual([]);
  return (JSON.parse(text) as { '@graph': Element[] })['@graph'];
}

const ofType = (graph: readonly Element[], type: string): Element[] => graph.filter((one) => one.type === type);
const idOf = (id: unknown): string => decodeURIComponent(String(id).split('#')[1] ?? '');
const related = (graph: readonly Element[], kind: string): string[] => graph.filter((one) => one['relationshipType'] === kind).flatMap((one) => (one['to'] as string[]).map((to) => `${idOf(one['from'])} > ${idOf(to)}`));

test('a fine-tune has its base, its datasets, its licence and a digest for every file', () => {
  const graph = graphOf(fineTune());
  expect(related(graph, 'descendantOf')).toEqual(['subject > base-model:meta-llama/Llama-3.2-1B']);
  expect(related(graph, 'trainedOn')).toContain('subject > dataset:HuggingFaceH4/ultrachat_200k');
  expect(related(graph, 'testedOn')).toEqual(['subject > dataset:nyu-mll/glue']);
  expect(related(graph, 'hasDeclaredLicense')).toEqual(['dataset:folder:data > ', 'subject > licence:Apache-2.0']);
  for (const one of ofType(graph, 'software_File')) expect(one['verifiedUsing']).toMatchObject([{ type: 'Hash', algorithm: 'sha256' }]);
});

test('nothing is concluded, and no licence is made up', () => {
  const graph = graphOf(report('m', [file('model.safetensors', 'safetensors')]));
  for (const kind of ['hasDeclaredLicense', 'hasConcludedLicense']) {
    expect(graph.find((one) => one['relationshipType'] === kind)?.['to']).toEqual(['expandedlicensing_NoAssertionLicense']);
  }
});

test('neither profile is claimed, and what is missing for it is said', () => {
  for (const [given, profile] of [[fineTune(), 'AI'], [dataset(), 'Dataset']] as const) {
    const [sbom] = ofType(graphOf(given), 'software_Sbom');
    expect(sbom!['profileConformance']).not.toContain(profile.toLowerCase());
    expect(sbom!['comment']).toContain(`Conformance to the ${profile} profile is not claimed`);
  }
});

test('what was not read makes the list of files incomplete', () => {
  const whole = graphOf(report('m', [file('a.safetensors', 'safetensors')]));
  const part = graphOf(report('m', [file('a.safetensors', 'safetensors'), unhashed('b.bin', 'pickle')]));
  const completeness = (graph: readonly Element[]): unknown => graph.find((one) => one['relationshipType'] === 'contains')?.['completeness'];
  expect([completeness(whole), completeness(part)]).toEqual(['complete', 'incomplete']);
});

test('findings are vulnerabilities under investigation, accepted ones do not affect', () => {
  const files = [file('a.pkl', 'pickle'), file('b.pkl', 'pickle')];
  const graph = graphOf(report('m', files, [finding('pickle-exec-call', 'a.pkl'), finding('pickle-exec-call', 'b.pkl', { suppressed: 'our own' })]));
  expect(ofType(graph, 'security_Vulnerability')).toHaveLength(1);
  expect(related(graph, 'underInvestigationFor')).toEqual(['finding:pickle-exec-call > file:a.pkl']);
  expect(related(graph, 'doesNotAffect')).toEqual(['finding:pickle-exec-call > file:b.pkl']);
});

test('the same report gives the same bytes, whatever the time says; a clock only changes the time', () => {
  const ids = (text: string): string[] => [...text.matchAll(/assay-[0-9a-f-]{36}/g)].map(([id]) => id);
  const [plain, again, later] = [spdx(fineTune()), spdx(fineTune()), spdx(fineTune(), { epoch: 1_767_225_600 })];
  expect(again).toBe(plain);
  expect(ids(later)).toEqual(ids(plain));
  expect(later).toContain('"created": "2026-01-01T00:00:00Z"');
});

test('names that are no URL stay apart as ids', () => {
  const graph = graphOf(report('m', [file('a b#c.bin', 'pickle'), file('a%20b#c.bin', 'pickle')], []));
  expect(new Set(graph.map((one) => one.spdxId)).size).toBe(graph.length);
  expect(graph.some((one) => one.type === 'ai_AIPackage')).toBe(true);
});
