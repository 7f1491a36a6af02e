// SPDX-License-Identifier: Apache-2.0
import type { Checked, Level, Lint } from './index.ts';

const homepage = 'https://github.com/assay-scan/assay';
const scores: Record<Level, string> = { error: '7.0', warning: '4.0', note: '1.0' };
/** GitHub's code scanning keeps the first 5,000 results of a run. */
const kept = 5000;

/** Problems of BOMs as SARIF 2.1.0 (OASIS): each at its line, with its JSON pointer as the logical location. */
export function sarifOf(results: readonly (Checked & { readonly file: string })[], lints: ReadonlyMap<string, Lint>, version: string): string {
  const all = results.flatMap(({ file, problems }) => problems.map((problem) => ({ file, ...problem })));
  const used = [...lints.values()].filter(({ id }) => all.some(({ code }) => code === id));
  const index = new Map(used.map(({ id }, position) => [id, position]));
  const unchecked = results.filter(({ state }) => state === 'unchecked' || state === 'limit');
  const run = {
    tool: {
      driver: {
        name: 'assay bom validate', version, semanticVersion: version, informationUri: homepage,
        rules: used.map(({ id, level, title, why, fix }) => ({
          id,
          shortDescription: { text: title },
          fullDescription: { text: why },
          help: { text: `${why}\n\n${fix}`, markdown: `${why}\n\n**Fix:** ${fix}` },
          defaultConfiguration: { level },
          properties: { 'security-severity': scores[level], tags: ['sbom', 'ai-bom'] },
        })),
      },
    },
    columnKind: 'utf16CodeUnits',
    invocations: [{
      executionSuccessful: unchecked.length === 0,
      toolExecutionNotifications: unchecked.map(({ file, what }) => ({ level: 'error', message: { text: `${file}: not checked: ${what ?? ''}` } })),
    }],
    artifacts: results.map(({ file }) => ({ location: { uri: uriOf(file) } })),
    results: all.slice(0, kept).map(({ file, code, level, message, pointer, position }) => ({
      ruleId: code,
      ruleIndex: index.get(code),
      level,
      message: { text: message },
      locations: [{
        physicalLocation: { artifactLocation: { uri: uriOf(file) }, region: { startLine: position.line, startColumn: position.column } },
        logicalLocations: [{ fullyQualifiedName: pointer === '' ? '/' : pointer, kind: 'member' }],
      }],
      partialFingerprints: { 'assay/bom/v1': `${code}:${pointer}` },
    })),
  };
  return `${JSON.stringify({ $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] }, undefined, 2)}\n`;
}

/** A path as a relative reference; one outside the folder keeps its name only. */
function uriOf(file: string): string {
  const inside = /^([/\\]|[A-Za-z]:)/.test(file) || file.split(/[\\/]/).includes('..') ? file.split(/[\\/]/).at(-1)! : file.replace(/^\.\//, '');
  return inside.split(/[\\/]/).map((part) => encodeURIComponent(part.toWellFormed())).join('/');
}
