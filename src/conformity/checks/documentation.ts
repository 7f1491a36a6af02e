// SPDX-License-Identifier: Apache-2.0
// What documentation says (5.2.4-1, 5.2.4-1.1, 5.3.1-2 …). "None" is an answer; silence is not.
import type { Severity } from '../../model/rule.ts';
import { folderOf } from '../asset.ts';
import { held, judged, notApplicable, notAssessed, noTexts, type Basis, type Check } from '../basis.ts';
import { documentsOf, saysSomething, statementOn } from '../documents.ts';
import { modelFolders, namedLinks } from './inventory.ts';

/** What a statement is on: headings and line labels that announce it. */
export const subjects = {
  intendedUse: /\b(intended (use|purpose|user)s?|direct use|use cases?|purpose|how to use)\b/i,
  dataSources: /\b(training|source|pre-?training) (data|corpus|corpora|sources?|datasets?)\b|\bdata ?(sources?|sets?)\b|\bdata provenance\b/i,
  fineTuneData: /\b(fine-?tun\w{0,4}|instruction|sft|adaptation)( training)? (data\w*|corpus|examples)\b|\btraining data\b/i,
  feedback: /\b(human|user|operational|preference)? ?(feedback|preferences?)\b|\brlhf\b|\breward\b/i,
  scope: /\b(scope|intended (use|purpose)s?|direct use|out-?of-?scope|applicability)\b/i,
  limits: /\blimitations?\b|\blimits\b|\bknown issues\b|\bcaveats?\b/i,
  guardrails: /\bguard-?rails?\b|\b(safety|content|output|input) (filters?|measures?|mitigations?|checkers?|controls?|settings?)\b|\bmoderation\b|\bsafeguards?\b/i,
  retention: /\bretention\b|\bstorage period\b|\bkept for\b/i,
  review: /\b(review|re-?evaluation|update) (frequency|cycle|schedule|interval|period|date)\b|\bnext review\b|\breviewed every\b|\breview(s|ed)?\b/i,
  failureModes: /\bfailure modes?\b|\bfailure cases?\b|\bknown failures?\b|\bhow it (can )?fails?\b/i,
  prohibited: /\b(prohibited|forbidden|unacceptable|disallowed|unsupported|malicious) uses?\b|\bout-?of-?scope( use)?\b|\bmisuse\b|\bacceptable use\b|\buse restrictions?\b/i,
  design: /\b(design|architecture)( (record|document|decisions?|overview|rationale))?\b|\btechnical specifications?\b/i,
  maintenance: /\b(maintenance|support|update|post-?deployment)( (plan|policy|window|period|schedule))?\b/i,
  dataUse: /\bprivacy\b|\bdata (use|usage|handling|processing|protection)\b|\bpersonal data\b/i,
} as const;

function documented(id: string, title: string, severity: Severity, subject: RegExp, what: string, when?: (basis: Basis) => string | undefined): Check {
  return {
    id, title, severity, fix: `Say it in the model card or user documentation, under a heading or as "${what}: …"; "none" is an answer.`,
    run(basis) {
      const why = when?.(basis);
      if (why !== undefined) return notApplicable(why);
      if (basis.texts === undefined && basis.boms.length === 0) return noTexts;
      const found = statementOn(basis, subject);
      return found === undefined ? judged([{ message: `${what} not stated in any of ${documentsOf(basis).length} documents`, artefact: '', key: id }], '', []) : held(`"${found.text}" in ${found.path}`, [found.path]);
    },
  };
}

const noModel = (basis: Basis): string | undefined => (modelFolders(basis).length === 0 && !basis.assets.some(({ role }) => role === 'configuration' || role === 'prompt') ? 'no model lies under the root' : undefined);

/** A file of a kind that is a whole statement by itself. */
function fileNamed(basis: Basis, pattern: RegExp): string | undefined {
  return basis.assets.find(({ path, name }) => (pattern.test(name) || pattern.test(path)) && saysSomething(basis.texts?.get(path) ?? 'document'))?.path;
}

function isFineTuned(basis: Basis): boolean {
  return basis.assets.some(({ name }) => /^(adapter_(config\.json|model\.\w+)|trainer_state\.json|training_args\.(bin|json))$/.test(name))
    || namedLinks(basis).some(({ link }) => link.role === 'base-model');
}

function hasFeedback(basis: Basis): boolean {
  return basis.report.inspected.some(({ facts }) => facts.some((fact) => fact.kind === 'claim' && (fact.field === 'tag' || fact.field === 'library' || fact.field === 'name') && /\b(rlhf|dpo|ppo|orpo|kto|grpo|reward)\b/i.test(fact.value)))
    || basis.assets.some(({ path }) => /(^|[/_-])(reward|dpo|ppo|rlhf|preferences?)([/_.-])/i.test(path));
}

const base: readonly Check[] = [
  {
    id: 'DOC-CARD', title: 'There is a model card, and it is more than a template', severity: 'medium', rules: ['model-card-missing'], fix: 'Write a README.md or model card with front matter and the sections on use, data and limits.',
    run(basis) {
      if (basis.texts === undefined && basis.boms.length === 0) return noTexts;
      const why = noModel(basis);
      if (why !== undefined) return notApplicable(why);
      const cards = basis.assets.filter(({ name }) => /^(readme|model_?card)(\.\w+)?$/i.test(name)).filter(({ path }) => saysSomething((basis.texts?.get(path) ?? '').replace(/^---\r?\n[\s\S]{0,100000}?\n---/, '')));
      const boms = basis.boms.filter(({ card }) => saysSomething(card));
      // A part of a pipeline is described by the card above it.
      const without = modelFolders(basis).filter((folder) => boms.length === 0 && !cards.some(({ path }) => folderOf(path) === '' || folder === folderOf(path) || folder.startsWith(`${folderOf(path)}/`)));
      if (modelFolders(basis).length === 0 && cards.length + boms.length === 0) without.push('');
      return judged(without.map((folder) => ({ message: `no model card describes ${folder === '' ? 'the root' : folder}`, artefact: folder, key: 'card' })), 'a model card is there', [...cards, ...boms].map(({ path }) => path));
    },
  },
  documented('DOC-INTENDED-USE', 'The intended use is stated', 'low', subjects.intendedUse, 'Intended use', noModel),
  {
    id: 'DOC-DATA-SOURCES', title: 'Sources of the training data are stated', severity: 'medium', fix: 'Name the datasets in the front matter (datasets:), in the BOM, or in a section "Training data".',
    run(basis) {
      if (basis.texts === undefined && basis.boms.length === 0) return noTexts;
      const why = noModel(basis);
      if (why !== undefined) return notApplicable(why);
      const link = namedLinks(basis).find((one) => one.link.role === 'dataset');
      if (link !== undefined) return held(`${link.path} names the dataset ${link.link.target}`, [link.path]);
      const found = statementOn(basis, subjects.dataSources);
      return found === undefined ? judged([{ message: `sources of the training data are stated in none of ${documentsOf(basis).length} documents`, artefact: '', key: 'data-sources' }], '', []) : held(`"${found.text}" in ${found.path}`, [found.path]);
    },
  },
  documented('DOC-FINETUNE-DATA', 'Data of the fine-tuning is stated', 'medium', subjects.fineTuneData, 'Fine-tuning data', (basis) => noModel(basis) ?? (isFineTuned(basis) ? undefined : 'nothing shows that the model was fine-tuned')),
  documented('DOC-FEEDBACK-DATA', 'The source of human or operational feedback is stated', 'low', subjects.feedback, 'Feedback data', (basis) => noModel(basis) ?? (hasFeedback(basis) ? undefined : 'nothing shows training on feedback')),
  documented('DOC-SCOPE', 'The scope is stated', 'low', subjects.scope, 'Scope', noModel),
  documented('DOC-LIMITS', 'Limitations are stated', 'medium', subjects.limits, 'Limitations', noModel),
  documented('DOC-GUARDRAILS', 'Guardrails are stated', 'low', subjects.guardrails, 'Guardrails', noModel),
  documented('DOC-RETENTION', 'Retention of data is stated', 'low', subjects.retention, 'Retention', noModel),
  {
    id: 'DOC-REVIEW', title: 'A review frequency or date is stated, and not overdue', severity: 'low', fix: 'State "Review frequency: every 6 months" or "Next review: YYYY-MM-DD", and keep to it.',
    run(basis) {
      if (basis.texts === undefined && basis.boms.length === 0) return noTexts;
      const why = noModel(basis);
      if (why !== undefined) return notApplicable(why);
      const found = statementOn(basis, subjects.review);
      if (found === undefined) return judged([{ message: `review frequency is stated in none of ${documentsOf(basis).length} documents`, artefact: '', key: 'review' }], '', []);
      const next = /next review[^0-9\n]{0,20}(\d{4}-\d{2}-\d{2})/i.exec(basis.texts?.get(found.path) ?? found.text)?.[1];
      return next !== undefined && next < basis.asOf ? judged([{ message: `the review announced for ${next} in ${found.path} is overdue as of ${basis.asOf}`, artefact: found.path, key: 'review-overdue' }], '', [found.path]) : held(`"${found.text}" in ${found.path}`, [found.path]);
    },
  },
  documented('DOC-FAILURE-MODES', 'Failure modes are stated', 'low', subjects.failureModes, 'Failure modes', noModel),
  {
    id: 'DOC-PROHIBITED-USE', title: 'Prohibited uses are stated', severity: 'low', fix: 'Add a section "Out-of-scope use", a USE_POLICY.md, or a licence that restricts use.',
    run(basis) {
      if (basis.texts === undefined && basis.boms.length === 0) return noTexts;
      const why = noModel(basis);
      if (why !== undefined) return notApplicable(why);
      const path = fileNamed(basis, /^(use|usage|acceptable)[_-]?(use[_-]?)?policy(\.\w+)?$/i);
      const found = path === undefined ? statementOn(basis, subjects.prohibited) : { path, text: path };
      if (found !== undefined) return held(`"${found.text}" in ${found.path}`, [found.path]);
      const licence = basis.report.inspected.find(({ facts }) => facts.some((fact) => fact.kind === 'claim' && (fact.field === 'licence' || fact.field === 'licence-name') && /rail|llama|gemma|community/i.test(fact.value)));
      return licence === undefined ? judged([{ message: `prohibited uses are stated in none of ${documentsOf(basis).length} documents`, artefact: '', key: 'prohibited' }], '', []) : held('the licence restricts use', [licence.artefact.id.split('!/', 1)[0]!]);
    },
  },
];

/** Attacks that a threat model of an AI system should have thought of, as words or ids of ATLAS and NIST AI 100-2. */
const attacks: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['data poisoning', /poison|AML\.T0020|NISTAML\.01[23]/i],
  ['model inversion', /inversion|reconstruct|extraction|AML\.T0024|NISTAML\.03/i],
  ['membership inference', /membership|AML\.T0024\.000|NISTAML\.033/i],
];

/** The threat model: a file by that name, or one that a BOM refers to. */
function threatModel(basis: Basis): string | undefined {
  return basis.assets.find(({ path, role }) => /threat[_-]?model|risk[_-]?assessment|adversary[_-]?model/i.test(path) && role !== 'code')?.path;
}

const plans: readonly Check[] = [
  {
    id: 'DOC-THREAT-MODEL', title: 'A threat model is there and speaks of attacks on AI', severity: 'medium', fix: 'Ship the threat model (docs/threat-model.md) or refer to it from the BOM; name poisoning, inversion and membership inference.',
    run(basis) {
      if (basis.texts === undefined) return noTexts;
      const path = threatModel(basis);
      if (path === undefined) {
        const reference = basis.boms.find(({ references }) => references.some(({ type }) => /threat-model|adversary-model|risk-assessment/.test(type)));
        return reference === undefined ? judged([{ message: 'no threat model lies under the root or is referred to by a BOM', artefact: '', key: 'threat-model' }], '', []) : held(`${reference.path} refers to one`, [reference.path]);
      }
      const text = basis.texts.get(path);
      if (text === undefined) return held(`${path} is there; its text is of a format that is not read`, [path]);
      const silent = attacks.filter(([, pattern]) => !pattern.test(text)).map(([name]) => name);
      return judged(silent.map((name) => ({ message: `${path} does not mention ${name}`, artefact: path, key: name })), `${path} speaks of poisoning, inversion and membership inference`, [path]);
    },
  },
  {
    id: 'DOC-THREAT-MODEL-STALE', title: 'The threat model is newer than the last change of settings', severity: 'medium', fix: 'Go through the threat model again and date it ("Date: YYYY-MM-DD" or "Last reviewed: …").',
    run(basis) {
      if (basis.texts === undefined) return noTexts;
      const path = threatModel(basis);
      if (path === undefined) return notAssessed('there is no threat model to date');
      const dates = [...(basis.texts.get(path) ?? '').matchAll(/\b(?:date|reviewed|updated|version)\b[^\n]{0,40}?(\d{4}-\d{2}-\d{2})/gi)].map((match) => match[1]!).sort();
      const last = dates.at(-1);
      if (last === undefined) return judged([{ message: `${path} carries no date`, artefact: path, key: 'undated' }], '', [path]);
      const changed = basis.history?.releases.at(-1)?.time.slice(0, 10);
      if (changed === undefined) return notAssessed('no ledger tells when the settings changed');
      return last < changed ? judged([{ message: `${path} (${last}) is older than the last recorded change (${changed})`, artefact: path, key: 'stale' }], '', [path]) : held(`${path} is of ${last}, the last change of ${changed}`, [path]);
    },
  },
  fileOrStatement('DOC-DESIGN', 'A design record is there', subjects.design, /(^|\/)(design|architecture|adrs?|decisions?)([/_.-]|$)/i, 'Design'),
  fileOrStatement('DOC-MAINTENANCE-PLAN', 'A maintenance plan is there', subjects.maintenance, /(^|\/)(maintenance|support|lifecycle)([_.-]|$)/i, 'Maintenance plan'),
  fileOrStatement('DOC-DATA-USE', 'A notice on the use of data is there', subjects.dataUse, /(^|\/)(privacy|data[_-]use|data[_-]protection)[\w-]*\.\w+$/i, 'Data use'),
  {
    id: 'DOC-USER-GUIDE', title: 'A guide covers use, integration and configuration', severity: 'low', fix: 'Add the parts that are missing to the user guide or README.',
    run(basis) {
      if (basis.texts === undefined) return noTexts;
      const needed: readonly (readonly [string, RegExp])[] = [
        ['use', /\b(how to )?(use|usage|get(ting)? started|quick-?start|example)\b/i], ['installation or integration', /\b(install|integrat|deploy|setup|set up|load)\w*/i], ['configuration', /\b(config|settings?|parameters?|options?)\w*/i], ['management', /\b(manag|maint|updat|upgrad|monitor|operat|support)\w*/i],
      ];
      const found = needed.map(([part, pattern]) => ({ part, at: statementOn(basis, pattern) }));
      return judged(found.filter(({ at }) => at === undefined).map(({ part }) => ({ message: `the user documentation says nothing on ${part}`, artefact: '', key: part })), 'the documentation covers use, integration, configuration and management', found.flatMap(({ at }) => at?.path ?? []));
    },
  },
];

function fileOrStatement(id: string, title: string, subject: RegExp, file: RegExp, what: string): Check {
  return {
    id, title, severity: 'low', fix: `Ship the document, or a section "${what}" in the README.`,
    run(basis) {
      if (basis.texts === undefined) return noTexts;
      const path = fileNamed(basis, file);
      const found = path === undefined ? statementOn(basis, subject) : { path, text: path };
      return found === undefined ? judged([{ message: `${what.toLowerCase()}: neither a file of that name nor a section says anything`, artefact: '', key: id }], '', []) : held(`"${found.text}" in ${found.path}`, [found.path]);
    },
  };
}

export const documentationChecks: readonly Check[] = [...base, ...plans];
