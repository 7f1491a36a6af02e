// SPDX-License-Identifier: Apache-2.0
import type { Severity } from '../../model/rule.ts';

/** A kind of text that has no business in names and metadata of weights. */
export interface TextPattern {
  readonly what: string;
  readonly severity: Severity;
  /** Linear on any text: no nested or adjoining unbounded repetition. */
  readonly pattern: RegExp;
}

/** Looked for in at most 256 characters at a time, which is what facts hold. */
export const suspiciousText: readonly TextPattern[] = [
  { what: 'a private key', severity: 'medium', pattern: /-----BEGIN (?:[A-Z]{1,12} )?PRIVATE KEY-----/ },
  { what: 'an access token', severity: 'medium', pattern: /\b(?:AKIA[0-9A-Z]{16}|hf_[A-Za-z0-9]{34}|gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{40}|xox[abp]-[0-9]{8,14}-|sk-(?:ant|proj)-[A-Za-z0-9_-]{20})/ },
  { what: 'script for a web page', severity: 'medium', pattern: /<script\b|<iframe\b|<svg[^>]{0,80}\bonload\b|\bjavascript:[a-z(]|\bon(?:error|load|click)\s?=\s?["']/i },
  { what: 'Python code', severity: 'medium', pattern: /__import__\s?\(|\b(?:eval|exec)\(\s?["'(a-z_]|\bos\.(?:system|popen)\s?\(|\bsubprocess\.[A-Za-z_]{3,20}\s?\(|__(?:globals|builtins|subclasses|reduce)__/ },
  { what: 'a shell command', severity: 'medium', pattern: /\$\([a-z]{2,12} |\b(?:curl|wget) [^|\n]{1,120}\|\s?(?:ba|z)?sh\b|\/bin\/(?:ba)?sh -c\b/ },
  { what: 'a path out of its folder', severity: 'low', pattern: /(?:^|[=/\\])\.\.[/\\]|\/etc\/(?:passwd|shadow|cron)|\bC:\\Windows\\/i },
];
