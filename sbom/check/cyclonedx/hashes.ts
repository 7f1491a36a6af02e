// SPDX-License-Identifier: Apache-2.0
import { below, isComponent, objects, quote, type Group, type Lint } from '../lint.ts';

const hashLength: Lint = {
  id: 'hash-length',
  level: 'error',
  title: 'a digest is not as long as its algorithm makes it',
  why: 'The schema accepts the length of any algorithm. A digest of the wrong length never matches: a commit passed off as SHA-256, or a digest cut short.',
  fix: 'Hash the file again with the algorithm that is named.',
};
const shortFingerprint: Lint = { ...hashLength, id: 'fingerprint-length', level: 'warning', title: 'a fingerprint of a key or certificate is not as long as its algorithm makes it', fix: 'Give the whole fingerprint.' };
const hashConflict: Lint = {
  id: 'hash-conflict',
  level: 'error',
  title: 'one algorithm, two digests',
  why: 'A file has one SHA-256. Which of the two is checked depends on the reader, so one of them can hide a swapped file.',
  fix: 'Hash the file again and keep that digest.',
};
const placeholderHash: Lint = {
  id: 'placeholder-hash',
  level: 'error',
  title: 'a digest that is a placeholder',
  why: 'A digest of one repeated character, or that of no bytes at all, stands for "not hashed" but reads like a hash.',
  fix: 'Hash the file, or leave the hash out and say so in compositions.',
};
const commitAsHash: Lint = {
  id: 'commit-as-hash',
  level: 'error',
  title: 'a commit is given as a hash of the content',
  why: 'A commit id names a revision of a repository; no file has it as its SHA-1. Whoever verifies the model will always fail.',
  fix: 'Put the commit into version or purl; hash the files.',
};
const weakHash: Lint = {
  id: 'weak-hash',
  level: 'warning',
  title: 'only MD5 or SHA-1',
  why: 'Two files with the same MD5 or SHA-1 can be made on purpose, so these digests do not show that a model is the one meant.',
  fix: 'Add SHA-256 or better.',
};

/** Hex digits of each algorithm's digest. */
export const digestLengths: Readonly<Record<string, number>> = {
  MD5: 32, 'SHA-1': 40, 'SHA-256': 64, 'SHA-384': 96, 'SHA-512': 128, 'SHA3-256': 64, 'SHA3-384': 96, 'SHA3-512': 128,
  'BLAKE2b-256': 64, 'BLAKE2b-384': 96, 'BLAKE2b-512': 128, BLAKE3: 64, 'Streebog-256': 64, 'Streebog-512': 128,
};

const ofNothing = new Set(['d41d8cd98f00b204e9800998ecf8427e', 'da39a3ee5e6b4b0d3255bfef95601890afd80709', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855']);

/** Whether a digest stands for no digest: one character over and over. */
export function isPlaceholderDigest(content: string): boolean {
  return content.length > 1 && content === content[0]!.repeat(content.length);
}

export const hashes: Group = {
  lints: [hashLength, shortFingerprint, hashConflict, placeholderHash, commitAsHash, weakHash],
  start: (say) => ({
    object(node) {
      const { value, place, key } = node;
      const { alg, content } = value;
      if (typeof alg === 'string' && typeof content === 'string') {
        const length = Object.hasOwn(digestLengths, alg) ? digestLengths[alg] : undefined;
        if (length !== undefined && content.length !== length) {
          say(key === 'hashes' ? hashLength : shortFingerprint, below(place, 'content'), `${alg} has ${content.length} hex digits, not ${length}`);
        } else if (key === 'hashes' && isPlaceholderDigest(content)) {
          say(placeholderHash, below(place, 'content'), `${quote(content)} is a placeholder`);
        }
      }
      const list = objects(value['hashes']);
      if (list.length === 0) return;
      const seen = new Map<unknown, string>();
      list.forEach((hash, i) => {
        if (typeof hash['content'] !== 'string') return;
        const digest = hash['content'].toLowerCase();
        const other = seen.get(hash['alg']);
        if (other !== undefined && other !== digest) say(hashConflict, below(place, 'hashes', i, 'content'), `${quote(hash['alg'])} is also given as ${quote(other)}`);
        seen.set(hash['alg'], digest);
      });
      if (!isComponent(node)) return;
      const { purl, version } = value;
      list.forEach(({ alg: algorithm, content: digest }, i) => {
        if (algorithm !== 'SHA-1' || typeof digest !== 'string') return;
        if (digest === version || (typeof purl === 'string' && purl.includes(`@${digest}`))) say(commitAsHash, below(place, 'hashes', i), `${quote(digest)} is the commit of the component`);
      });
      if ([...seen.keys()].every((algorithm) => algorithm === 'MD5' || algorithm === 'SHA-1')) say(weakHash, below(place, 'hashes'), `${quote(value['name'])} has no digest but ${[...seen.keys()].join(' and ')}`);
      const size = objects(value['properties']).find(({ name }) => typeof name === 'string' && /(^|:)size$/.test(name))?.['value'];
      list.forEach((hash, i) => {
        if (typeof size === 'string' && /^[1-9]\d*$/.test(size) && ofNothing.has(String(hash['content']))) {
          say(placeholderHash, below(place, 'hashes', i, 'content'), `the digest is that of no bytes, and the file has ${size.slice(0, 20)}`);
        }
      });
    },
  }),
};
