// SPDX-License-Identifier: Apache-2.0
// One result for five readers: everybody, the vendor, the integrator, the operator, the assessor.
import { listed } from './asset.ts';
import { code, heading, list, says, table, type Block, type Inline, type Line, type Row } from './blocks.ts';
import { meanings, statuses, type Conformity, type ConformityFinding, type EvidenceFile, type ProvisionResult, type Status } from './conformity.ts';
import { principles } from './profile.ts';
import { sumLine } from './subject.ts';

export const views = ['all', 'vendor', 'integrator', 'operator', 'assessor'] as const;
export type View = (typeof views)[number];

/** The document for one reader. */
export function viewOf(result: Conformity, view: View): Block[] {
  const body = { all: everything, vendor, integrator, operator, assessor }[view](result);
  return [...headOf(result, view), ...body, ...appendix(result)];
}

const titles: Readonly<Record<View, string>> = { all: 'Evidence', vendor: 'Evidence for the vendor', integrator: 'Evidence for the integrator', operator: 'Evidence for the operator', assessor: 'Evidence for the assessor' };

function headOf(result: Conformity, view: View): Block[] {
  const { subject, scan, declaration, ledger, signatures } = result;
  const facts: (readonly [string, Line])[] = [
    ['Subject', `${subject.name}${subject.version === undefined ? '' : ` ${subject.version}`}: ${subject.files} files, ${subject.bytes} bytes`],
    ['Digest', subject.digest === undefined ? 'unknown: not every file could be hashed' : [{ text: `sha256:${subject.digest}`, code: true }]],
    ['Standard', `${result.standard.shownAs}, profile ${result.standard.profileVersion}`],
    ['Roles', `${result.roles.join(', ')}; root declared ${result.kind}${result.deployed ? '' : '; not to be deployed'}`],
    ['Scan', `${scan.complete ? 'complete' : `incomplete: ${listed(scan.why, 3)}`}; ${scan.files} files, ${scan.bytes} bytes; verdict ${scan.verdict}`],
    ['Tool', `assay ${result.tool.version}, ${scan.rules} rules (${result.tool.ruleset.slice(0, 12)})`],
    ['Dates', `judged as of ${result.asOf.date} (${result.asOf.from})`],
    ['Signature', signatures.length === 0 ? 'none' : listed(signatures.map((one) => `${one.path} ${one.state}${one.signer === 'unknown' ? '' : ` (${one.signer.slice(0, 16)})`}`), 3)],
    ['Declaration', declaration === undefined ? 'none was given (--declaration); nothing is attested' : `${declaration.path}, ${declaration.signature}: ${declaration.detail}${declaration.faults.length === 0 ? '' : `; no statement in it counts: ${declaration.faults[0]!}`}`],
    ['Ledger', ledger === undefined ? 'none was given (--ledger)' : `${ledger.path}: ${ledger.state}, ${ledger.entries} entries, head sha256:${ledger.head.slice(0, 16)}…`],
  ];
  const forces = ['shall', 'should'] as const;
  return [
    heading(1, `${titles[view]}: ${subject.name}`),
    says(result.disclaimer),
    table(['', ''], facts.map(([name, value]) => ({ cells: [name, value] }))),
    heading(2, 'Provisions by force and status'),
    table(['', ...statuses], forces.map((force) => ({ cells: [force, ...statuses.map((status) => String(result.counts[force][status]))] }))),
  ];
}

const findingAnchor = (fingerprint: string): string => `finding-${fingerprint}`;
const rowAnchor = (id: string): string => `provision-${id}`;

function evidenceCell(files: readonly EvidenceFile[], most = 2): Inline[] {
  if (files.length === 0) return ['-'];
  const out = files.slice(0, most).flatMap(({ path, sha256 }, i): Inline[] => [i === 0 ? '' : ', ', { text: path, to: fileAnchor(path) }, ' ', { text: `sha256:${sha256?.slice(0, 12) ?? 'unknown'}…`, code: true }]);
  return files.length > most ? [...out, ` and ${files.length - most} more`] : out;
}

function fileAnchor(path: string): string {
  return `file-${path}`;
}

function findingCell(fingerprints: readonly string[]): Inline[] {
  if (fingerprints.length === 0) return ['-'];
  const out = fingerprints.slice(0, 4).flatMap((one, i): Inline[] => [i === 0 ? '' : ', ', { text: one.slice(0, 8), to: findingAnchor(one) }]);
  return fingerprints.length > 4 ? [...out, ` and ${fingerprints.length - 4} more`] : out;
}

function provisionTable(rows: readonly ProvisionResult[]): Block {
  return table(['provision', 'force', 'status', 'what', 'why', 'evidence', 'findings'], rows.map((one): Row => ({
    id: rowAnchor(one.id), tone: one.status, cells: [one.number, one.force, one.status, one.summary, one.reason, evidenceCell(one.evidence), findingCell(one.findings)],
  })));
}

function of(result: Conformity, ...wanted: readonly Status[]): ProvisionResult[] {
  return result.provisions.filter(({ status }) => wanted.includes(status));
}

function everything(result: Conformity): Block[] {
  return [
    ...principles.flatMap(({ number, clause, title, phase }): Block[] => {
      const rows = result.provisions.filter(({ principle }) => principle === number);
      return [heading(2, `${clause} ${title}`), says(phase), provisionTable(rows)];
    }),
    heading(2, 'Checks'),
    table(['check', 'outcome', 'what', 'files'], checksOf(result).map(({ id, outcome, what, files }): Row => ({ tone: outcome === 'failed' ? 'gap' : outcome === 'held' ? 'evidenced' : outcome, cells: [id, outcome, what, String(files)] }))),
  ];
}

function checksOf(result: Conformity): ProvisionResult['checks'] {
  return [...new Map(result.provisions.flatMap(({ id, checks }) => checks.map((check) => [check.id === 'RULES' || check.id === 'STATEMENT' ? `${check.id} ${id}` : check.id, check.id === 'RULES' ? { ...check, id: `RULES for ${id}` } : check] as const))).values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function vendor(result: Conformity): Block[] {
  const gaps = of(result, 'gap', 'contradicted');
  const missing = result.findings.filter(({ check }) => /^(INT|SIG|DOC|DSD|INV|SEP)-/.test(check));
  const open = of(result, 'needs-attestation', 'gap', 'contradicted', 'not-assessed').filter((one) => one.open !== '');
  return [
    heading(2, 'Provisions with "shall" that have a gap'), someRows(gaps.filter(({ force }) => force === 'shall'), 'none'),
    heading(2, 'Provisions with "should" that have a gap'), someRows(gaps.filter(({ force }) => force === 'should'), 'none'),
    heading(2, 'Missing in the release: hashes, signatures, documents, inventory'),
    missing.length === 0 ? says('none') : findingTable(missing),
    heading(2, 'Statements that people still have to make'),
    open.length === 0 ? says('none') : table(['provision', 'who', 'what to show', 'status'], open.map((one): Row => ({ tone: one.status, cells: [one.number, one.addressees.join(', '), `${one.summary}: ${one.open}`, one.status] }))),
    heading(2, 'To hand over with the release'),
    list([
      `SHA-256 of every file (5.2.4-1.2): sha256sum of the list below, as SHA256SUMS`, 'the AI-BOM: assay bom PATH -o bom.cdx.json (5.2.1-1)', 'the signature: assay sign PATH --key KEY (5.2.1-2)',
      'this result: assay conformity PATH -f json=conformity.json (5.2.5-3)', 'release notes with the version and its security fixes (5.2.3-4, 5.3.1-2.2)',
    ]),
  ];
}

function someRows(rows: readonly ProvisionResult[], otherwise: string): Block {
  return rows.length === 0 ? says(otherwise) : provisionTable(rows);
}

function findingTable(findings: readonly ConformityFinding[]): Block {
  return table(['severity', 'check', 'where', 'what', 'what to do', 'provisions'], findings.slice(0, 500).map((one): Row => ({
    tone: one.severity, cells: [one.severity, one.rule ?? one.check, one.artefact === '' ? 'the root' : one.artefact, [{ text: one.message, to: findingAnchor(one.fingerprint) }, ...(one.accepted === undefined ? [] : [` (gap, accepted ${one.accepted})`])], one.fix, one.provisions.join(', ')],
  })));
}

/** What a buyer has to ask, for each thing that a component lacks. */
const questions: Readonly<Record<string, string>> = {
  'model card': 'Please send the model card: intended use, training data, limitations, failure modes.',
  'training-data sources': 'Which data was it trained and fine-tuned on, from which sources, obtained when and how?',
  scope: 'What is it intended for, and what is out of scope?',
  limitations: 'Which limitations and failure modes are known?',
  licence: 'Under which licence may it be used, and do the licences of its training data allow that?',
  origin: 'Who made it, and from which repository and revision does this copy come?',
  'verified digest or signature': 'Please publish SHA-256 digests of every file through a second channel, or a signature and the key to check it with.',
  'clean scan': 'It needs formats that run code, or the scan has findings: can you supply safetensors, GGUF or ONNX, or explain the findings?',
  'pinned revision': 'Which exact commit or digest of the base model was used?',
  'BOM entry': 'Please send a BOM that lists the base model and its version.',
};

function integrator(result: Conformity): Block[] {
  const { components, changes } = result;
  const lacking = components.filter(({ lacks, external }) => lacks.length > 0 && external !== undefined);
  const asked = components.filter(({ lacks }) => lacks.length > 0);
  const concerned = result.provisions.filter(({ id }) => /^5\.(1\.2-4|1\.2-7|1\.3-3|2\.1-1|2\.1-2|2\.3-|2\.4-1\.1|2\.4-1\.2|2\.5-1|2\.5-2\.1)/.test(id));
  return [
    heading(2, 'Components'),
    components.length === 0 ? says('no model lies under the root and none is named') : table(['component', 'from outside', 'origin', 'signature', 'digest verified', 'card', 'licence', 'format', 'scan', 'lacks'], components.map((one): Row => ({
      tone: one.lacks.length === 0 ? 'evidenced' : 'gap', cells: [one.name, one.external ?? 'no', one.origin, one.signature, one.digest, one.card, one.licence, one.format, one.scan, one.lacks.length === 0 ? '-' : one.lacks.join(', ')],
    }))),
    heading(2, 'Components that need an exception record (5.2.3-2 to 5.2.3-2.2)'),
    lacking.length === 0 ? says('none') : list(lacking.map(({ name, lacks }) => `${name} lacks ${lacks.join(', ')}${recorded(result, name)}`)),
    heading(2, 'Questions to the supplier'),
    asked.length === 0 ? says('none') : list(asked.flatMap(({ name, lacks }) => lacks.map((one) => `${name}: ${questions[one] ?? `Please supply: ${one}.`}`))),
    heading(2, 'Declarations of the supplier'),
    list([...result.signatures.map((one) => `signature ${one.path}: ${one.state}`), ...result.boms.map((one) => `BOM ${one.path}: ${one.items} entries, ${one.problems} errors against the schema`), ...(result.signatures.length + result.boms.length === 0 ? ['none'] : [])]),
    heading(2, 'Changes against the version accepted last'), ...changesOf(changes),
    heading(2, 'Provisions on the supply chain'), provisionTable(concerned),
  ];
}

function recorded({ exceptions }: Conformity, name: string): string {
  const found = exceptions.find(({ component }) => component === name || component.includes(name) || name.startsWith(`${component}/`));
  if (found === undefined) return ': no record';
  return found.faults.length > 0 ? `: the record does not count, ${found.faults.join('; ')}` : `: record of ${found.owner}, until ${found.expires}`;
}

function changesOf(changes: Conformity['changes']): Block[] {
  if (changes === undefined) return [says('no earlier state is known (--ledger)')];
  const { since, added, removed, changed } = changes;
  if (added.length + removed.length + changed.length === 0) return [says(`nothing since ${since}`)];
  return [says(`since ${since}:`), list([...changed.map((path) => `changed: ${path}`), ...added.map((path) => `came: ${path}`), ...removed.map((path) => `went: ${path}`)].slice(0, 500))];
}

function operator(result: Conformity): Block[] {
  const find = (id: string): string => {
    const check = result.provisions.flatMap(({ checks }) => checks).find((one) => one.id === id);
    return check === undefined ? 'not asked: the provisions behind it are addressed to roles that are not held' : `${check.outcome}: ${check.what}`;
  };
  const handed = result.findings.filter(({ rule, check }) => rule !== undefined || check === 'RULES');
  const concerned = result.provisions.filter(({ id }) => /^5\.(1\.3|2\.1-3|2\.3-[34]|2\.5-2|3\.1|4\.|5\.1)/.test(id));
  const accepted = result.findings.filter((one) => one.accepted !== undefined);
  return [
    heading(2, 'Does what runs equal what was assessed?'),
    table(['question', 'answer'], [
      { cells: ['Is it a recorded state?', find('BAS-VERIFY')] }, { cells: ['Is every change recorded?', find('LED-GAP')] }, { cells: ['Is the ledger whole?', find('LED-CHAIN')] }, { cells: ['Does the signature hold?', find('SIG-INVALID')] },
      { cells: ['How old is the last recorded scan?', find('LED-SCAN-AGE')] }, { cells: ['Was it scanned before it was used?', find('LED-GATE')] }, { cells: ['Are the evaluations newer than the model?', find('EVL-STALE')] }, { cells: ['Did prompts or settings change unlogged?', find('REL-UNLOGGED-CHANGE')] },
    ]),
    heading(2, 'What changed'), ...changesOf(result.changes),
    heading(2, 'Open threats to hand down (5.1.3-2)'),
    handed.length === 0 ? says('none') : findingTable(handed),
    heading(2, 'Text for end-users'),
    ...(result.forUsers.length === 0 ? [says('the documentation says nothing on limitations, failure modes, prohibited uses or use of data')] : result.forUsers.flatMap(({ topic, path, text }) => [heading(3, topic), says(text), says([`from `, { text: path, to: fileAnchor(path) }])])),
    ...(result.exceptions.length === 0 ? [] : [heading(3, 'Components used although poorly documented or unsecured'), list(result.exceptions.map((one) => `${one.component} (lacks ${one.lacks.join(', ')}): ${one.justification} Controls: ${one.mitigations.join(', ')}.`))]),
    heading(2, 'Gaps that were accepted'), accepted.length === 0 ? says('none') : findingTable(accepted),
    heading(2, 'Provisions on operation'), provisionTable(concerned),
  ];
}

function assessor(result: Conformity): Block[] {
  const claimed = result.provisions.filter(({ status }) => status !== 'not-applicable');
  return [
    heading(2, 'Statement of what is claimed'),
    says('One row for each provision; what is excluded has its reason. Evidenced and attested read as pass, gap and contradicted as fail, the others as inconclusive; fail takes precedence.'),
    table(['provision', 'UK code', 'force', 'addressed to', 'claim', 'reason'], result.provisions.map((one): Row => ({ id: rowAnchor(one.id), tone: one.status, cells: [one.id, one.uk, one.verbs.join('+'), one.addressees.join(', '), one.status, one.reason] }))),
    heading(2, 'Evidence behind each claim'),
    table(['provision', 'check or statement', 'outcome', 'what', 'files', 'findings'], claimed.flatMap((one): Row[] => [
      ...one.checks.map((check): Row => ({ tone: check.outcome === 'failed' ? 'gap' : check.outcome === 'held' ? 'evidenced' : check.outcome, cells: [one.number, check.id, check.outcome, check.what, evidenceCell(check.evidence, 3), findingCell(check.findings)] })),
      ...(one.attestation === undefined ? [] : [{ cells: [one.number, `statement of ${one.attestation.by}, ${one.attestation.date}${one.attestation.expires === undefined ? '' : ` to ${one.attestation.expires}`}`, one.attestation.counts ? one.attestation.state : 'does not count', one.attestation.counts ? one.attestation.statement : one.attestation.faults.join('; '), one.attestation.documents.flatMap(({ path, sha256 }): Inline[] => [path, ' ', { text: `sha256:${sha256}`, code: true }, ' ']), '-'] }]),
    ])),
    heading(2, 'How it was made'),
    list([`assay ${result.tool.version}, rule set ${result.tool.ruleset}`, `profile ${result.standard.id} ${result.standard.profileVersion}`, `scan ${result.scan.complete ? 'complete' : `incomplete: ${result.scan.why.join('; ')}`}`, `dates judged as of ${result.asOf.date} (${result.asOf.from})`, `left out of the subject as statements about it: ${result.subject.excluded.length === 0 ? 'nothing' : result.subject.excluded.join(', ')}`]),
    heading(2, 'To check without assay'),
    says('Every file: save the lines as SUMS beside the files and run sha256sum.'),
    code(`sha256sum -c SUMS\n\n${result.files.slice(0, 2000).map(({ path, sha256 }) => (sha256 === undefined ? `# ${path}: not hashed` : sumLine(sha256, path).trimEnd())).join('\n')}${result.files.length > 2000 ? `\n# ${result.files.length - 2000} more in the JSON report` : ''}`),
    says('The digest of the subject: that of the same lines, in the order of the bytes of the paths.'),
    code(`LC_ALL=C find . -type f -not -path './.git/*'${result.subject.excluded.map((path) => ` -not -path ${quoted(`./${path}`)}`).join('')} -printf '%P\\0' | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum\n# ${result.subject.digest ?? 'unknown: not every file could be hashed'}`),
    says('To run it again with assay:'),
    code(`SOURCE_DATE_EPOCH=${Math.floor(Date.parse(`${result.asOf.date}T00:00:00Z`) / 1000)} assay conformity PATH --role ${result.roles.join(',')} --kind ${result.kind}${result.declaration === undefined ? '' : ` --declaration ${quoted(result.declaration.path)}`}${result.ledger === undefined ? '' : ` --ledger ${quoted(result.ledger.path)}`} -f json`),
    heading(2, 'Threat lists: what the rules looked for'),
    says('An overlay: no entry makes a provision pass or fail.'),
    table(['technique', 'list', 'rules', 'findings'], result.threats.map(({ id, list: name, rules, findings }): Row => ({ cells: [id.slice(id.indexOf(':') + 1), name, String(rules), String(findings)] }))),
  ];
}

function quoted(path: string): string {
  return /^[\w./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

/** What every view ends with, so that links lead somewhere: findings, files, legend. */
function appendix(result: Conformity): Block[] {
  const files = new Map(result.provisions.flatMap(({ evidence, checks }) => [...evidence, ...checks.flatMap((check) => check.evidence)]).map((one) => [one.path, one]));
  return [
    heading(2, 'Findings'),
    result.findings.length === 0 ? says('none') : table(['id', 'severity', 'check', 'where', 'what', 'what to do', 'provisions'], result.findings.map((one): Row => ({
      id: findingAnchor(one.fingerprint), tone: one.severity,
      cells: [{ text: one.fingerprint.slice(0, 8), code: true } as Inline, one.severity, one.rule === undefined ? one.check : `${one.check} (${one.rule})`, one.artefact === '' ? 'the root' : one.artefact, `${one.message}${one.accepted === undefined ? '' : ` (gap, accepted ${one.accepted})`}`, one.fix, one.provisions.flatMap((id, i): Inline[] => [i === 0 ? '' : ', ', { text: id, to: rowAnchor(id) }])].map((cell) => (typeof cell === 'object' && 'text' in cell ? [cell] : cell)),
    }))),
    heading(2, 'Files behind the evidence'),
    files.size === 0 ? says('none') : table(['file', 'SHA-256'], [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1)).map(({ path, sha256 }): Row => ({ id: fileAnchor(path), cells: [path, [{ text: sha256 ?? 'not read to its end', code: true }]] }))),
    heading(2, 'Statuses'),
    list(statuses.map((status) => `${status}: ${meanings[status]}`)),
  ];
}
