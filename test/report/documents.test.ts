import { expect, test } from 'vitest';
import { html } from '../../src/report/html.ts';
import { inspectedOf as factsOf, json, readReport } from '../../src/report/json.ts';
import { junit } from '../../src/report/junit.ts';
import { markdown } from '../../src/report/markdown.ts';
import { sarif } from '../../src/report/sarif.ts';
import { bytes, plain } from '../../src/report/terminal.ts';
import { text } from '../../src/report/text.ts';
import { rules } from '../../src/rules/index.ts';
import { findingOf, inspectedOf, reportOf } from '../support/report.ts';
import { complaints } from '../support/validate.ts';

const nasty = 'a\u001b[2J\n\u202Egnp.exe!/b c%2F\u0000#?.pkl';
const report = reportOf(
  [
    inspectedOf('config.json', { coverage: 'unsupported' }),
    inspectedOf('m.pt'),
    inspectedOf('m.pt!/archive/data.pkl', { coverage: 'partial', facts: [{ kind: 'gap', what: 'the rest', why: 'damaged', holds: 'code', at: [5, 10] }] }),
    inspectedOf(nasty),
  ],
  [
    findingOf('', { at: undefined as never, severity: 'low', fingerprint: '0'.repeat(32) }),
    findingOf('m.pt!/archive/data.pkl'),
    findingOf(nasty, { message: `bad \u001b[31m name ${nasty}`, severity: 'critical', fingerprint: '1'.repeat(32) }),
    findingOf('m.pt', { suppressed: 'looked at', fingerprint: '2'.repeat(32) }),
  ].map((finding) => JSON.parse(JSON.stringify(finding)) as ReturnType<typeof findingOf>),
);

test('the JSON report is what its schema says, and can be read back', () => {
  const written = json(report, { facts: true, showSuppressed: true });
  const read = readReport(written, 'report.json');
  expect(complaints('src/report/report.schema.json', read)).toEqual([]);
  expect(factsOf(read, 'report.json')).toEqual(report.inspected);
  expect(read.findings).toEqual(report.findings);
  expect(readReport(json(report), 'x').findings).toHaveLength(3); // the accepted one only when asked for
});

test('the schema refuses what is no report', () => {
  expect(complaints('src/report/report.schema.json', { ...(JSON.parse(json(report)) as object), root: 5 })).not.toEqual([]);
});

test('an empty report is a report', () => {
  expect(complaints('src/report/report.schema.json', JSON.parse(json(reportOf([], [], 'empty'))))).toEqual([]);
});

test('SARIF validates against the schema of OASIS', () => {
  const log = JSON.parse(sarif(report, rules)) as { runs: { results: unknown[] }[] };
  expect(complaints('test/schemas/sarif-2.1.0.schema.json', log)).toEqual([]);
  expect(log.runs[0]?.results).toHaveLength(4);
});

test('SARIF places a member in the file that holds it, with its own offset beside', () => {
  const log = JSON.parse(sarif(report, rules)) as { runs: { results: { locations: unknown[]; properties: unknown; ruleId: string }[] }[] };
  const [inside] = log.runs[0]!.results.filter(({ properties }) => (properties as { artefact: string }).artefact === 'm.pt!/archive/data.pkl');
  expect(inside).toMatchObject({
    locations: [{ physicalLocation: { artifactLocation: { uri: 'm.pt', uriBaseId: 'ROOT' } }, logicalLocations: [{ fullyQualifiedName: 'm.pt!/archive/data.pkl' }] }],
    properties: { byteOffset: 3, byteLength: 4 },
  });
});

test('SARIF writes hostile names as URIs that decode to them', () => {
  const log = sarif(report, rules);
  const uris = [...log.matchAll(/"uri": "([^"]+)"/g)].map(([, uri]) => uri!);
  for (const uri of uris) expect(uri).toMatch(/^[\x21-\x7e]+$/);
  expect(uris.map((uri) => decodeURIComponent(uri))).toContain(nasty.split('!/')[0]);
});

test('HTML and Markdown let no name become markup', () => {
  const hostile = '<img src=x onerror=alert(1)>|`[a](javascript:b)"\'&\u0000';
  const bad = reportOf([inspectedOf(hostile)], [findingOf(hostile, { message: hostile, evidence: [hostile] })]);
  const page = html(bad, rules);
  expect(page).not.toMatch(/<(?!\/?(?:html|head|meta|title|style|body|header|h1|h2|p|ul|li|main|details|summary|span|code|b|i|br|pre|div|table|thead|tbody|tr|th|td|footer|!doctype)\b|!)/i);
  expect(page).toContain("default-src 'none'");
  const summary = markdown(bad, rules);
  expect(summary).not.toMatch(/<(?!\/?code>)/);
  expect(summary).not.toMatch(/\[a\]\(/);
  expect(summary.split('\n').filter((line) => line.startsWith('| high'))[0]?.split('|')).toHaveLength(6);
});

test('JUnit has a failing case for each file with a finding that counts', () => {
  const xml = junit(report);
  expect(xml).toContain('tests="3" failures="2"');
  expect(xml.match(/<testcase /g)).toHaveLength(3);
  expect(xml.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
});

test('JUnit holds no character that XML does not allow', () => {
  const xml = junit(reportOf([inspectedOf('\ufffe\uffff.pkl')], [findingOf('\ufffe\uffff.pkl', { message: '\uffff' })]));
  expect(xml).not.toMatch(/[\ufffe\uffff]/);
  expect(xml).toContain(String.raw`name="\u{fffe}\u{ffff}.pkl"`);
});

test('the text report lets no name move the cursor or fake a line', () => {
  const shown = text(report, { rules, verbose: true });
  for (const line of shown.split('\n')) expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(shown).toContain(String.raw`\x1b[2J\x0a\u{202e}`);
});

test('the text report has the worst rules first, and those of one severity by id, in linear time', () => {
  const many = Array.from({ length: 100_000 }, (_, i) => findingOf(`f${i}`, { rule: i % 2 === 0 ? 'zip-overlap' : 'archive-bomb' }));
  const begun = performance.now();
  const shown = text(reportOf([inspectedOf('f0')], [...many, findingOf('g', { severity: 'critical' })]), { rules });
  expect(performance.now() - begun).toBeLessThan(5000);
  expect(shown.split('\n').filter((line) => /^(critical|high) /.test(line)).map((line) => line.split('  ').at(-1))).toEqual(['scan-gap', 'archive-bomb', 'zip-overlap']);
});

test('the text report begins with the verdict and ends with what was not looked at', () => {
  const shown = text(report, { rules });
  expect(shown.split('\n')[0]).toBe('FINDINGS  model: 2 files and 2 inside them, 20 B, 10 B of no format that assay reads; 1 critical, 2 high, 1 low');
  expect(shown).toContain('Not fully read: 1 artefact\n  m.pt!/archive/data.pkl: the rest');
});

test('findings below --severity are counted, not shown', () => {
  expect(text(report, { rules, severity: 'critical' })).toMatch(/2 findings below critical not shown/);
});

test.for([[0, '0 B'], [999, '999 B'], [1000, '1.00 kB'], [4_294_967_296, '4.29 GB'], [999_999, '1.00 MB']] as const)('%d bytes are written %s', ([number, wanted]) => {
  expect(bytes(number)).toBe(wanted);
});

test('lone surrogates and line separators are written out', () => {
  expect(plain('a\uD800b\u2028c')).toBe(String.raw`a\u{d800}b\u{2028}c`);
});
