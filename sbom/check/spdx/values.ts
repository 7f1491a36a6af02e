// SPDX-License-Identifier: Apache-2.0
import { isExpression } from '../../licences.ts';
import { parsePurl } from '../../purl.ts';
import { isPlaceholderDigest } from '../cyclonedx/hashes.ts';
import { below, objects, quote, type Group, type Lint } from '../lint.ts';

const hashLength: Lint = {
  id: 'spdx-hash-length',
  level: 'error',
  title: 'a digest is not as long as its algorithm makes it',
  why: 'The schema takes any text for a digest; one of the wrong length never matches.',
  fix: 'Hash the file again with the algorithm that is named.',
};
const hashConflict: Lint = {
  id: 'spdx-hash-conflict',
  level: 'error',
  title: 'one algorithm, two digests',
  why: 'Which of the two is checked depends on the reader.',
  fix: 'Hash the file again and keep that digest.',
};
const placeholderHash: Lint = {
  id: 'spdx-placeholder-hash',
  level: 'error',
  title: 'a digest that is a placeholder',
  why: 'It stands for "not hashed" but reads like a hash.',
  fix: 'Hash the file, or leave verifiedUsing out.',
};
const invalidPurl: Lint = {
  id: 'spdx-invalid-purl',
  level: 'error',
  title: 'a purl that is no package URL',
  why: 'Vulnerability databases and registries are asked by purl. One they cannot read finds nothing.',
  fix: 'Write pkg:TYPE/NAMESPACE/NAME@VERSION; a hub model is pkg:huggingface/ORG/NAME@COMMIT.',
};
const invalidExpression: Lint = {
  id: 'spdx-invalid-expression',
  level: 'error',
  title: 'a licence expression that SPDX does not know',
  why: 'Licence tools drop what they cannot parse, and with it the obligation.',
  fix: 'Join SPDX ids with AND, OR and WITH; a licence that SPDX does not list is LicenseRef-NAME.',
};
const emptyName: Lint = {
  id: 'spdx-empty-name',
  level: 'error',
  title: 'an element whose name is empty',
  why: 'Nobody can find it.',
  fix: 'Name it, or leave the name out.',
};
const times: Lint = {
  id: 'spdx-times-reversed',
  level: 'error',
  title: 'released before it was built, or ended before it began',
  why: 'One of the two times is wrong.',
  fix: 'Correct the times.',
};
const range: Lint = {
  id: 'spdx-negative-quantity',
  level: 'error',
  title: 'a quantity below nothing',
  why: 'Energy and sizes cannot be negative.',
  fix: 'Correct the number.',
};

/** Hex digits of each algorithm's digest, by its name in SPDX. */
const lengths: Readonly<Record<string, number>> = {
  md2: 32, md4: 32, md5: 32, md6: 64, sha1: 40, sha224: 56, sha256: 64, sha384: 96, sha512: 128, sha3_224: 56, sha3_256: 64, sha3_384: 96, sha3_512: 128,
  blake2b256: 64, blake2b384: 96, blake2b512: 128, blake3: 64, adler32: 8,
};

export const values: Group = {
  lints: [hashLength, hashConflict, placeholderHash, invalidPurl, invalidExpression, emptyName, times, range],
  start: (say) => ({
    object({ value, place }) {
      const { algorithm, hashValue } = value;
      if (typeof algorithm === 'string' && typeof hashValue === 'string') {
        const length = Object.hasOwn(lengths, algorithm) ? lengths[algorithm] : undefined;
        if (length !== undefined && hashValue.length !== length) say(hashLength, below(place, 'hashValue'), `${algorithm} has ${hashValue.length} hex digits, not ${length}`);
        else if (length !== undefined && !/^[0-9a-fA-F]*$/.test(hashValue)) say(hashLength, below(place, 'hashValue'), `${quote(hashValue)} is not hexadecimal`);
        else if (length !== undefined && isPlaceholderDigest(hashValue)) say(placeholderHash, below(place, 'hashValue'), `${quote(hashValue)} is a placeholder`);
      }
      const seen = new Map<unknown, unknown>();
      objects(value['verifiedUsing']).forEach((hash, i) => {
        const [name, digest] = [hash['algorithm'], String(hash['hashValue']).toLowerCase()];
        if (name !== undefined && seen.has(name) && seen.get(name) !== digest) say(hashConflict, below(place, 'verifiedUsing', i), `${quote(name)} is also given as ${quote(seen.get(name))}`);
        seen.set(name, digest);
      });
      const purl = value['software_packageUrl'];
      if (typeof purl === 'string' && parsePurl(purl) === undefined) say(invalidPurl, below(place, 'software_packageUrl'), `${quote(purl)} is no package URL`);
      if (value['externalIdentifierType'] === 'packageUrl' && typeof value['identifier'] === 'string' && parsePurl(value['identifier']) === undefined) {
        say(invalidPurl, below(place, 'identifier'), `${quote(value['identifier'])} is no package URL`);
      }
      const expression = value['simplelicensing_licenseExpression'];
      if (typeof expression === 'string' && !/^(NONE|NOASSERTION)$/.test(expression) && !isExpression(expression)) {
        say(invalidExpression, below(place, 'simplelicensing_licenseExpression'), `${quote(expression)} is no SPDX licence expression`);
      }
      if (typeof value['name'] === 'string' && value['name'].trim() === '') say(emptyName, below(place, 'name'), 'an element has no name');
      for (const [from, to] of [['builtTime', 'releaseTime'], ['startTime', 'endTime'], ['security_publishedTime', 'security_withdrawnTime'], ['releaseTime', 'validUntilTime']] as const) {
        const [first, last] = [value[from], value[to]];
        if (typeof first === 'string' && typeof last === 'string' && Date.parse(first) > Date.parse(last)) say(times, below(place, to), `${to} ${quote(last)} is before ${from} ${quote(first)}`);
      }
      for (const name of ['ai_energyQuantity', 'dataset_datasetSize']) {
        if (Number(value[name]) < 0) say(range, below(place, name), `${String(value[name])} is below zero`);
      }
    },
  }),
};
