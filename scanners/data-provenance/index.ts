// SPDX-License-Identifier: Apache-2.0
// OASIS Data Provenance Metadata 1.0 (https://docs.oasis-open.org/dps/prov-meta/v1.0/), and the D&TA standards before it.
import { asBuffer } from '../../src/bytes/as-buffer.ts';
import { clip } from '../../src/bytes/clip.ts';
import { isObject, parseJson, type JsonObject } from '../../src/grammar/json.ts';
import type { ClaimField, FactOf } from '../../src/model/fact.ts';
import { scanner } from '../../src/model/scanner.ts';

const largest = 16 << 20;
/** Members that the schema demands, as paths. */
const demanded = [
  'set.publisher.name', 'set.label', 'set.tracking.id', 'set.tracking.status', 'set.tracking.version', 'set.tracking.current-release-date',
  'set.tracking.initial-release-date', 'source.name', 'source.issuer', 'source.data-version', 'provenance.date', 'provenance.origin-geography', 'provenance.generation-method', 'use.intended-purpose',
] as const;
const told: Readonly<Record<string, ClaimField>> = {
  'set.label': 'name', 'set.publisher.name': 'organisation', 'set.tracking.version': 'version', 'set.tracking.current-release-date': 'created', 'use.licence': 'licence', 'use.license': 'licence',
};

export default scanner({
  id: 'data-provenance',
  title: 'data provenance records (OASIS, Data & Trust Alliance)',
  extensions: ['.json'],
  basis: ['json'],
  holds: 'data',
  says: ['region', 'claim', 'malformed'],
  recognise: ({ head }) => (/"\$schema"\s*:\s*"[^"]{0,200}(?:data-provenance|dps\/prov-meta)/.test(asBuffer(head.subarray(0, 4096)).toString('latin1')) ? 'yes' : 'no'),
  async *inspect(source) {
    yield { kind: 'region', name: 'document', at: [0, source.size] };
    if (source.size > largest) return;
    const { value } = parseJson(await source.read(0, source.size), { format: 'data-provenance' });
    if (!isObject(value)) return;
    yield { kind: 'claim', field: 'card', value: 'data-provenance' };
    for (const [path, field] of Object.entries(told)) yield* claim(field, at(value, path));
    const missing = demanded.filter((path) => at(value, path) === undefined);
    if (missing.length > 0) yield { kind: 'malformed', code: 'data-provenance/missing', what: clip(`${missing.length} of ${demanded.length} demanded members are missing: ${missing.join(', ')}`) };
    const status = at(value, 'set.tracking.status');
    if (typeof status === 'string' && status !== 'final') yield { kind: 'malformed', code: 'data-provenance/status', what: `its status is ${clip(status, 40)}, not final` };
    const [first, current] = [at(value, 'set.tracking.initial-release-date'), at(value, 'set.tracking.current-release-date')];
    if (typeof first === 'string' && typeof current === 'string' && Date.parse(current) < Date.parse(first)) {
      yield { kind: 'malformed', code: 'data-provenance/dates', what: `its current release, ${clip(current, 40)}, is older than its first, ${clip(first, 40)}` };
    }
  },
});

function at(document: JsonObject, path: string): unknown {
  let value: unknown = document;
  for (const step of path.split('.')) value = isObject(value) ? value[step] : undefined;
  return value;
}

function* claim(field: ClaimField, value: unknown): Generator<FactOf<'claim'>> {
  if (typeof value === 'string' && value !== '') yield { kind: 'claim', field, value: clip(value) };
}
