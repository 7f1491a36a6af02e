// SPDX-License-Identifier: Apache-2.0
// Sets whose content is elsewhere: a list of URLs means what they serve today (split view), and a snapshot of a wiki what it was
// told at the moment it was taken (frontrunning). Carlini et al. 2023, arXiv 2302.10149.
import { columnsOf, notAssessable, type Asking, type DataSet, type Placed, type Question, type StudyFact } from '../question.ts';

const blind = 'Nothing is fetched: whether the URLs serve what they served when the list was made is not known. Digests in a file that is not part of the set are not seen.';

const shortener = /^(?:bit\.ly|t\.co|goo\.gl|tinyurl\.com|ow\.ly|is\.gd|buff\.ly|rebrand\.ly|cutt\.ly|t\.ly|rb\.gy)$/i;
const userContent = /(?:^|\.)(?:imgur\.com|blogspot\.com|wordpress\.com|tumblr\.com|flickr\.com|staticflickr\.com|pinimg\.com|githubusercontent\.com|wixstatic\.com|squarespace\.com|weebly\.com|dropbox\.com|drive\.google\.com|photobucket\.com|deviantart\.com|redd\.it)$/i;
const snapshot = /(?:^|\.)(?:wikipedia|wikimedia|wiktionary|wikidata|wikinews|wikibooks|fandom)\.(?:org|com)$/i;
/** A revision of a page: oldid=, curid with a revision, a permanent link, an archived copy, a commit. */
const pinned = /[?&](?:oldid|rev|revid|revision)=\d+|Special:PermanentLink|web\.archive\.org\/web\/\d{8,}|\/(?:blob|raw|tree)\/[0-9a-f]{40}\//i;

/** The columns that decide: URLs that stand for content, digests, and content that is there itself. */
function columnsIn(set: DataSet): { urls: Placed[]; digests: Placed[]; content: Placed[] } {
  const urls = columnsOf(set, 'url').filter(({ filled }) => filled >= 0.8);
  const digests = columnsOf(set, 'digest').filter(({ filled, type }) => filled >= 0.9 && type !== 'int');
  return { urls, digests, content: columnsOf(set, 'image', 'text', 'code', 'prompt', 'response', 'embedding') };
}

/** A caption beside an image's URL describes what is elsewhere; it is not the content. */
const caption = /^(?:caption|text|alt|alt_?text|title|description|desc|prompt|label|top_caption|all_captions|sentence)s?$/i;
const imageUrl = /(?:image|img|photo|picture|thumbnail|video|audio|media|file|download|pdf|sample_url|data_url)|^(?:url|urls|URL)$/i;

/** Why a set with URLs does not rest on them; undefined where it does. */
function standsAlone(set: DataSet): string | undefined {
  const { urls, content } = columnsIn(set);
  if (urls.length === 0) return 'no column holds URLs';
  if (content.some(({ roles }) => roles.includes('image') || roles.includes('embedding'))) return 'the content is in the set, the URLs say where it comes from';
  const numbers = columnsOf(set, 'number').length;
  const texts = content.filter(({ name }) => !caption.test(name));
  const long = content.filter(({ length }) => length >= 400);
  if (texts.length > 0 || long.length > 0) return 'the content is in the set, the URLs say where it comes from';
  // A table of facts with a link in it is no list of samples: the URL must be what the row is about.
  const named = urls.some(({ name }) => imageUrl.test(name));
  const others = set.columns.filter(({ roles, name }) => !roles.some((role) => role === 'url' || role === 'digest' || role === 'id' || role === 'split' || role === 'label' || role === 'source' || role === 'path') && !caption.test(name) && !aboutFile.test(name)).length;
  if (!named && set.columns.length > 2) return 'the URLs are one property of the rows among others';
  if (others > Math.max(2, set.columns.length / 2) || numbers > 8) return 'the URLs are one property of the rows among others';
  return undefined;
}

/** What lists of samples say of the file behind a URL. */
const aboutFile = /^(?:width|height|original_?width|original_?height|size|bytes|licen[cs]e|nsfw|punsafe|pwatermark|similarity|aesthetic\w*|score|language|lang|mime\w*|format|status|crawl_?date|timestamp|date|etag|last_?modified|author\w*|hash|key|exif|error_message|duration|start|end|clip_\w+)$/i;

export const urlOnly: Question = {
  id: 'url-only',
  title: 'Content that lies behind URLs without a digest',
  blind,
  needs: (set) => standsAlone(set) ?? true,
  begin(set, context): Asking {
    const { urls, digests } = columnsIn(set);
    const url = urls.find(({ name }) => imageUrl.test(name)) ?? urls[0]!;
    const counts = { urls: 0, http: 0, shortened: 0, address: 0, users: 0, snapshots: 0, unpinned: 0, others: 0 };
    const hosts = new Map<string, number>();
    const rows: string[] = [];
    let digested = 0;
    return {
      batch({ rows: batch }) {
        for (const { id, cells } of batch) {
          const cell = cells[url.index];
          if (typeof cell !== 'string' || cell === '') continue;
          if (digests.some(({ index }) => typeof cells[index] === 'string' && cells[index] !== '')) digested += 1;
          const match = /^([a-z0-9+.-]{1,16}):\/\/(?:[^/?#@\s]{0,128}@)?(\[[0-9a-f:.]{2,64}\]|[^/:?#\s]{1,256})/i.exec(cell);
          if (match === null) {
            counts.others += 1;
            continue;
          }
          const [, scheme, host] = match as unknown as [string, string, string];
          counts.urls += 1;
          if (rows.length < 8) rows.push(id);
          if (scheme.toLowerCase() === 'http') counts.http += 1;
          if (shortener.test(host)) counts.shortened += 1;
          if (/^(?:\d{1,3}(?:\.\d{1,3}){3}|\[.*\])$/.test(host)) counts.address += 1;
          if (userContent.test(host)) counts.users += 1;
          const wiki = snapshot.test(host) && !/^upload\./i.test(host);
          if (wiki) counts.snapshots += 1;
          if (wiki && !pinned.test(cell)) counts.unpinned += 1;
          const name = host.toLowerCase();
          if (hosts.has(name) || hosts.size < 100_000) hosts.set(name, (hosts.get(name) ?? 0) + 1);
        }
      },
      *end(): Iterable<StudyFact> {
        const { n, among } = context.seen();
        const base = { kind: 'study', question: urlOnly.id, of: set.name, n, ...(among === undefined ? {} : { among }), blind } as const;
        if (n === 0 || counts.urls < 0.8 * n) {
          yield notAssessable(urlOnly, set, `${counts.urls} of ${n} rows have a URL in ${url.name.slice(0, 64)}`);
          return;
        }
        const top = [...hosts.values()].toSorted((a, b) => b - a).slice(0, 10).reduce((sum, count) => sum + count, 0) / counts.urls;
        const covered = digested / counts.urls;
        const weak = digests.length > 0 && digests.every(({ name }) => /md5|sha_?1(?!\d)|crc|etag/i.test(name));
        const detail = { ...counts, hosts: hosts.size, 'top-10-hosts': Number(top.toFixed(3)), digested: Number(covered.toFixed(3)), 'weak-digest': weak ? 1 : 0, 'unpinned-snapshot': counts.unpinned };
        const share = (count: number): string => `${(100 * count / counts.urls).toFixed(1)} %`;
        const about = `${counts.urls} URLs of ${hosts.size} hosts in ${url.name.slice(0, 64)}; plain http ${share(counts.http)}, shortened ${share(counts.shortened)}, bare addresses ${share(counts.address)}, hosts of user content ${share(counts.users)}, the ten largest hosts ${(100 * top).toFixed(1)} %`;
        const found = covered < 0.9 || weak;
        yield {
          ...base, outcome: found ? 'finding' : 'assessed', score: Number((1 - covered).toFixed(3)), detail,
          what: covered < 0.9
            ? `the content lies behind URLs and ${digests.length === 0 ? 'no column holds digests' : `only ${(100 * covered).toFixed(1)} % of the rows have a digest`}: whoever controls a host decides what is trained on; ${about}`
            : weak ? `the content lies behind URLs, with digests in ${digests.map(({ name }) => name.slice(0, 40)).join(', ')} that two files can be made to share: ${about}` : `every URL has a digest in ${digests.map(({ name }) => name.slice(0, 40)).join(', ')}: ${about}`,
          ...(found ? { rows, rowCount: counts.urls } : {}),
        };
        if (counts.unpinned >= 0.2 * counts.urls && covered < 0.9) {
          yield {
            ...base, question: 'unpinned-snapshot', outcome: 'finding', score: Number((counts.unpinned / counts.urls).toFixed(3)), rows, rowCount: counts.unpinned,
            what: `${counts.unpinned} of ${counts.urls} URLs lead to pages that anyone may edit, without naming a revision: an edit at the moment of the snapshot becomes training data`,
          };
        }
      },
    };
  },
};
