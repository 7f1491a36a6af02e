// SPDX-License-Identifier: Apache-2.0
// What files can show of generative AI (the concerns of ETSI TR 104 159): content credentials, synthetic share, safety parts
// taken out, reservations of rights, licences that do not go together.
import { folderOf, listed } from '../asset.ts';
import { held, judged, notApplicable, notAssessed, noTexts, type Basis, type Check, type Gap } from '../basis.ts';
import { dataSets } from './datasets.ts';

interface Claimed {
  readonly path: string;
  readonly value: string;
}

/** Claims of one field anywhere under the root, with the file. */
function claimed(basis: Basis, field: string, pattern: RegExp): Claimed[] {
  return basis.report.inspected.flatMap(({ artefact, facts }) => facts.flatMap((fact) => (fact.kind === 'claim' && fact.field === field && pattern.test(fact.value) ? [{ path: artefact.id.split('!/', 1)[0]!, value: fact.value }] : [])));
}

/** Crawlers for training of models, whom a robots.txt turns away. */
const trainers = /^(GPTBot|CCBot|Google-Extended|anthropic-ai|ClaudeBot|Bytespider|Applebot-Extended|Meta-ExternalAgent|FacebookBot|Amazonbot|Diffbot|omgili|cohere-ai|PerplexityBot|AI2Bot)$/i;

/** Reservations of rights that were captured with the data: TDMRep, robots.txt, AI preferences, HTTP and HTML signals, XMP, C2PA. */
export function optOuts(basis: Basis): Claimed[] {
  const out: Claimed[] = claimed(basis, 'metadata', /^(c2pa|cawg)\.training-mining: .*(notAllowed|constrained)|^plus:DataMining: .*PROHIBITED|^tdm-reservation: 1/);
  for (const [path, text] of basis.texts ?? []) {
    const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
    if (name === 'tdmrep.json') {
      if (/"tdm-reservation"\s*:\s*1/.test(text)) out.push({ path, value: 'tdm-reservation: 1 (TDMRep)' });
    } else if (/^(ro)?bots\.txt$|^ai\.txt$/.test(name) || /robots.*\.txt$/.test(name)) out.push(...robots(path, text));
    else if (/\.(html?|warc|headers?|http|xmp|json|jsonl|csv|txt|md)$/.test(name)) {
      const found = /\btdm-reservation["']{0,2}\s{0,8}(?::|=|,|content=)\s{0,8}["']?\s{0,8}1\b/i.exec(text)?.[0] ?? /\bx-robots-tag\s*:[^\n]{0,80}\bno(image)?ai\b/i.exec(text)?.[0]
        ?? /<meta[^>]{0,80}name=["']robots["'][^>]{0,120}\bno(image)?ai\b/i.exec(text)?.[0] ?? /\bcontent-usage\s*:[^\n]{0,80}\btrain-ai\s*=\s*n\b/i.exec(text)?.[0] ?? /DMI-PROHIBITED[\w-]*/.exec(text)?.[0];
      if (found !== undefined) out.push({ path, value: found.replaceAll(/\s+/g, ' ').slice(0, 120) });
    }
  }
  // Columns that a crawler wrote: any row with a value may be a reservation; how many is for the person who reads it.
  for (const { artefact, facts } of basis.report.inspected) {
    for (const fact of facts) if (fact.kind === 'column' && /^(tdm[_-]?reservation|noai|opt[_-]?out)$/i.test(fact.name) && fact.rows > fact.nulls) out.push({ path: artefact.id.split('!/', 1)[0]!, value: `column ${fact.name} has a value in ${fact.rows - fact.nulls} rows` });
  }
  return out;
}

function robots(path: string, text: string): Claimed[] {
  const out: Claimed[] = [];
  let agents: string[] = [];
  let rules = false;
  for (const line of text.split(/\r?\n/).slice(0, 20_000)) {
    const [, key = '', value = ''] = /^\s*([A-Za-z-]{1,30})\s*:\s*([^#]{0,200})/.exec(line) ?? [];
    if (/^user-agent$/i.test(key)) {
      if (rules) agents = [];
      rules = false;
      agents.push(value.trim());
    } else if (/^disallow$/i.test(key)) {
      rules = true;
      const trainer = agents.find((one) => trainers.test(one));
      if (trainer !== undefined && value.trim() !== '') out.push({ path, value: `Disallow: ${value.trim()} for ${trainer}` });
    } else if (/^content-usage$/i.test(key) && /train-ai\s*=\s*n|\bai\s*=\s*n/i.test(value)) out.push({ path, value: `Content-Usage: ${value.trim()}` });
    else if (key !== '') rules = true;
  }
  return out;
}

/** Whether evidence of reservations was kept at all, even where none is made. */
function keepsSignals(basis: Basis): boolean {
  return basis.assets.some(({ name }) => /^(robots.*\.txt|ai\.txt|tdmrep\.json)$|\.warc(\.gz)?$/i.test(name))
    || basis.report.inspected.some(({ facts }) => facts.some((fact) => fact.kind === 'column' && /robots|tdm|opt[_-]?out|noai|content[_-]usage|licen[cs]e/i.test(fact.name)));
}

/** What a licence forbids or demands, in words; undefined when it demands nothing that could conflict. */
function demand(licence: string): 'non-commercial' | 'no-derivatives' | 'share-alike' | undefined {
  const text = licence.toLowerCase();
  if (/\bnd\b|noderiv|no-deriv/.test(text)) return 'no-derivatives';
  if (/\bnc\b|non-?commercial|research[ -]only|academic/.test(text)) return 'non-commercial';
  return /\bsa\b|share-?alike|^(a|l)?gpl|odbl|cdla-sharing/.test(text) ? 'share-alike' : undefined;
}

export const generativeChecks: readonly Check[] = [
  {
    id: 'GEN-CREDENTIALS', title: 'Content credentials hold', severity: 'medium', fix: 'Leave the files out: their content is not what was signed. Get them again from the source.', rules: ['content-credentials-invalid'],
    run(basis) {
      const signed = basis.report.inspected.flatMap(({ artefact, facts }) => facts.flatMap((fact) => (fact.kind === 'claim' && fact.field === 'metadata' && fact.value.startsWith('c2pa: ') ? [{ path: artefact.id.split('!/', 1)[0]!, state: fact.value }] : [])));
      if (signed.length === 0) return notApplicable('no picture, sound or sidecar with content credentials (C2PA) lies under the root');
      const bad = basis.report.findings.filter(({ rule, suppressed }) => rule === 'content-credentials-invalid' && suppressed === undefined);
      const unclear = signed.filter(({ state }) => /not-assessable|not assessed/.test(state));
      if (bad.length === 0 && unclear.length === signed.length) return notAssessed(`${unclear.length} files carry content credentials that could not be checked: ${unclear[0]!.state}`);
      return judged(bad.map(({ artefact, message, fingerprint }) => ({ artefact, message, finding: fingerprint })), `${signed.length - unclear.length} of ${signed.length} files with content credentials are as they were signed; the chain of trust of the signers is not judged`, signed.map(({ path }) => path));
    },
  },
  {
    id: 'GEN-SYNTHETIC-SHARE', title: 'The share of media marked as synthetic is known', severity: 'info', fix: 'State the share of synthetic data in the card.',
    run(basis) {
      const media = basis.assets.filter(({ name, role }) => role === 'data' && /\.(jpe?g|png|webp|gif|heic|tiff?|wav|mp3|flac|mp4)$/i.test(name));
      if (media.length === 0) return notApplicable('no pictures, sounds or films lie under the root as data');
      const marked = new Set(claimed(basis, 'metadata', /trainedAlgorithmicMedia|compositeWithTrainedAlgorithmicMedia|ai-disclosure/).map(({ path }) => path));
      return held(`${marked.size} of ${media.length} media files say that they were made by a model; the others say nothing`, media.map(({ path }) => path));
    },
  },
  {
    id: 'GEN-SAFETY-REMOVED', title: 'No safety part of a pipeline was taken out without a word', severity: 'medium', fix: 'Put the safety checker back, or state in the card that there is none and what takes its place.',
    run(basis) {
      if (basis.texts === undefined) return noTexts;
      const pipelines = basis.assets.filter(({ name, path }) => name === 'model_index.json' && basis.texts!.has(path));
      if (pipelines.length === 0) return notApplicable('no diffusion pipeline lies under the root');
      const gaps = pipelines.flatMap(({ path }): Gap[] => {
        const text = basis.texts!.get(path)!;
        const taken = [...text.matchAll(/"(safety_checker|safety_checker_config|watermark(?:er)?|guard_model)"\s*:\s*(null|\[\s*null\s*,\s*null\s*\]|false)/g)].map((match) => match[1]!);
        if (/"requires_safety_checker"\s*:\s*false/.test(text)) taken.push('requires_safety_checker');
        if (taken.length === 0) return [];
        const card = [...basis.texts!].find(([one]) => folderOf(one) === folderOf(path) && /(^|\/)(readme|model_?card)/i.test(one))?.[1] ?? '';
        return /safety.?checker|content filter|moderation/i.test(card) ? [] : [{ message: `${path} has ${listed([...new Set(taken)])} taken out, and the card does not say so`, artefact: path, key: 'safety' }];
      });
      return judged(gaps, 'safety parts are there, or the card says why not', pipelines.map(({ path }) => path));
    },
  },
  {
    id: 'GEN-OPT-OUT', title: 'Reservations of rights captured with the data are honoured', severity: 'high', fix: 'Take the listed items out of the training data, or show the permission.',
    run(basis) {
      if (basis.texts === undefined) return noTexts;
      const sets = dataSets(basis);
      if (sets.length === 0) return notApplicable('no data set lies under the root');
      const found = optOuts(basis);
      if (found.length > 0) return judged(found.slice(0, 200).map(({ path, value }) => ({ message: `${path} holds a reservation of rights: ${value}`, artefact: path, key: `opt-out ${value}` })), '', found.map(({ path }) => path));
      const crawled = sets.some(({ columns, documents }) => [...columns.keys()].some((name) => /^(url|uri|source[_-]?url|image[_-]?url|target[_-]?uri)$/.test(name)) || documents.some(({ text }) => /\b(crawl|scrap)(ed|ing)\b/i.test(text)));
      if (!crawled) return notApplicable('nothing shows that the data were collected from the web');
      if (keepsSignals(basis)) return held('signals of reservation were kept with the data, and none reserves', sets.flatMap(({ documents, files }) => [documents[0]?.path ?? files[0]!.path]));
      return judged([{ message: 'the data were collected from the web, and no signal of reservation (robots.txt, TDMRep, headers) was kept with them', artefact: '', key: 'opt-out-record', severity: 'low' }], '', []);
    },
  },
  {
    id: 'GEN-LICENCE-CONFLICT', title: 'The licence of the model goes with those of its data', severity: 'medium', fix: 'Change the licence of the model, or train without the data. This is no legal verdict.',
    run(basis) {
      if (!basis.hasFacts) return notAssessed('the report was written without facts; scan the folder or write it with --facts');
      const stated = basis.report.inspected.flatMap(({ artefact, facts }) => facts.flatMap((fact) => (fact.kind === 'claim' && fact.field === 'licence' ? [{ path: artefact.id.split('!/', 1)[0]!, licence: fact.value }] : [])));
      const folders = new Set(basis.report.inspected.flatMap(({ artefact, facts }) => (facts.some((fact) => fact.kind === 'claim' && fact.field === 'card' && fact.value === 'dataset') ? [folderOf(artefact.id.split('!/', 1)[0]!)] : [])));
      const ofData = stated.filter(({ path }) => folders.has(folderOf(path)));
      const ofModel = stated.filter(({ path }) => !folders.has(folderOf(path)));
      if (ofData.length === 0 || ofModel.length === 0) return notApplicable('there is no pair of a model and a data set that both state a licence');
      const gaps = ofData.flatMap(({ path, licence }): Gap[] => {
        const wants = demand(licence);
        return wants === undefined ? [] : ofModel.filter((model) => demand(model.licence) !== wants).map((model) => ({ message: `${path} is under ${licence} (${wants}); the model states ${model.licence} in ${model.path}`, artefact: model.path, key: `licence ${licence} ${model.licence}` }));
      });
      return judged([...new Map(gaps.map((gap) => [gap.message, gap])).values()], `${ofData.length} licences of data go with that of the model`, [...ofData, ...ofModel].map(({ path }) => path));
    },
  },
];
