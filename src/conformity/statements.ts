// SPDX-License-Identifier: Apache-2.0
// Which declared statements count: dates, digests of the documents cited, the digest of the subject, the signature.
import { createHash } from 'node:crypto';
import { closeSync, constants, createReadStream, fstatSync, openSync, realpathSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import type { Attestation, Declaration, Document, Exception } from './declaration.ts';

/** Whether the declaration's own signature was looked at. */
export interface DeclarationSignature {
  readonly state: 'verified' | 'refused' | 'unchecked' | 'unsigned';
  readonly detail: string;
}

/** SHA-256 of the documents that a declaration cites, by path; a text in words where one could not be read. */
export type DocumentDigests = ReadonlyMap<string, { readonly sha256: string } | { readonly fault: string }>;

/** Hashes every document cited, below the folder of the declaration and nowhere else. */
export async function hashDocuments(declaration: Declaration): Promise<DocumentDigests> {
  const cited = [...declaration.attestations.flatMap(({ evidence }) => evidence), ...declaration.exceptions.flatMap(({ riskAssessment }) => riskAssessment ?? [])];
  const found = new Map<string, { sha256: string } | { fault: string }>();
  for (const path of new Set(cited.map((one) => one.path))) found.set(path, await digestOf(dirname(declaration.path), path));
  return found;
}

async function digestOf(folder: string, path: string): Promise<{ sha256: string } | { fault: string }> {
  let fd: number | undefined;
  try {
    const [inside, real] = [realpathSync(folder), realpathSync(join(folder, path))];
    if (!real.startsWith(inside.endsWith(sep) ? inside : `${inside}${sep}`)) return { fault: 'leads out of the folder of the declaration' };
    fd = openSync(real, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!fstatSync(fd).isFile()) return { fault: 'is no file' };
    const hash = createHash('sha256');
    for await (const chunk of createReadStream('', { fd, autoClose: false })) hash.update(chunk as Buffer);
    return { sha256: hash.digest('hex') };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { fault: code === 'ENOENT' ? 'is not there' : `cannot be read (${code ?? String(error)})` };
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** Something that keeps a statement from counting. */
export interface StatementFault {
  readonly kind: 'expired' | 'future' | 'expires-before-date' | 'document' | 'no-document' | 'subject' | 'signature' | 'twice';
  readonly detail: string;
}

export interface CheckedAttestation {
  readonly attestation: Attestation;
  readonly faults: readonly StatementFault[];
}

export interface CheckedException {
  readonly exception: Exception;
  readonly faults: readonly StatementFault[];
}

export interface CheckedDeclaration {
  readonly declaration: Declaration;
  readonly signature: DeclarationSignature;
  /** What concerns the whole: then no statement counts. */
  readonly faults: readonly StatementFault[];
  readonly attestations: readonly CheckedAttestation[];
  readonly exceptions: readonly CheckedException[];
}

export interface StatementContext {
  /** YYYY-MM-DD. */
  readonly asOf: string;
  /** Undefined when the subject could not be hashed or was not given. */
  readonly subjectDigest?: string | undefined;
  /** False where nothing was scanned, so that the subject's digest cannot be compared. */
  readonly hasSubject: boolean;
  readonly signature: DeclarationSignature;
  readonly documents: DocumentDigests;
}

/** Judges every statement. A statement that does not count is kept, with the reasons. */
export function checkDeclaration(declaration: Declaration, context: StatementContext): CheckedDeclaration {
  const whole = [...subjectFaults(declaration, context), ...(context.signature.state === 'refused' ? [{ kind: 'signature' as const, detail: context.signature.detail }] : [])];
  const times = new Map<string, number>();
  for (const { provision } of declaration.attestations) times.set(provision, (times.get(provision) ?? 0) + 1);
  return {
    declaration, signature: context.signature, faults: whole,
    attestations: declaration.attestations.map((attestation) => ({
      attestation,
      faults: [
        ...whole,
        ...(times.get(attestation.provision)! > 1 ? [{ kind: 'twice' as const, detail: `provision ${attestation.provision} is attested ${times.get(attestation.provision)} times; allowed is once` }] : []),
        ...dateFaults(attestation, context.asOf),
        ...documentFaults(attestation.evidence, context.documents),
        // A statement that something is done has to show it; that it is not done, or does not concern us, needs words only.
        ...(attestation.state === 'met' && attestation.evidence.length === 0 ? [{ kind: 'no-document' as const, detail: 'the statement cites no document' }] : []),
      ],
    })),
    exceptions: declaration.exceptions.map((exception) => ({
      exception,
      faults: [...whole, ...dateFaults(exception, context.asOf), ...documentFaults(exception.riskAssessment === undefined ? [] : [exception.riskAssessment], context.documents)],
    })),
  };
}

function subjectFaults({ subject }: Declaration, { hasSubject, subjectDigest }: StatementContext): StatementFault[] {
  if (!hasSubject) return [];
  if (subject.digest === undefined) return [{ kind: 'subject', detail: 'the declaration names no digest of its subject, so it could be about any release' }];
  if (subjectDigest === undefined) return [{ kind: 'subject', detail: 'the subject could not be hashed as a whole, so its digest cannot be compared' }];
  return subject.digest === subjectDigest ? [] : [{ kind: 'subject', detail: `the declaration is about sha256:${subject.digest}, the subject is sha256:${subjectDigest}` }];
}

function dateFaults({ date, expires }: { readonly date: string; readonly expires?: string }, asOf: string): StatementFault[] {
  const out: StatementFault[] = [];
  if (date > asOf) out.push({ kind: 'future', detail: `the date ${date} lies after ${asOf}` });
  if (expires !== undefined && expires < date) out.push({ kind: 'expires-before-date', detail: `it expires ${expires}, before its date ${date}` });
  if (expires !== undefined && expires < asOf) out.push({ kind: 'expired', detail: `it expired on ${expires}; judged as of ${asOf}` });
  return out;
}

function documentFaults(documents: readonly Document[], digests: DocumentDigests): StatementFault[] {
  return documents.flatMap(({ path, sha256 }): StatementFault[] => {
    const found = digests.get(path);
    if (found === undefined) return [{ kind: 'document', detail: `${path} was not looked at` }];
    if ('fault' in found) return [{ kind: 'document', detail: `${path} ${found.fault}` }];
    return found.sha256 === sha256 ? [] : [{ kind: 'document', detail: `${path} has the SHA-256 ${found.sha256}, stated is ${sha256}` }];
  });
}
