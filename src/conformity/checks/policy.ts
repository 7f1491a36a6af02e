// SPDX-License-Identifier: Apache-2.0
// Records that people keep: exceptions, waivers, advisories, disclosure policy, disposal, logs (5.1.3-1.3, 5.1.3-2, 5.2.2-4, 5.2.3-2, 5.5.1).
import { listed } from '../asset.ts';
import { held, judged, notApplicable, notAssessed, noTexts, type Basis, type Check, type Gap } from '../basis.ts';
import { components, type Component } from '../components.ts';
import type { Exception } from '../declaration.ts';
import { modelFolders } from './inventory.ts';

/** Components from outside that are poorly documented or unsecured, with the exception that covers each. */
export function exceptional(basis: Basis): { component: Component; exception: Exception | undefined }[] {
  const exceptions = basis.declaration?.exceptions ?? [];
  return components(basis).filter(({ external, lacks }) => external !== undefined && lacks.length > 0).map((component) => ({
    component,
    exception: exceptions.find((one) => covers(one.component, component.name) && one.expires >= basis.asOf),
  }));
}

function covers(exception: string, component: string): boolean {
  const named = exception.replace(/^pkg:[a-z]+\//, '').replace(/@.*$/, '').replace(/\/+$/, '');
  return named === component || (named === '.' && component === '.') || (component !== '.' && (component.startsWith(`${named}/`) || named.endsWith(`/${component}`)));
}

function exceptionCheck(id: string, title: string, lacking: (exception: Exception | undefined, basis: Basis) => string | undefined, fix: string, needsTexts = false): Check {
  return {
    id, title, severity: id === 'POL-NOT-PUBLISHED' ? 'medium' : 'high', fix,
    run(basis) {
      if (!basis.hasFacts) return notAssessed('the report was written without facts; scan the folder or write it with --facts');
      if (needsTexts && basis.texts === undefined) return noTexts;
      const all = exceptional(basis);
      if (all.length === 0) return notApplicable('no component from outside is poorly documented or unsecured');
      const gaps = all.flatMap(({ component, exception }): Gap[] => {
        const what = lacking(exception, basis);
        return what === undefined ? [] : [{ message: `${component.name} lacks ${listed(component.lacks)}: ${what}`, artefact: component.here && component.name !== '.' ? component.name : '', key: `${id} ${component.name}` }];
      });
      return judged(gaps, `${all.length} components are covered by exception records`, basis.declaration === undefined ? [] : [basis.declaration.path]);
    },
  };
}

export const policyChecks: readonly Check[] = [
  {
    id: 'POL-UNDOCUMENTED', title: 'Components from outside are documented and secured, or known not to be', severity: 'medium', fix: 'Get what is missing from the supplier, or write an exception record.',
    run(basis) {
      if (!basis.hasFacts) return notAssessed('the report was written without facts; scan the folder or write it with --facts');
      const all = exceptional(basis);
      if (all.length === 0) return notApplicable('no component from outside is poorly documented or unsecured');
      // Using it is allowed with a justification: whether there is one is POL-NO-JUSTIFICATION.
      return held(`${all.length} components are: ${listed(all.map(({ component }) => `${component.name} (${component.lacks.join(', ')})`), 4)}`, basis.assets.filter(({ role }) => role === 'weights').map(({ path }) => path));
    },
  },
  exceptionCheck('POL-NO-JUSTIFICATION', 'A written justification is there for each', (one) => (one === undefined ? 'no exception record that is in date covers it' : one.justification.trim() === '' ? 'its exception record has no justification' : undefined), 'Write an exception record into the declaration: component, lacks, justification, owner, date, expires.'),
  exceptionCheck('POL-NO-RISK-ASSESSMENT', 'A risk assessment is there for each', (one) => (one?.riskAssessment === undefined ? 'no risk assessment is cited' : undefined), 'Cite the risk assessment with its SHA-256 in the exception record.'),
  exceptionCheck('POL-NO-MITIGATION', 'Mitigating controls are there for each', (one) => (one === undefined || one.mitigations.length === 0 ? 'no mitigating control is recorded' : undefined), 'List the controls in the exception record: sandboxed loading, conversion to safetensors …'),
  exceptionCheck('POL-NOT-PUBLISHED', 'End-users can find it', (one, basis) => {
    if (one?.disclosedIn === undefined) return 'nothing says where end-users find the justification';
    const path = one.disclosedIn.replace(/#.*$/, '');
    return /^https?:\/\//.test(path) || basis.assets.some((asset) => asset.path === path) ? undefined : `it is said to be disclosed in ${path}, which is not under the root`;
  }, 'Put it into the user documentation, and name the place in `disclosedIn`.', true),
  {
    id: 'POL-WAIVER-INCOMPLETE', title: 'Accepted findings have a reason that somebody wrote', severity: 'medium', fix: 'Give each entry of the baseline a reason and an expiry.',
    run({ report }) {
      const accepted = report.findings.filter(({ suppressed }) => suppressed !== undefined);
      if (accepted.length === 0) return notApplicable('no finding is accepted by a baseline');
      const bare = accepted.filter(({ suppressed }) => suppressed!.trim().length < 8 || /not reviewed/.test(suppressed!));
      return judged(bare.map(({ rule, artefact, fingerprint }) => ({ message: `the finding ${rule} of ${artefact} is accepted without a reason of its own`, artefact, key: `waiver ${fingerprint}` })), `${accepted.length} accepted findings have reasons`, accepted.map(({ artefact }) => artefact.split('!/', 1)[0]!));
    },
  },
  {
    id: 'POL-WAIVER-EXPIRED', title: 'No exception has expired', severity: 'medium', fix: 'Decide again, and write a new date.',
    run({ declaration, asOf }) {
      if (declaration === undefined || declaration.exceptions.length === 0) return notApplicable('no exception is declared');
      return judged(declaration.exceptions.filter(({ expires }) => expires < asOf).map(({ component, expires, owner }) => ({ message: `the exception of ${component} (${owner}) expired on ${expires}; judged as of ${asOf}`, artefact: '', key: `expired ${component}` })), `${declaration.exceptions.length} exceptions are in date`, [declaration.path]);
    },
  },
  {
    id: 'VDP-MISSING', title: 'A vulnerability disclosure policy is there', severity: 'medium', fix: 'Ship a SECURITY.md or security.txt (RFC 9116) with a contact, or a security-contact in the BOM.',
    run(basis) {
      const files = basis.assets.filter(({ name }) => /^(security(\.(md|txt|rst))?|vulnerability[_-]disclosure[\w.-]*)$/i.test(name));
      const good = files.filter(({ path }) => basis.texts === undefined || /\S@\S|https?:\/\/|report|contact/i.test(basis.texts.get(path) ?? ''));
      const bom = basis.boms.find(({ references }) => references.some(({ type, url }) => type === 'security-contact' && /^(https?:|mailto:)/.test(url)));
      if (good.length > 0) return held(listed(good.map(({ path }) => path)), good.map(({ path }) => path));
      if (bom !== undefined) return held(`security contact in ${bom.path}`, [bom.path]);
      return judged([{ message: files.length > 0 ? `${files[0]!.path} names no contact and no way to report` : 'no SECURITY.md, security.txt or security contact in a BOM', artefact: files[0]?.path ?? '', key: 'vdp' }], '', []);
    },
  },
  {
    id: 'VDP-EXPIRED', title: 'security.txt is in date and has a contact', severity: 'low', fix: 'Renew Expires and check Contact (RFC 9116).',
    run(basis) {
      if (basis.texts === undefined) return noTexts;
      const files = basis.assets.filter(({ name }) => /^security\.txt$/i.test(name));
      if (files.length === 0) return notApplicable('there is no security.txt');
      const gaps = files.flatMap(({ path }): Gap[] => {
        const text = basis.texts!.get(path) ?? '';
        const expires = /^Expires:\s*(\d{4}-\d{2}-\d{2})/im.exec(text)?.[1];
        if (expires === undefined) return [{ message: `${path} has no Expires, which RFC 9116 requires`, artefact: path, key: 'expires' }];
        if (expires < basis.asOf) return [{ message: `${path} expired on ${expires}; judged as of ${basis.asOf}`, artefact: path, key: 'expired' }];
        return /^Contact:\s*\S/im.test(text) ? [] : [{ message: `${path} has no Contact, which RFC 9116 requires`, artefact: path, key: 'contact' }];
      });
      return judged(gaps, 'security.txt is in date', files.map(({ path }) => path));
    },
  },
  {
    id: 'VEX-UNCOVERED', title: 'Open findings are told to those downstream', severity: 'medium', fix: 'Ship a VEX statement or advisory that names the finding (rule id or CVE), or correct it.',
    run(basis) {
      const open = basis.report.findings.filter(({ suppressed, severity }) => suppressed === undefined && (severity === 'critical' || severity === 'high' || severity === 'medium'));
      if (open.length === 0) return notApplicable('no finding of medium severity or above is open');
      const named = basis.advisories.map(({ id }) => id.toLowerCase());
      const uncovered = open.filter(({ rule, fingerprint, references }) => ![rule, `assay:${rule}`, fingerprint, ...references].some((id) => named.some((one) => one === id.toLowerCase() || one.includes(rule))));
      const byRule = [...Map.groupBy(uncovered, ({ rule }) => rule)];
      return judged(byRule.map(([rule, found]) => ({ message: `${found.length} open findings of ${rule} are in no VEX statement, advisory or BOM of the release`, artefact: found[0]!.artefact, key: `vex ${rule}` })), `${open.length} open findings are stated in ${listed([...new Set(basis.advisories.map(({ path }) => path))])}`, basis.advisories.map(({ path }) => path));
    },
  },
  {
    id: 'VEX-INCOMPLETE', title: 'Statements on open findings say what it is, what follows, and what to do', severity: 'low', fix: 'Add description, impact and action to each statement.',
    run({ advisories }) {
      if (advisories.length === 0) return notApplicable('no VEX statement or advisory lies under the root');
      const gaps = advisories.flatMap(({ path, id, description, impact, action, state }): Gap[] => {
        if (/^(not_affected|fixed|resolved|false_positive)$/.test(state)) return [];
        const lacks = [...(description === '' ? ['description'] : []), ...(impact === '' ? ['impact'] : []), ...(action === '' ? ['action'] : [])];
        return lacks.length === 0 ? [] : [{ message: `the statement on ${id} in ${path} lacks ${lacks.join(' and ')}`, artefact: path, key: `vex ${id}` }];
      });
      return judged(gaps, `${advisories.length} statements are whole`, [...new Set(advisories.map(({ path }) => path))]);
    },
  },
  {
    id: 'DSP-RECORD', title: 'A disposal record is there', severity: 'medium', fix: 'Write what was disposed of, when, how and with which custodian into `disposals` of the declaration.',
    run({ declaration }) {
      const records = declaration?.disposals ?? [];
      if (records.length === 0) return judged([{ message: 'no disposal is recorded in the declaration', artefact: '', key: 'disposal' }], '', []);
      const gaps = records.flatMap(({ name, method, custodian }): Gap[] => (method.trim() === '' || custodian.trim() === '' ? [{ message: `the disposal of ${name} names no ${method.trim() === '' ? 'method' : 'custodian'}`, artefact: '', key: `disposal ${name}` }] : []));
      return judged(gaps, `${records.length} disposals are recorded`, [declaration!.path]);
    },
  },
  {
    id: 'DSP-RESIDUAL', title: 'Nothing that was disposed of is still there', severity: 'high', fix: 'Delete the file wherever it is, backups included, and record it.',
    run(basis) {
      const records = basis.declaration?.disposals ?? [];
      if (records.length === 0) return notAssessed('no disposal is recorded to look for (disposals in the declaration)');
      const gone = new Map(records.flatMap(({ name, sha256 }) => sha256.map((one) => [one, name] as const)));
      const gaps = basis.report.inspected.flatMap(({ artefact }): Gap[] => {
        const name = gone.get(artefact.digests.sha256 ?? '');
        return name === undefined ? [] : [{ message: `${artefact.id} is ${name}, which is recorded as disposed of`, artefact: artefact.id, key: 'residual' }];
      });
      if (gaps.length === 0 && basis.incomplete.length > 0) return notAssessed(`the scan is incomplete: ${listed(basis.incomplete, 3)}`);
      return judged(gaps, `none of ${gone.size} disposed digests is under the root`, basis.assets.map(({ path }) => path));
    },
  },
  {
    id: 'LOG-MISSING', title: 'Logs were given', severity: 'low', fix: 'Give a root with the logs of the system, or attest how they are kept.',
    run({ assets }) {
      const logs = assets.filter(({ role }) => role === 'log');
      return logs.length === 0 ? notAssessed('no logs lie under the root') : held(`${logs.length} log files`, logs.map(({ path }) => path));
    },
  },
  {
    id: 'LOG-GAP', title: 'Logs have no day without entries', severity: 'low', fix: 'Find out why nothing was logged.',
    run(basis) {
      const logs = basis.assets.filter(({ role, path }) => role === 'log' && basis.texts?.has(path) === true);
      if (logs.length === 0) return notAssessed('no logs that can be read lie under the root');
      const days = [...new Set(logs.flatMap(({ path }) => [...basis.texts!.get(path)!.matchAll(/\b\d{4}-\d{2}-\d{2}(?=[T ]\d{2}:)/g)].map(([day]) => day)))].sort();
      if (days.length === 0) return notAssessed('the logs carry no times in ISO form');
      const gaps = days.slice(1).flatMap((day, i): Gap[] => {
        const between = Math.round((Date.parse(day) - Date.parse(days[i]!)) / 86_400_000);
        return between > 1 ? [{ message: `nothing is logged between ${days[i]} and ${day}`, artefact: logs[0]!.path, key: `log ${day}` }] : [];
      });
      return judged(gaps.slice(0, 20), `entries on every day from ${days[0]} to ${days.at(-1)!}`, logs.map(({ path }) => path));
    },
  },
  {
    id: 'LOG-NO-INTEGRITY', title: 'Logs carry evidence against tampering', severity: 'low', fix: 'Sign the logs or keep their digests in the ledger.',
    run({ assets, signatures }) {
      const logs = assets.filter(({ role }) => role === 'log');
      if (logs.length === 0) return notAssessed('no logs lie under the root');
      const covered = signatures.filter(({ state }) => state === 'verified').flatMap(({ files }) => [...files.keys()]);
      return judged(logs.filter(({ path }) => !covered.includes(path)).map(({ path }) => ({ message: `${path} is covered by no verified signature`, artefact: path, key: 'log-integrity' })), 'every log is covered by a signature', logs.map(({ path }) => path));
    },
  },
  { id: 'LOG-ANOMALY', title: 'Series in logs do not jump', severity: 'medium', fix: 'Look at what changed.', planned: 'logs have no common form whose series could be compared' },
  { id: 'DEP-VULN', title: 'No dependency has a known vulnerability', severity: 'medium', fix: 'Run a scanner of software dependencies (OSV) and update.', planned: 'needs an advisory database, which is not shipped' },
  { id: 'DEP-EOL', title: 'No framework is past its support', severity: 'medium', fix: 'Move to a supported version.', planned: 'needs a table of end-of-support dates, which is not shipped' },
  { id: 'FMT-OUTDATED-WRITER', title: 'The writing framework has no known load-time flaw', severity: 'medium', fix: 'Write the file again with a current version.', planned: 'needs an advisory database, which is not shipped' },
  {
    id: 'DEP-UNPINNED', title: 'Dependencies are pinned', severity: 'low', fix: 'Pin every requirement with == and a hash, or ship a lockfile.',
    run(basis) {
      if (basis.texts === undefined) return noTexts;
      const lists = basis.assets.filter(({ name }) => /^(requirements[\w.-]*\.txt|environment\.ya?ml|pyproject\.toml)$/i.test(name));
      if (lists.length === 0) return notApplicable('no list of dependencies lies under the root');
      if (basis.assets.some(({ name }) => /^(poetry\.lock|uv\.lock|pdm\.lock|conda-lock\.yml|pipfile\.lock|pixi\.lock)$/i.test(name))) return held('a lockfile is there', lists.map(({ path }) => path));
      const gaps = lists.filter(({ name }) => /^requirements/i.test(name)).flatMap(({ path }): Gap[] => {
        const open = basis.texts!.get(path)!.split('\n').map((line) => line.slice(0, 500).replace(/#.*$/, '').trim()).filter((line) => /^[A-Za-z0-9]/.test(line) && !/===?\s*[\w.!+-]+|@ \S+(#|@)\S*[0-9a-f]{12}/.test(line));
        return open.length === 0 ? [] : [{ message: `${open.length} requirements in ${path} are not pinned: ${listed(open.map((one) => one.slice(0, 60)), 5)}`, artefact: path, key: 'unpinned' }];
      });
      const loose = lists.filter(({ name }) => !/^requirements/i.test(name));
      if (gaps.length === 0 && loose.length === lists.length) return judged(loose.map(({ path }) => ({ message: `${path} has no lockfile beside it`, artefact: path, key: 'lock' })), '', []);
      return judged(gaps, 'every requirement is pinned', lists.map(({ path }) => path));
    },
  },
  {
    id: 'CFG-PIPELINE-UNPINNED', title: 'Pipelines fetch actions, images and models pinned', severity: 'medium', fix: 'Name a commit or digest in place of a tag.',
    run(basis) {
      if (basis.texts === undefined) return noTexts;
      const files = basis.assets.filter(({ path, name }) => /(^|\/)\.github\/workflows\/.+\.ya?ml$|(^|\/)\.gitlab-ci\.yml$|^(jenkinsfile|dockerfile|containerfile)$/i.test(path) || /^(dockerfile|containerfile|jenkinsfile|docker-compose\.ya?ml)$/i.test(name));
      if (files.length === 0) return notApplicable('no pipeline file lies under the root');
      const gaps = files.flatMap(({ path }): Gap[] => basis.texts!.get(path)!.split('\n').flatMap((whole): Gap[] => {
        const line = whole.slice(0, 500);
        const found = /^\s*-?\s*uses:\s*([^\s#]+)/.exec(line)?.[1] ?? /^\s*FROM\s+(?:--\S+\s+)?(\S+)/i.exec(line)?.[1] ?? /^\s*image:\s*["']?([^\s"'#]+)/.exec(line)?.[1];
        return found === undefined || found.startsWith('./') || /@(sha256:)?[0-9a-f]{40,64}$/.test(found) || /^scratch$/i.test(found) ? [] : [{ message: `${path} fetches ${found.slice(0, 120)} by a reference that can move`, artefact: path, key: `pipeline ${found}` }];
      }));
      return judged(gaps, 'pipelines fetch pinned references only', files.map(({ path }) => path));
    },
  },
  {
    id: 'AGT-BROAD-TOOL', title: 'No tool of an agent is granted more than it needs', severity: 'medium', fix: 'Grant single folders and commands in place of the shell, the root or wildcards.',
    run(basis) {
      const tools = toolFiles(basis);
      if (basis.texts === undefined) return noTexts;
      if (tools.length === 0) return notApplicable('no tool, MCP or agent configuration lies under the root');
      const broad: readonly (readonly [string, RegExp])[] = [['a shell', /"(command|cmd)"\s*:\s*"(bash|sh|zsh|cmd(\.exe)?|powershell|pwsh)"/i], ['the root of the file system', /"(\/|[A-Z]:\\\\|~)"/], ['every scope', /"(scopes?|permissions?|allow(ed)?\w*)"\s*:\s*(\[\s*)?"\*"/i], ['privileged mode', /--privileged|"privileged"\s*:\s*true/i]];
      const gaps = tools.flatMap(({ path }): Gap[] => broad.filter(([, pattern]) => pattern.test(basis.texts!.get(path)!)).map(([what]) => ({ message: `${path} grants ${what}`, artefact: path, key: `tool ${what}` })));
      return judged(gaps, `${tools.length} tool configurations grant no shell, root or wildcard`, tools.map(({ path }) => path));
    },
  },
  {
    id: 'AGT-UNPINNED-TOOL', title: 'Tools of an agent are pinned', severity: 'medium', fix: 'Name version or digest of every tool server.',
    run(basis) {
      const tools = toolFiles(basis);
      if (basis.texts === undefined) return noTexts;
      if (tools.length === 0) return notApplicable('no tool, MCP or agent configuration lies under the root');
      const gaps = tools.flatMap(({ path }): Gap[] => {
        const text = basis.texts!.get(path)!;
        const loose = [...text.matchAll(/"(@?[\w./-]{1,80}@latest)"|"(?:-y|--yes)"\s*,\s*"(@?[\w./-]{1,80})"/g)].map(([, latest, bare]) => latest ?? bare!).filter((one) => !/.@\d/.test(one));
        return loose.map((one) => ({ message: `${path} runs ${one} without a version`, artefact: path, key: `tool ${one}` }));
      });
      return judged(gaps, 'tools are pinned', tools.map(({ path }) => path));
    },
  },
  {
    id: 'CAP-EXTRA-FILE', title: 'Every part of the model is needed by it', severity: 'low', fix: 'Remove what is not used, or say what it is for.',
    run(basis) {
      if (basis.texts === undefined) return noTexts;
      const folders = modelFolders(basis);
      if (folders.length === 0) return notApplicable('no weights lie under the root');
      const indexed = new Set(basis.report.inspected.flatMap(({ facts }) => facts.flatMap((fact) => (fact.kind === 'link' && fact.role === 'shard' ? [fact.target] : []))));
      const code = basis.assets.filter(({ role, path }) => role === 'code' && folders.some((folder) => folder === '' || path.startsWith(`${folder}/`)));
      // Names as they stand in texts: whole, and up to the first full stop, as auto_map has them (modeling_x.Class).
      const words = new Set<string>();
      for (const text of basis.texts.values()) {
        for (const [word] of text.matchAll(/[\w-][\w.-]{1,127}/g)) {
          words.add(word);
          words.add(word.slice(0, Math.max(0, word.indexOf('.'))));
        }
      }
      const stray = code.filter(({ name }) => !words.has(name) && !words.has(name.replace(/\.\w+$/, '')));
      const weights = indexed.size === 0 ? [] : basis.assets.filter(({ role, name, format }) => role === 'weights' && format === 'safetensors' && !indexed.has(name) && /^(model|pytorch_model|diffusion)/.test(name));
      return judged([...stray, ...weights].map(({ path }) => ({ message: `${path} is named by no configuration, index or document`, artefact: path, key: 'extra' })), 'every part is named by a configuration, index or document', basis.assets.filter(({ role }) => role === 'weights' || role === 'configuration').map(({ path }) => path));
    },
  },
  {
    id: 'CAP-EXTRA-MODALITY', title: 'The model takes no more kinds of input than its task needs', severity: 'low', fix: 'Remove the unused part, or declare the task.',
    run(basis) {
      if (basis.texts === undefined) return noTexts;
      const configs = basis.assets.filter(({ name, path }) => name === 'config.json' && basis.texts!.has(path));
      const tasks = basis.report.inspected.flatMap(({ facts }) => facts.flatMap((fact) => (fact.kind === 'claim' && fact.field === 'task' ? [fact.value.toLowerCase()] : [])));
      if (configs.length === 0 || tasks.length === 0) return notAssessed('configuration or declared task is missing, so nothing can be compared');
      const kinds: readonly (readonly [string, RegExp, RegExp])[] = [['pictures', /"vision_config"\s*:\s*\{/, /image|vision|visual|multimodal|any-to-any|video|document/], ['sound', /"audio_config"\s*:\s*\{/, /audio|speech|voice|sound|any-to-any|multimodal|music/]];
      const gaps = configs.flatMap(({ path }): Gap[] => kinds.filter(([, config, task]) => config.test(basis.texts!.get(path)!) && !tasks.some((one) => task.test(one))).map(([kind]) => ({ message: `${path} takes ${kind}; the declared task is ${listed([...new Set(tasks)], 3)}`, artefact: path, key: `modality ${kind}` })));
      return judged(gaps, `inputs fit the task ${listed([...new Set(tasks)], 3)}`, configs.map(({ path }) => path));
    },
  },
];

function toolFiles({ assets, texts }: Basis): { path: string }[] {
  return assets.filter(({ name, path }) => /^(\.?mcp|tools?|agents?|claude_desktop_config|function[_-]?calls?)[\w.-]*\.json$/i.test(name) && texts?.has(path) === true);
}
