// SPDX-License-Identifier: Apache-2.0
import { rule, type Severity } from '../model/rule.ts';

const codes: Readonly<Record<string, Severity>> = {
  'bzip2/trailing': 'medium', 'lz4/trailing': 'medium', 'lzma/trailing': 'medium', 'xz/trailing': 'medium', 'zfile/trailing': 'medium',
  'bzip2/checksum': 'high', 'lz4/checksum': 'high', 'xz/checksum': 'high', 'lz4/size': 'high', 'lzma/size': 'high', 'xz/size': 'high', 'zfile/size': 'high',
  'lz4/skippable': 'low', 'xz/index': 'medium', 'xz/footer': 'medium', 'xz/padding': 'medium',
  'gzip/trailing': 'medium', 'zlib/trailing': 'medium', 'zstd/trailing': 'medium',
  'gzip/checksum': 'high', 'gzip/size': 'high', 'gzip/header': 'medium',
  'tar/padding': 'medium', 'tar/unknown-type': 'medium', 'tar/extension-without-member': 'medium',
};

export default rule({
  id: 'archive-damage',
  title: 'Packed data whose checks fail or that does not end where it should',
  why: 'Loaders that unpack while they read have used the content before they come to the checksum. Data behind the end is passed over by some readers and read by others.',
  fix: 'Get the file again and compare its digest with the publisher\'s. If it is the same, ask how it was made.',
  severity: 'medium',
  confidence: 'high',
  references: ['CWE-354', 'RFC 1952', 'RFC 8878'],
  provisions: ['5.2.3-1'],
  example: ['gzip/junk-behind.gz', 'gzip/zeros-behind.gz'],
  reads: ['malformed'],
  *check({ facts }) {
    for (const { code, what, at } of facts) {
      const severity = codes[code];
      if (severity !== undefined) yield { message: what, severity, key: code, ...(at === undefined ? {} : { at }) };
    }
  },
});
