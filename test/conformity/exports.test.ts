import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { expect, test } from 'vitest';
import { check, readBom } from '../../sbom/check/index.ts';
import { standardDefinition } from '../../src/conformity/export/cyclonedx.ts';
import { violations } from '../sbom/schema.ts';
import { project } from '../support/samples.ts';
import { commands, conformity, judged, keyFiles, release, sha256 } from './support.ts';
import { writeFileSync } from 'node:fs';

const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: true });
formats.default(ajv);
const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
const oscal = ajv.compile(read(join(project, 'test/schemas/oscal-assessment-results-1.2.1.schema.json')) as object);

/** A release with names that try to break out of every form, signed, declared and half in order. */
async function awkward(): Promise<{ root: string; argv: string[] }> {
  const { secret, open } = keyFiles();
  const plan = 'Plan.\n';
  const root = release({ 'a b#c?|<script>.json': '{}', 'line\nbreak.txt': 'x', 'dr-plan.md': plan, 'data/train.csv': 'a,b\n1,2\n' });
  await commands.bom(root, '-o', join(root, 'bom.cdx.json'));
  const { subject } = await judged(root);
  const file = join(root, 'conformity.yaml');
  writeFileSync(file, `schemaVersion: 1\nsubject: { name: "acme <b>", version: "1.0", digest: "sha256:${subject.digest!}" }\nroles: [developer, system-operator, data-custodian]\nattestations:\n  - { provision: 5.2.1-3, state: met, statement: "We | have <one>\\nand more", evidence: [{ path: dr-plan.md, sha256: ${sha256(plan)} }], by: { name: "J <Doe>" }, date: 2026-10-01, expires: 2027-01-01 }\n  - { provision: 5.2.2-5, state: met, statement: old, evidence: [{ path: gone.md, sha256: ${sha256('x')} }], by: { name: J }, date: 2026-10-01 }\n`);
  await commands.sign(root, '--key', secret);
  return { root, argv: ['--declaration', file, '--key', open, '--at', '2026-11-01'] };
}

test('CycloneDX 1.6, 1.7 and OSCAL documents are what their official schemas ask for, and nothing in them dangles', async () => {
  const { root, argv } = await awkward();
  for (const version of ['1.6', '1.7'] as const) {
    const { out } = await conformity(root, '-f', version === '1.6' ? 'cyclonedx-1.6' : 'cyclonedx', ...argv);
    expect(violations(JSON.parse(out), version)).toEqual([]);
    expect(check(readBom(Buffer.from(out))).problems).toEqual([]);
    const refs = new Set([...out.matchAll(/"bom-ref": "([^"]+)"/g)].map((match) => match[1]));
    const { declarations } = JSON.parse(out) as { declarations: { claims: { evidence?: string[]; counterEvidence?: string[] }[]; attestations: { map: { requirement: string; claims?: string[]; counterClaims?: string[]; conformance: { score?: number } }[] }[] } };
    for (const one of declarations.claims) for (const ref of [...one.evidence ?? [], ...one.counterEvidence ?? []]) expect(refs).toContain(ref);
    for (const { map } of declarations.attestations) for (const one of map) for (const ref of [one.requirement, ...one.claims ?? [], ...one.counterClaims ?? []]) expect(refs).toContain(ref);
    expect(declarations.attestations.flatMap(({ map }) => map.flatMap(({ conformance }) => conformance.score ?? [])).every((score) => score === 0 || score === 1)).toBe(true);
  }
  const { out } = await conformity(root, '-f', 'oscal', ...argv);
  oscal(JSON.parse(out));
  expect(oscal.errors ?? []).toEqual([]);
  const observations = new Set([...out.matchAll(/"uuid": "([0-9a-f-]{36})"/g)].map((match) => match[1]));
  for (const [, ref] of out.matchAll(/"observation-uuid": "([^"]+)"/g)) expect(observations).toContain(ref);
  expect((await conformity(root, '-f', 'oscal', ...argv)).out).toBe(out);
}, 60_000);

test('JSON is what its published schema says, and Markdown and HTML keep hostile names inside', async () => {
  const { root, argv } = await awkward();
  const validate = ajv.compile(read(join(project, 'src/conformity/conformity.schema.json')) as object);
  const result = JSON.parse((await conformity(root, '-f', 'json', ...argv)).out) as unknown;
  validate(result);
  expect(validate.errors ?? []).toEqual([]);
  for (const view of ['all', 'vendor', 'integrator', 'operator', 'assessor']) {
    const html = (await conformity(root, '-f', 'html', '--view', view, ...argv)).out;
    expect(html).not.toContain('<script>');
    const anchors = new Set([...html.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]));
    if (view === 'all') for (const [, to] of html.matchAll(/href="#([^"]+)"/g)) expect(anchors).toContain(to);
  }
  const markdown = (await conformity(root, '-f', 'markdown', ...argv)).out;
  expect(markdown).not.toContain('<script>');
  expect(markdown.split('\n').filter((line) => line.startsWith('| ')).every((line) => line.endsWith(' |'))).toBe(true);
}, 60_000);

test('the schema of declarations is what the reader takes', async () => {
  const { root } = await awkward();
  const { parseYaml } = await import('../../src/grammar/yaml.ts');
  const plain = (value: unknown): unknown => (value instanceof Map ? Object.fromEntries([...value as Map<string, unknown>].map(([key, one]) => [key, plain(one)])) : Array.isArray(value) ? value.map(plain) : value);
  const validate = ajv.compile(read(join(project, 'src/conformity/declaration.schema.json')) as object);
  for (const text of [readFileSync(join(root, 'conformity.yaml'), 'utf8'), (await conformity('init', root)).out]) {
    validate(plain((await parseYaml(text))[0]!.value));
    expect(validate.errors ?? []).toEqual([]);
  }
}, 30_000);

test('the index of the standard has a row for each provision, principle and phase, each under its own', () => {
  const { requirements } = standardDefinition() as { requirements: { 'bom-ref': string; identifier: string; parent?: string }[] };
  expect(requirements).toHaveLength(72 + 13 + 5);
  const refs = new Set(requirements.map((one) => one['bom-ref']));
  expect(refs.size).toBe(90);
  for (const { parent } of requirements) if (parent !== undefined) expect(refs).toContain(parent);
  expect(requirements.find(({ identifier }) => identifier === '5.2.4-1.2')?.parent).toBe('en304223-5.2.4-1');
});
