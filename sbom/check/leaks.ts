// SPDX-License-Identifier: Apache-2.0
// What belongs to the machine or the people that wrote a document, and not into it. For both formats.
import { quote, type Group, type Lint, type Node } from './lint.ts';

const absolutePath: Lint = {
  id: 'absolute-path',
  level: 'error',
  title: 'a path of the machine that wrote the document',
  why: 'It leads nowhere on any other machine, and tells the world user names and how a disk is laid out.',
  fix: 'Give paths relative to the described folder.',
};
const absoluteLocation: Lint = {
  id: 'absolute-location',
  level: 'note',
  title: 'an absolute path',
  why: 'Right for files in a container image; in a document about a folder it leads nowhere.',
  fix: 'Give paths relative to the described folder.',
};
const escapingPath: Lint = {
  id: 'escaping-path',
  level: 'error',
  title: 'a relative path that leads out of the folder',
  why: 'A reader that follows it opens files that were never described: with "../../etc/passwd", those of its own machine.',
  fix: 'Name files below the described folder only.',
};
const absoluteName: Lint = { ...absolutePath, id: 'absolute-name', level: 'warning', title: 'a file that is called by an absolute path' };
const escapingName: Lint = { ...escapingPath, id: 'escaping-name', level: 'warning', title: 'a file whose name leads out of the folder' };
const secret: Lint = {
  id: 'secret',
  level: 'error',
  title: 'what looks like an access token, password or private key',
  why: 'BOMs are handed to customers and published; who reads the token can use it.',
  fix: 'Revoke the token first, then write the document without it.',
};

/** Where people and build machines keep their files. */
const personal = /^(?:(?:file:\/{0,3})?\/?(?:home|Users)\/[^/\s]|(?:file:\/\/)?\/(?:root|tmp|mnt|media|scratch|Volumes|workspace|private)\/|~\/|(?:file:\/{0,3})?[A-Za-z]:[\\/]|\\\\[A-Za-z0-9]|(?:file:\/\/)?\/var\/folders\/)/;
const personalWithin = /(?:^|[\s"'=(,:;])(?:\/(?:home|Users)\/[A-Za-z0-9._-]{1,64}\/|[A-Za-z]:\\Users\\)/;
const absolute = /^(\/(?!\/)|file:)/;

const secrets: readonly (readonly [what: string, form: RegExp])[] = [
  ['a Hugging Face token', /\bhf_[A-Za-z0-9]{30,}\b/],
  ['a GitHub token', /\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,})\b/],
  ['a GitLab token', /\bglpat-[\w-]{18,}/],
  ['an AWS access key id', /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/],
  ['a Slack token', /\bxox[abeprs]-[\w-]{10,}/],
  ['an API key', /\bsk-(?:[a-z]{2,8}-)?[A-Za-z0-9_-]{32,}/],
  ['a Google API key', /\bAIza[\w-]{35}\b/],
  ['a private key', /-----BEGIN (?:[A-Z]{1,12} ){0,3}PRIVATE KEY-----/],
  ['a JSON web token', /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/],
  ['a password in a URL', /\b[a-z][a-z0-9+.-]{1,12}:\/\/[^\s/@:?#"]{1,128}:[^\s/@?#"]{1,128}@/],
];

/** Members that hold a path or a reference, in either format. */
const paths = new Set(['url', 'location', 'software_downloadLocation', 'locator', 'contentIdentifier', 'software_contentIdentifier']);

/** Members that hold data in base64: letters in any order, in which patterns mean nothing. */
const opaque = new Set(['content', 'hashValue', 'value64', 'signature']);

export const leaks: Group = {
  lints: [absolutePath, absoluteName, absoluteLocation, escapingPath, escapingName, secret],
  start: (say) => ({
    text(text, place, key, holder) {
      if (!opaque.has(key) || !/^[A-Za-z0-9+/=\s]*$/.test(text)) {
        for (const [what, form] of secrets) {
          if (!form.test(text)) continue;
          // The token itself is not repeated: reports are published too.
          say(secret, place, `what looks like ${what} is written out here`);
          break;
        }
      }
      const role = roleOf(key, holder);
      if (role === 'none') return;
      // A file is called what it is called; only the reader that opens it by that name is at fault.
      const isFile = role === 'name' && /^(software_F|f)ile$/.test(String(holder.value['type']));
      if (personal.test(text) || (role !== 'name' && personalWithin.test(text.slice(0, 4096)))) say(isFile ? absoluteName : absolutePath, place, `${quote(text)} is a path on some machine`);
      else if (role === 'path' && key === 'url' && absolute.test(text)) say(absolutePath, place, `${quote(text)} is a path on some machine`);
      else if (role === 'path' && absolute.test(text)) say(absoluteLocation, place, `${quote(text)} is an absolute path`);
      else if (role !== 'value' && escapes(text)) say(isFile ? escapingName : escapingPath, place, `${quote(text)} leads out of the folder`);
    },
  }),
};

function roleOf(key: string, { value, key: holder }: Node): 'path' | 'name' | 'value' | 'none' {
  if (paths.has(key)) return 'path';
  if (key === 'name') return typeof value['type'] === 'string' && holder !== 'properties' ? 'name' : 'none';
  if (key === 'value' && holder === 'properties' && typeof value['name'] === 'string') return value['name'].startsWith('assay:artefact') ? 'none' : 'value';
  if (['comment', 'notes', 'description', 'purl', 'software_sourceInfo', 'bom-ref'].includes(key)) return 'value';
  return 'none';
}

/** Members of archives may have any name: 'a.zip!/../x' names what is in the archive, not what is on the disk. */
function escapes(text: string): boolean {
  if (/^[a-z][a-z0-9+.-]*:/i.test(text) || text.includes('!/')) return false;
  let decoded = text;
  try {
    decoded = decodeURIComponent(text);
  } catch { /* a stray '%': the text stands for itself */ }
  let depth = 0;
  for (const part of decoded.split(/[?#]/)[0]!.split(/[\\/]/)) {
    if (part === '..') depth -= 1;
    else if (part !== '' && part !== '.') depth += 1;
    if (depth < 0) return true;
  }
  return false;
}
