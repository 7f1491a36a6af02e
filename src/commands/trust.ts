// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { UsageError } from '../model/usage-error.ts';
import { rootsFrom } from '../provenance/certificates.ts';
import { covered } from '../provenance/covered.ts';
import { publicKeyFrom } from '../provenance/keys.ts';
import { nameWithin, type Root } from '../provenance/tree.ts';
import type { VerifyOptions } from '../provenance/verification.ts';
import { chosenRules } from '../run/rules.ts';
import { scan } from '../run/scan.ts';
import { trustRules, type Stand } from '../trust/demands.ts';
import type { Verified } from '../trust/ladder.ts';
import { defaultPolicy, parsePolicy, type TrustedSigner, type TrustPolicy } from '../trust/policy.ts';
import { outputsFrom, showsFacts } from './formats-of-report.ts';
import { keylessFrom } from './identity-options.ts';
import { collect, modelAt, readSmall, signatureOf } from './model-options.ts';
import { addLimits, repeat } from './options.ts';
import { note } from './output.ts';
import type { ScanFlags } from './scan-flags.ts';
import { exitCodeOf, scanOptions, summaryLine, writeReport } from './scan.ts';

interface TrustFlags extends ScanFlags {
  readonly policy?: string;
  readonly signature?: readonly string[];
}

/** Adds `assay trust`. */
export function register(program: Command): void {
  const command = program.command('trust')
    .description('scan, check signatures, and hold what was found against a policy of who and what is trusted')
    .argument('<path>', 'a file or folder')
    .option('--policy <file>', 'YAML: signers, builders, sources, and the least proof for each component (default: digests recorded, lineage declared)')
    .option('--signature <file>', 'a signature to check against the signers of the policy (default: PATH/model.sig where there is one); repeatable', collect)
    .option('-f, --format <name[=file]>', 'document to write, as in scan; repeatable', repeat)
    .option('-o, --output <file>', 'where the one format without a file of its own goes')
    .option('--fail-on <severity>', 'severity from which the exit code is 1 or 2, or never (default high)')
    .option('--strict', 'the same as --fail-on medium')
    .option('-j, --jobs <n>', 'inspecting processes at once (default: one for each core)')
    .option('--no-probe', 'do not run ONNX models (in a sealed process) to see how they behave')
    .option('-q, --quiet', 'no messages beside the result')
    .option('-v, --verbose', 'list everything, with evidence')
    .option('--no-color', 'no colour');
  addLimits(command).action(async (path: string, flags: TrustFlags) => {
    process.exitCode = await runTrust(path, flags);
  });
}

/** Exit codes as those of `scan`: 1 when a demand of the policy is not met. Throws `UsageError`. */
export async function runTrust(path: string, flags: TrustFlags): Promise<number> {
  const outputs = outputsFrom(flags.format, flags.output);
  const policy = flags.policy === undefined ? defaultPolicy : await parsePolicy(readSmall(flags.policy, '--policy'), flags.policy);
  const root = modelAt(path);
  const trust = await standing(root, path, policy, flags);
  const report = await scan([path], { ...scanOptions(flags), trust, facts: outputs.some(showsFacts) ? 'all' : 'needed' });
  const rules = [...await chosenRules(), ...trustRules({ ...trust, provenance: [] })];
  await writeReport(report, outputs, { ...flags, verbose: flags.verbose ?? false }, rules);
  if (flags.quiet !== true) note(summaryLine(report));
  return exitCodeOf(report);
}

/** Every signature against every signer; the first that fits vouches. */
async function standing(root: Root, path: string, policy: TrustPolicy, flags: TrustFlags): Promise<Omit<Stand, 'provenance'>> {
  const usual = signatureOf(root, path, undefined);
  const signatures = flags.signature ?? (existsSync(usual) ? [usual] : []);
  const verified: Verified[] = [];
  const refused: Stand['refused'][number][] = [];
  for (const signature of signatures) {
    if (!existsSync(signature)) throw new UsageError(`--signature ${signature} is not there`);
    const name = nameWithin(root, signature) ?? basename(signature);
    const reasons: string[] = [];
    const before = verified.length;
    for (const signer of policy.signers) {
      const { files, problems } = await covered(root, { key: trusted(signer, flags.policy ?? '.'), signature, signatureName: nameWithin(root, signature) });
      // Ids of a single file are its name.
      const ids = new Set([...files].map((file) => (root.kind === 'file' ? root.name : file)));
      if (ids.size > 0) verified.push({ signer: signer.name, signature: name, files: ids, ...(signer.components === undefined ? {} : { components: signer.components }) });
      if (problems.length > 0) reasons.push(`${signer.name}: ${problems[0]}${problems.length > 1 ? `, and ${problems.length - 1} more` : ''}`);
    }
    if (policy.signers.length === 0) continue; // nobody is named: a signature is neither good nor bad
    if (verified.length === before) refused.push({ signature: name, why: `the signature is of none of the ${policy.signers.length} signers that the policy names (${reasons.join('; ')})` });
  }
  return { policy, verified, refused };
}

/** Paths in a policy are from the folder it lies in. */
function trusted(signer: TrustedSigner, policy: string): VerifyOptions['key'] {
  const at = (file: string): string => resolve(dirname(policy), file);
  const { key, certificateChain, identity, issuer, trustedRoot } = signer;
  if (key !== undefined) return publicKeyFrom(readSmall(at(key), `key of ${signer.name}`), key);
  if (certificateChain !== undefined) return rootsFrom(readSmall(at(certificateChain), `certificate-chain of ${signer.name}`), certificateChain);
  return keylessFrom({ identity: identity!, issuer: issuer!, ...(trustedRoot === undefined ? {} : { trustedRoot: at(trustedRoot) }) })!;
}
