// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { measure, type MeasureOptions, type Serialization } from '../../src/provenance/manifest.ts';
import { keySigner, signPayload } from '../../src/provenance/sign.ts';
import { statementOf } from '../../src/provenance/statement.ts';
import { rootOf } from '../../src/provenance/tree.ts';
import type { Verification } from '../../src/provenance/verification.ts';
import { verify } from '../../src/provenance/verify.ts';

/** Published vectors, kept beside the project where they are available; tests over them skip themselves otherwise. */
export const conformance = join(import.meta.dirname, '../../../shared/conformance/oms');
export const hasConformance = existsSync(conformance);
if (!hasConformance) console.warn('OMS conformance vectors are not here: tests over them are skipped');

export const files: Serialization = { method: 'files', hash: 'sha256' };
export const shards = (shardSize: number): Serialization => ({ method: 'shards', hash: 'sha256', shardSize });

/** A folder that goes away after the test. */
export function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'assay-oms-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a model; gives its path. Names may have folders in them. */
export function model(content: Readonly<Record<string, string | Uint8Array>>, name = 'model'): string {
  const root = join(temporary(), name);
  mkdirSync(root);
  for (const [file, bytes] of Object.entries(content)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), bytes);
  }
  return root;
}

/** A key pair of its own for each curve, made once. */
export const pairs = Object.fromEntries(['P-256', 'P-384', 'P-521'].map((curve) => [curve, generateKeyPairSync('ec', { namedCurve: curve })])) as
  Record<string, { privateKey: KeyObject; publicKey: KeyObject }>;
export const pair = pairs['P-256']!;

export function options(serialization: Serialization = files, more: Partial<MeasureOptions> = {}): MeasureOptions {
  return { serialization, ignore: [], ignoreGit: true, profile: 'spec', ...more };
}

type Predicate = { serialization: Record<string, unknown>; resources: Record<string, unknown>[]; [key: string]: unknown };
/** A statement as plain JSON, to be bent in tests. */
export type Plain = { _type: string; subject: Record<string, unknown>[]; predicateType: string; predicate: Predicate; [key: string]: unknown };

/** Signs a model beside it, after `bend` has had its way with the statement: the signature itself always holds. */
export async function signed(root: string, bend: (statement: Plain) => Plain | void = () => undefined, more: Partial<MeasureOptions> = {}, key = pair.privateKey): Promise<string> {
  const manifest = await measure(rootOf(root), options(more.serialization, more));
  const statement = JSON.parse(statementOf(manifest)) as Plain;
  const bent = bend(statement) ?? statement;
  const path = join(temporary(), 'model.sig');
  writeFileSync(path, await signPayload(Buffer.from(JSON.stringify(bent)), keySigner(key)));
  return path;
}

export function verified(root: string, signature: string, more: { ignore?: string[]; ignoreUnsigned?: boolean; key?: KeyObject; signatureName?: string } = {}): Promise<Verification> {
  return verify(rootOf(root), { key: pair.publicKey, signature, ...more });
}

/** The details of all problems, one a line. */
export function words(result: Verification): string {
  return result.problems.map(({ kind, detail }) => `${kind}: ${detail}`).join('\n');
}

