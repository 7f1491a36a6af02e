// SPDX-License-Identifier: Apache-2.0
// A declaration to be filled in: the questions that are open for the roles held. Written as comments, so that nothing is stated by accident.
import type { Conformity } from './conformity.ts';
import { principles } from './profile.ts';

/** A text as a YAML scalar in double quotes, which is also JSON. */
function scalar(text: string): string {
  return JSON.stringify(text);
}

function comment(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
}

export function questionnaire(result: Conformity): string {
  const open = result.provisions.filter(({ status }) => status !== 'not-applicable' && status !== 'evidenced' && status !== 'attested');
  const lacking = result.components.filter(({ lacks, external }) => lacks.length > 0 && external !== undefined);
  const out = [
    '# Declaration for assay conformity. Take the # away from what is true, fill it in, and sign the file: assay sign FILE --key KEY',
    `# ${open.length} provisions are open for the roles held. States: met, not-met, planned, not-applicable.`,
    '# A statement that something is met has to cite at least one document, below the folder of this file, with its SHA-256 (sha256sum FILE).',
    'schemaVersion: 1',
    `profile: ${result.standard.id}`,
    'subject:',
    `  name: ${scalar(result.subject.name)}`,
    ...(result.subject.version === undefined ? ['  # version: "1.0.0"'] : [`  version: ${scalar(result.subject.version)}`]),
    result.subject.digest === undefined ? '  # digest: unknown, not every file could be hashed' : `  digest: sha256:${result.subject.digest}`,
    `roles: [${result.roles.join(', ')}]`,
    `${result.kind === 'unknown' ? '# ' : ''}kind: ${result.kind === 'unknown' ? 'release  # release, deploy, training, data, development' : result.kind}`,
    '# deployed: true       # false for research that will never be deployed, which the standard leaves out',
    '# origin: own          # own or external: who made the models under the root',
    `# inUseSince: ${result.asOf.date}`,
    '# signers: []          # hints of the keys whose signature counts (assay conformity shows them)',
    '# ignore: []           # - { path: tests, reason: "not part of the release" }',
    '',
    'attestations:',
    '  []  # take this line away with the first entry',
  ];
  let principle = 0;
  for (const one of open) {
    if (one.principle !== principle) {
      principle = one.principle;
      out.push('', `  # ${principles[principle - 1]!.clause} ${principles[principle - 1]!.title}`);
    }
    out.push(
      `  # ${one.id} (${one.force}, ${one.addressees.join(' and ')}; now: ${one.status}): ${one.summary}?`,
      ...(one.status === 'gap' || one.status === 'contradicted' || one.status === 'not-assessed' ? [`  #   ${comment(one.reason).slice(0, 300)}`] : []),
      `  # - provision: ${one.id}`,
      '  #   state: met',
      `  #   statement: ${scalar(one.open === '' ? 'how it is met' : `how it is met; to show: ${one.open}`)}`,
      '  #   evidence: [{ path: docs/FILE.pdf, sha256: "64 hex digits", title: "TITLE" }]',
      '  #   by: { name: "NAME", role: "ROLE" }',
      `  #   date: ${result.asOf.date}`,
      `  #   expires: ${yearAfter(result.asOf.date)}`,
    );
  }
  out.push('', '# Components used although poorly documented or unsecured (5.2.3-2, 5.2.3-2.1, 5.2.3-2.2).', 'exceptions:', '  []  # take this line away with the first entry');
  for (const { name, lacks } of lacking) {
    out.push(
      `  # - component: ${scalar(name)}`, `  #   lacks: [${lacks.join(', ')}]`, '  #   justification: "why it is used all the same"', '  #   riskAssessment: { path: docs/FILE.md, sha256: "64 hex digits" }',
      '  #   mitigations: ["sandboxed loading"]', '  #   disclosedIn: docs/user-guide.md', '  #   owner: "NAME"', `  #   date: ${result.asOf.date}`, `  #   expires: ${yearAfter(result.asOf.date)}`,
    );
  }
  out.push('', '# Data and models that were disposed of (5.5.1-1, 5.5.1-2): they must not turn up again.', 'disposals:', '  []  # - { name: "training set 3", sha256: ["64 hex digits"], method: "crypto-erase", date: 2026-01-31, custodian: "NAME" }');
  return `${out.join('\n')}\n`;
}

function yearAfter(date: string): string {
  const year = Number(date.slice(0, 4)) + 1;
  return `${year}${date.slice(4) === '-02-29' ? '-02-28' : date.slice(4)}`;
}
