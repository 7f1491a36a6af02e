// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'fetch-remote-code',
  title: 'Code runs whatever a remote repository holds',
  why: 'With trust_remote_code=True, and always with torch.hub.load, Python files of the named repository are downloaded and run. Without a full commit these are whatever its owner, or whoever took the account, put there last.',
  fix: 'Pin the commit you have read (`revision=` with 40 hex digits), or use an architecture that the library has built in.',
  severity: 'medium',
  confidence: 'high',
  references: ['CWE-829', 'CWE-494', 'https://huggingface.co/docs/transformers/custom_models'],
  provisions: ['5.1.2-6', '5.2.3-1'],
  example: ['python/remote-code.py', 'python/remote-code-pinned.py'],
  reads: ['link'],
  *check({ facts }) {
    for (const { role, target, revision, detail } of facts) {
      if (role !== 'fetch' || detail?.endsWith(', trust_remote_code') !== true || /^[0-9a-f]{40}$/i.test(revision ?? '')) continue;
      yield { message: `${detail.slice(0, -', trust_remote_code'.length)} runs code of ${target}${revision === undefined ? '' : ` at ${revision}`}, which no commit pins`, key: target };
    }
  },
});
