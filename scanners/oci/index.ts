// SPDX-License-Identifier: Apache-2.0
// OCI image layout and manifests (https://github.com/opencontainers/image-spec), the CNCF ModelPack configuration
// (https://github.com/modelpack/model-spec) and KitOps' (https://kitops.org): what a registry keeps of a model.
import { asBuffer } from '../../src/bytes/as-buffer.ts';
import { clip } from '../../src/bytes/clip.ts';
import { isObject, parseJson, type JsonObject } from '../../src/grammar/json.ts';
import type { ClaimField, FactOf } from '../../src/model/fact.ts';
import { scanner } from '../../src/model/scanner.ts';

const largest = 16 << 20;
const most = 10_000;

type Said = FactOf<'record' | 'claim' | 'link'>;

export default scanner({
  id: 'oci',
  title: 'OCI manifests and indexes, ModelPack and KitOps configurations',
  extensions: ['.json'],
  basis: ['json'],
  holds: 'data',
  says: ['region', 'record', 'claim', 'link'],
  recognise({ name, head, size }) {
    if (size > largest) return 'no';
    const text = asBuffer(head).toString('latin1');
    if (!/^\s*\{/.test(text)) return 'no';
    const manifest = text.includes('application/vnd.oci.image.') || text.includes('application/vnd.cncf.model.') || text.includes('application/vnd.kitops.');
    const config = text.includes('"modelfs"') && text.includes('"descriptor"');
    return (manifest && text.includes('"digest"')) || config || (name === 'oci-layout' && text.includes('"imageLayoutVersion"')) ? 'yes' : 'no';
  },
  async *inspect(source) {
    yield { kind: 'region', name: 'document', at: [0, source.size] };
    const { value } = parseJson(await source.read(0, source.size), { format: 'oci' });
    if (!isObject(value)) return;
    // index.json lies beside blobs/, a manifest among its blobs.
    for (const entry of [...list(value['manifests']), value['config'], ...list(value['layers']), value['subject']]) yield* descriptor(entry);
    if (typeof value['artifactType'] === 'string') yield { kind: 'claim', field: 'predicate', value: clip(value['artifactType']) };
    if (isObject(value['descriptor'])) yield* modelpack(value['descriptor']);
  },
});

function* descriptor(value: unknown): Generator<Said> {
  if (!isObject(value) || typeof value['digest'] !== 'string') return;
  const hex = /^sha256:([0-9a-f]{64})$/.exec(value['digest'])?.[1];
  if (hex === undefined) return;
  const size = value['size'];
  const annotations = isObject(value['annotations']) ? value['annotations'] : {};
  const path = annotations['org.cncf.model.filepath'] ?? annotations['org.opencontainers.image.title'];
  const sized = typeof size === 'number' && Number.isSafeInteger(size) && size >= 0 ? { size } : {};
  yield { kind: 'record', by: 'registry', target: `blobs/sha256/${hex}`, algorithm: 'sha256', value: hex, ...sized };
  if (typeof path === 'string' && String(value['mediaType']).endsWith('.raw')) yield { kind: 'record', by: 'registry', target: clip(path, 1024), algorithm: 'sha256', value: hex, ...sized };
}

const fields: Readonly<Record<string, ClaimField>> = { name: 'name', version: 'version', vendor: 'organisation', sourceURL: 'repository', revision: 'revision', createdAt: 'created', title: 'name' };

function* modelpack(about: JsonObject): Generator<Said> {
  for (const [key, field] of Object.entries(fields)) {
    const value = about[key];
    if (typeof value === 'string' && value !== '') yield { kind: 'claim', field, value: clip(value) };
  }
  for (const author of list(about['authors'])) if (typeof author === 'string') yield { kind: 'claim', field: 'author', value: clip(author) };
  for (const licence of list(about['licenses'])) if (typeof licence === 'string') yield { kind: 'claim', field: 'licence', value: clip(licence) };
  for (const url of list(about['datasetsURL'])) if (typeof url === 'string') yield { kind: 'link', role: 'dataset', target: clip(url), detail: 'datasetsURL' };
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]).slice(0, most) : [];
}
