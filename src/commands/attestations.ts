// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { UsageError } from '../model/usage-error.ts';
import { attestationTypes, passed, readAttestation, type Attestation, type AttestationType } from '../provenance/attestation.ts';
import { readBundle, type Bundle } from '../provenance/bundle.ts';
import { Fault } from '../provenance/json.ts';
import { printable } from '../provenance/names.ts';
import type { Statement } from '../provenance/statement.ts';
import type { Root } from '../provenance/tree.ts';
import type { Note, Problem, Verification } from '../provenance/verification.ts';
import { attestationPath } from './attest.ts';
import { list } from './options.ts';

/** What `verify` may demand beside the signature. As commander gives them. */
export interface AttestationOptions {
  readonly requireAttestation?: readonly string[];
  readonly attestation?: readonly string[];
  readonly requireProperty?: readonly string[];
}

/** Adds the options of `AttestationOptions`. */
export function addAttestationOptions(command: Command): Command {
  return command
    .option('--require-attestation <TYPES>', `demand these, signed by the same signer over the same root digest: ${attestationTypes.join(', ')}`, list)
    .option('--attestation <FILE...>', 'where attestations are (default: PATH.TYPE.sigstore.json)')
    .option('--require-property <NAMES>', `what an SVR or VSA has to say (default: ${passed})`, list);
}

/** Whether any attestation is to be looked at. */
export function wantsAttestations({ requireAttestation, attestation, requireProperty }: AttestationOptions): boolean {
  if (requireAttestation === undefined && attestation === undefined && requireProperty !== undefined) {
    throw new UsageError('--require-property is given without --require-attestation');
  }
  return requireAttestation !== undefined || attestation !== undefined;
}

/** `payloadOf` gives the payload of a bundle that whoever is trusted signed, and throws `Fault` for any other. */
export interface Signed {
  readonly root: Root;
  readonly path: string;
  readonly statement: Statement | undefined;
  readonly payloadOf: (bundle: Bundle) => Buffer | Promise<Buffer>;
}

/**
 * Adds what came of the attestations to what came of the signature. Each one that is named or demanded must hold: signed by whom the
 * model's signature was demanded of, over its root digest, and saying that the model passed.
 */
export async function withAttestations(result: Verification, options: AttestationOptions, signed: Signed): Promise<Verification> {
  const demanded = typesFrom(options.requireAttestation ?? []);
  const { rootDigest } = result;
  if (rootDigest === undefined || signed.statement === undefined) return result; // the signature does not hold: nothing to compare with
  const files = options.attestation ?? demanded.map((type) => attestationPath(signed.path, type));
  const problems: Problem[] = [];
  const notes: Note[] = [];
  const met = new Set<AttestationType>();
  for (const file of files) {
    const name = basename(file);
    if (options.attestation === undefined && !existsSync(file)) continue; // told below, by what is missing
    try {
      const one = readAttestation(await signed.payloadOf(readBundle(file)), rootDigest, options.requireProperty ?? [passed]);
      const differences = one.type === 'cyclonedx' || one.type === 'spdx' ? await bomProblems(one, signed.statement, signed.root) : [];
      problems.push(...differences.map((detail): Problem => ({ kind: 'attestation', name, detail })));
      if (differences.length > 0) continue;
      met.add(one.type);
      notes.push({ kind: 'attested', name, detail: `${one.type} over the same root digest${one.time === undefined ? '' : `, made ${printable(one.time)}`}` });
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      problems.push({ kind: 'attestation', name, detail: `${printable(name)}: ${error.message}` });
    }
  }
  for (const type of demanded) {
    if (!met.has(type)) problems.push({ kind: 'attestation', detail: `an attestation of the type ${type} is demanded, and none that holds is there` });
  }
  return { ...result, verified: result.verified && problems.length === 0, problems: [...result.problems, ...problems], notes: [...result.notes, ...notes] };
}

/** A BOM that gives other digests for the signed files than the signature does. What it leaves out is not held against it. */
async function bomProblems({ predicate }: Attestation, { resources, serialization }: Statement, root: Root): Promise<string[]> {
  const { bomDifferences } = await import('./attested-bom.ts');
  const plain = serialization.method === 'files' && serialization.hash === 'sha256';
  const digests = new Map(plain ? resources.map(({ name, digest }) => [name === '.' ? root.name : name, digest]) : []);
  if (!plain) return []; // the root digest binds it; other digests are not comparable without reading all again
  const place = (name: string): string => (root.kind === 'file' ? root.path : `${root.path}/${name}`);
  let differences;
  try {
    differences = await bomDifferences(JSON.stringify(predicate), [...digests.keys()], (name) => digests.get(name), place);
  } catch (error) {
    if (error instanceof UsageError) throw new Fault('attestation', error.message);
    throw error;
  }
  return differences.filter(({ kind }) => kind === 'changed' || kind === 'outside').map(({ path, detail }) => `the BOM and the signature disagree on ${printable(path)}: ${detail}`);
}

function typesFrom(given: readonly string[]): AttestationType[] {
  return given.map((name) => {
    const type = attestationTypes.find((one) => one === name);
    if (type === undefined) throw new UsageError(`--require-attestation is ${name}; allowed are ${attestationTypes.join(', ')}`);
    return type;
  });
}
