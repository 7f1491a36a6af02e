// SPDX-License-Identifier: Apache-2.0
// Packages that manifests and lock files in JSON name: Pipfile.lock (Pipenv), package.json and package-lock.json (npm).
import { clip } from '../../src/bytes/clip.ts';
import { isObject, type JsonObject } from '../../src/grammar/json.ts';
import type { FactOf } from '../../src/model/fact.ts';

const most = 5000;

const pack = (ecosystem: string, name: string, spec: string): FactOf<'claim'> => ({ kind: 'claim', field: 'package', value: clip(`${ecosystem} ${name} ${spec}`.trim()) });

export function* lockedPackages(top: JsonObject, name: string): Generator<FactOf<'claim'>> {
  if (/^Pipfile\.lock$/i.test(name)) {
    const all = top['default'];
    for (const [id, value] of isObject(all) ? Object.entries(all).slice(0, most) : []) {
      const version = isObject(value) && typeof value['version'] === 'string' ? value['version'] : '';
      if (/^[\w.-]{1,128}$/.test(id)) yield pack('pypi', id, version);
    }
  }
  if (/^package\.json$/i.test(name) && isObject(top['dependencies'])) {
    for (const [id, value] of Object.entries(top['dependencies']).slice(0, most)) if (typeof value === 'string' && isNpm(id)) yield pack('npm', id, value);
  }
  if (/^(package-lock|npm-shrinkwrap)\.json$/i.test(name) && isObject(top['packages'])) {
    for (const [path, value] of Object.entries(top['packages']).slice(0, most)) {
      const cut = path.lastIndexOf('node_modules/');
      const id = path.slice(cut + 13);
      if (cut >= 0 && isObject(value) && typeof value['version'] === 'string' && value['dev'] !== true && isNpm(id)) yield pack('npm', id, `==${value['version']}`);
    }
  }
}

function isNpm(id: string): boolean {
  return /^(@[\w.~-]{1,100}\/)?[\w.~-]{1,200}$/.test(id);
}
