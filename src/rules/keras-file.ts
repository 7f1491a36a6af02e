// SPDX-License-Identifier: Apache-2.0
import { rule, type Hit } from '../model/rule.ts';

export default rule({
  id: 'keras-file',
  title: 'Rebuilding a Keras layer reads a file that the configuration names',
  why: 'A vocabulary may be given as a path: the layer reads that file, or asks that address, wherever the model is loaded, and keeps what it read in the model. Keys and passwords leave with the next copy of it.',
  fix: 'Ask for a model whose vocabulary is in the file itself; load nothing that names a path or an address.',
  severity: 'medium',
  confidence: 'high',
  references: ['CVE-2025-12058', 'CVE-2025-12060', 'CWE-22', 'CWE-918'],
  provisions: ['5.2.3-1'],
  example: ['json/keras-vocabulary-path.json', 'json/keras-vocabulary.json'],
  reads: ['node'],
  *check({ facts }): Iterable<Hit> {
    for (const { operator, domain, name, detail } of facts) {
      if (domain !== 'keras' || operator !== 'file') continue;
      const value = detail?.['value'] ?? '';
      const away = /^([a-z][a-z0-9+.-]*:)?\/\/|^[\\/~]|^[A-Za-z]:[\\/]|(^|[\\/])\.\.([\\/]|$)/i.test(value);
      yield { message: `${detail?.['class_name'] ?? 'a layer'}${name === '' ? '' : ` ${name}`} has the ${detail?.['setting'] ?? 'setting'} '${value}'${away ? ', which leads out of the model' : ''}`, key: `${name} ${value}`, ...(away ? { severity: 'high' } as const : {}) };
    }
  },
});
