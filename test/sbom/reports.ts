// SPDX-License-Identifier: Apache-2.0
// Reports written by hand, for tests of what is made of them.
import { createHash } from 'node:crypto';
import type { Coverage, Inspected } from '../../src/model/artefact.ts';
import type { ClaimField, Fact } from '../../src/model/fact.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { Report } from '../../src/model/report.ts';

export function file(id: string, format: string, facts: readonly Fact[] = [], coverage: Coverage = 'complete', size = 100): Inspected {
  return { artefact: { id, size, format, digests: { sha256: createHash('sha256').update(id).digest('hex') } }, coverage, facts };
}

export function unhashed(id: string, format: string, coverage: Coverage = 'failed'): Inspected {
  return { artefact: { id, size: 10, format, digests: {} }, coverage, facts: [] };
}

export function claim(field: ClaimField, value: string, at: readonly [number, number] = [0, 1]): Fact {
  return { kind: 'claim', field, value, at };
}

export function tensor(name: string, dtype: string, ...shape: number[]): Fact {
  return { kind: 'tensor', name, dtype, shape };
}

export function finding(rule: string, artefact: string, more: Partial<Finding> = {}): Finding {
  const fingerprint = createHash('sha256').update(`${rule}${artefact}`).digest('hex').slice(0, 32);
  return { rule, artefact, severity: 'critical', confidence: 'high', message: `${rule} in ${artefact}`, fingerprint, evidence: [], provisions: [], references: [], ...more };
}

export function report(root: string, inspected: readonly Inspected[], findings: readonly Finding[] = []): Report {
  const files = inspected.filter(({ artefact }) => !artefact.id.includes('!/'));
  const count = (coverage: Coverage): number => inspected.filter((one) => one.coverage === coverage).length;
  const summary = {
    verdict: 'clean' as const,
    artefacts: inspected.length,
    files: files.length,
    bytes: files.reduce((sum, { artefact }) => sum + artefact.size, 0),
    incomplete: count('partial') + count('failed'),
    unsupported: count('unsupported'),
    excluded: 0,
    findings: { critical: 0, high: 0, medium: 0, low: 0, info: 0 },
  };
  return { tool: { name: 'assay', version: '0.1.0', ruleset: 'f'.repeat(64) }, root, failOn: 'high', summary, inspected, findings };
}

const card = 'README.md!/front-matter.yaml';

/** A fine-tune with card, configuration, tokenizer with template, two shards with an index, and data. */
export function fineTune(): Report {
  return report('my-finetune', [
    file('README.md', 'card'),
    file(card, 'yaml', [
      claim('licence', 'apache-2.0', [10, 20]), claim('task', 'text-generation', [30, 40]), claim('language', 'en', [50, 52]), claim('language', 'de', [53, 55]),
      claim('library', 'transformers', [60, 70]), claim('base-model-relation', 'finetune', [71, 80]), claim('tag', 'trl', [81, 84]), claim('metric', 'accuracy=0.91 on glue', [85, 90]),
      { kind: 'link', role: 'base-model', target: 'meta-llama/Llama-3.2-1B', at: [100, 120] },
      { kind: 'link', role: 'dataset', target: 'HuggingFaceH4/ultrachat_200k', at: [121, 140] },
      { kind: 'link', role: 'evaluation-dataset', target: 'nyu-mll/glue', at: [141, 150] },
    ]),
    file('LICENSE', 'unknown', [], 'unsupported'),
    file('config.json', 'json', [
      claim('architecture', 'LlamaForCausalLM'), claim('model-type', 'llama'), claim('hidden-size', '16'), claim('context-length', '131072'), claim('library-version', '4.45.0'),
      { kind: 'link', role: 'base-model', target: '/home/alice/models/checkpoint-500', detail: '_name_or_path' },
    ]),
    file('data/train.jsonl', 'jsonl', [{ kind: 'column', name: 'text', type: 'string', rows: 7, nulls: 0 }]),
    file('model-00001-of-00002.safetensors', 'safetensors', [tensor('a', 'BF16', 10, 20), tensor('s', 'F32')]),
    file('model-00002-of-00002.safetensors', 'safetensors', [tensor('b', 'BF16', 30, 40)]),
    file('model.safetensors.index.json', 'json', [
      { kind: 'link', role: 'shard', target: 'model-00001-of-00002.safetensors' }, { kind: 'link', role: 'shard', target: 'model-00002-of-00002.safetensors' },
    ]),
    file('tokenizer_config.json', 'json', [claim('tokenizer-class', 'PreTrainedTokenizerFast')]),
    file('tokenizer_config.json!/chat_template', 'jinja', [], 'complete', 40),
  ], [
    finding('chat-template-code', 'tokenizer_config.json!/chat_template', { references: ['CWE-1336', 'CVE-2024-34359', 'https://example.org/advisory'], provisions: ['5.2.3-1'], at: [3, 9], evidence: ['a', 'b'] }),
    finding('no-signature', '', { severity: 'low', suppressed: 'signed elsewhere' }),
  ]);
}

export function dataset(): Report {
  return report('my-data', [
    file('README.md', 'card'),
    file(card, 'yaml', [claim('licence', 'odc-by'), claim('name', 'My Data')]),
    file('test.csv', 'csv', [{ kind: 'column', name: 'x', type: 'int', rows: 2, nulls: 0 }, { kind: 'column', name: 'y', type: 'int', rows: 2, nulls: 0 }]),
    file('train.csv', 'csv', [{ kind: 'column', name: 'x', type: 'int', rows: 5, nulls: 0 }]),
  ]);
}
