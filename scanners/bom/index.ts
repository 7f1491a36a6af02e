// SPDX-License-Identifier: Apache-2.0
// Digests that a bill of materials records: CycloneDX 1.x (components[type=file].hashes), SPDX 2.3 (files[].checksums) and
// SPDX 3.0.1 (software_File verifiedUsing).
import { asBuffer } from '../../src/bytes/as-buffer.ts';
import { clip } from '../../src/bytes/clip.ts';
import { isObject, parseJson } from '../../src/grammar/json.ts';
import type { FactOf } from '../../src/model/fact.ts';
import { scanner } from '../../src/model/scanner.ts';

const largest = 128 << 20;
const most = 200_000;
const deepest = 64;

type Said = FactOf<'record'>;

export default scanner({
  id: 'bom',
  title: 'bills of materials (CycloneDX, SPDX) as records of digests',
  extensions: ['.json'],
  basis: ['json'],
  holds: 'data',
  says: ['region', 'record', 'claim', 'malformed'],
  recognise({ head }) {
    const text = asBuffer(head.subarray(0, 8192)).toString('latin1');
    return /^\s*\{/.test(text) && (/"bomFormat"\s*:\s*"CycloneDX"/.test(text) || /"spdxVersion"\s*:\s*"SPDX-2/.test(text) || /"@context"\s*:\s*"https:\/\/spdx\.org\/rdf\/3/.test(text)) ? 'yes' : 'no';
  },
  async *inspect(source) {
    yield { kind: 'region', name: 'document', at: [0, source.size] };
    if (source.size > largest) {
      yield { kind: 'malformed', code: 'bom/size', what: `the document has ${source.size} bytes, allowed ${largest}: its digests were not compared` };
      return;
    }
    const { value } = parseJson(await source.read(0, source.size), { format: 'bom' });
    if (!isObject(value)) return;
    if (value['bomFormat'] === 'CycloneDX') {
      yield { kind: 'claim', field: 'predicate', value: clip(`CycloneDX ${String(value['specVersion'])}`) };
      const count = { left: most };
      const metadata = isObject(value['metadata']) ? value['metadata']['component'] : undefined;
      yield* cyclonedx([metadata, ...list(value['components'])], count, 0);
    } else if (typeof value['spdxVersion'] === 'string') {
      yield { kind: 'claim', field: 'predicate', value: clip(value['spdxVersion']) };
      yield* spdx2(list(value['files']));
    } else {
      yield { kind: 'claim', field: 'predicate', value: 'SPDX-3' };
      yield* spdx3(list(value['@graph']));
    }
  },
});

function* cyclonedx(components: readonly unknown[], count: { left: number }, depth: number): Generator<Said> {
  for (const one of components) {
    if (!isObject(one)) continue;
    const name = one['name'];
    if (one['type'] === 'file' && typeof name === 'string') {
      for (const hash of list(one['hashes'])) {
        if (isObject(hash) && (count.left -= 1) >= 0) yield* record(name, String(hash['alg']).replace('-', ''), hash['content']);
      }
    }
    if (depth < deepest) yield* cyclonedx(list(one['components']), count, depth + 1);
  }
}

function* spdx2(files: readonly unknown[]): Generator<Said> {
  for (const file of files.slice(0, most)) {
    if (!isObject(file) || typeof file['fileName'] !== 'string') continue;
    for (const sum of list(file['checksums'])) if (isObject(sum)) yield* record(file['fileName'], String(sum['algorithm']), sum['checksumValue']);
  }
}

function* spdx3(graph: readonly unknown[]): Generator<Said> {
  for (const element of graph.slice(0, most)) {
    if (!isObject(element) || element['type'] !== 'software_File' || typeof element['name'] !== 'string') continue;
    for (const hash of list(element['verifiedUsing'])) if (isObject(hash) && hash['type'] === 'Hash') yield* record(element['name'], String(hash['algorithm']), hash['hashValue']);
  }
}

function* record(target: string, algorithm: string, value: unknown): Generator<Said> {
  if (typeof value !== 'string' || !/^[0-9a-fA-F]{32,128}$/.test(value) || !/^(md5|sha1|sha224|sha256|sha384|sha512)$/i.test(algorithm)) return;
  yield { kind: 'record', by: 'bom', target: clip(target, 1024), algorithm: algorithm.toLowerCase(), value: value.toLowerCase() };
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}
