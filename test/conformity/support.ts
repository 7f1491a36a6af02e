import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folder } from '../support/folder.ts';
import { keyFiles, ran, type Ran } from '../commands/support.ts';
import { register } from '../../src/commands/conformity.ts';
import { register as bom } from '../../src/commands/bom.ts';
import { register as ledger } from '../../src/commands/ledger.ts';
import { register as sign } from '../../src/commands/sign.ts';
import type { Conformity, ProvisionResult } from '../../src/conformity/conformity.ts';

/** A safetensors file with one tensor of four bytes. */
export function weights(value = 0): Uint8Array {
  const header = Buffer.from(JSON.stringify({ w: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }));
  const out = Buffer.alloc(8 + header.length + 4);
  out.writeBigUInt64LE(BigInt(header.length));
  header.copy(out, 8);
  out.writeFloatLE(value, 8 + header.length);
  return out;
}

export const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

export const card = `---
license: apache-2.0
---
# Acme classifier

## Intended use
Sorting support tickets. Scope: English text.

## Out-of-scope use
Decisions on people.

## Training data
Tickets of 2024, see https://example.org/tickets.

## Limitations
English only.

## Guardrails
None.

## Retention
Tickets are kept for 30 days.

## Review
Reviewed every 6 months.

## Failure modes
Short tickets are sorted at random.
`;

/** A release with everything that files can show, before BOM and signature. */
export function release(more: Readonly<Record<string, string | Uint8Array>> = {}): string {
  return folder({
    'README.md': card, LICENSE: 'Apache License 2.0\n', 'model.safetensors': weights(1), 'config.json': '{"model_type":"bert","architectures":["Bert"]}', 'SECURITY.md': 'Report to security@example.org\n', ...more,
  });
}

/** Writes SHA256SUMS over the files named. */
export function sums(root: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  writeFileSync(join(root, 'SHA256SUMS'), Object.entries(files).map(([name, bytes]) => `${sha256(bytes)}  ${name}\n`).join(''));
}

export async function conformity(...argv: string[]): Promise<Ran> {
  return ran(register, 'conformity', ...argv);
}

/** The result as JSON, judged as of a fixed day. */
export async function judged(root: string, ...argv: string[]): Promise<Conformity> {
  return JSON.parse((await conformity(root, '-f', 'json', '--at', '2026-11-01', '--fail-on', 'never', ...argv)).out) as Conformity;
}

export function row(result: Conformity, id: string): ProvisionResult {
  return result.provisions.find((one) => one.id === id)!;
}

export const commands = {
  bom: async (...argv: string[]) => ran(bom, 'bom', ...argv),
  ledger: async (...argv: string[]) => ran(ledger, 'ledger', ...argv),
  sign: async (...argv: string[]) => ran(sign, 'sign', ...argv),
};
export { keyFiles };
