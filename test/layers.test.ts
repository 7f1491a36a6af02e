import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { project } from './support/samples.ts';

/** Who may import whom, by folder. A scanner's own folder and a folder's own files are always allowed. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  'src/bytes': [],
  'src/sketch': [],
  'src/grammar': ['src/bytes'],
  'src/model': ['src/bytes'],
  scanners: ['src/bytes', 'src/sketch', 'src/grammar', 'src/model'],
  'src/inspect': ['src/bytes', 'src/model'],
  'src/probe': ['src/bytes', 'src/model'],
  'src/weigh': ['src/bytes', 'src/model'],
  'src/delta': ['src/bytes', 'src/model', 'src/weigh'],
  'src/study': ['src/bytes', 'src/grammar', 'src/sketch', 'src/model', 'src/inspect', 'src/probe'],
  'src/rules': ['src/model', 'src/sketch'],
  'src/trust': ['src/model', 'src/grammar'],
  sbom: ['src/bytes', 'src/grammar', 'src/model', 'src/version.ts'],
  'src/report': ['src/model', 'src/version.ts', 'src/conformity'],
  'src/provenance': ['src/model', 'src/bytes', 'src/version.ts'],
  'src/conformity': ['src/bytes', 'src/grammar', 'src/model', 'src/version.ts'],
  'src/ledger': ['src/bytes', 'src/model', 'src/provenance', 'src/conformity', 'src/version.ts'],
  'src/run': ['src/bytes', 'src/inspect', 'src/weigh', 'src/delta', 'src/probe', 'src/study', 'src/model', 'src/rules', 'src/trust', 'src/version.ts', 'scanners/index.ts'],
  'src/commands': ['src/bytes', 'src/conformity', 'src/grammar', 'src/ledger', 'src/model', 'src/report', 'src/provenance', 'src/rules', 'src/run', 'src/trust', 'src/version.ts', 'sbom', 'scanners/index.ts'],
};

/** The one folder through which each dependency comes in. */
const doors: Readonly<Record<string, string>> = {
  '@sigstore/sign': 'src/provenance',
  '@sigstore/bundle': 'src/provenance',
  '@sigstore/verify': 'src/provenance',
  '@sigstore/protobuf-specs': 'src/provenance',
  tweetnacl: 'src/provenance',
  '@napi-rs/blake-hash': 'src/provenance',
  '@huggingface/jinja': 'scanners/jinja',
  commander: 'src/commands',
  'onnxruntime-node': 'src/probe',
  'p-limit': 'src/run',
  'tar-stream': 'scanners/tar',
  yaml: 'src/grammar',
  'smol-toml': 'src/grammar',
  'web-tree-sitter': 'src/grammar',
  'tree-sitter-python': 'src/grammar',
  hyparquet: 'scanners/parquet',
  'hyparquet-compressors': 'scanners/parquet',
  '@trustnxt/c2pa-ts': 'scanners/c2pa',
  sharp: 'src/study',
  koffi: 'src/provenance',
};

interface Import {
  readonly from: string;
  readonly target: string;
  readonly local: boolean;
}

function sources(): string[] {
  return ['src', 'scanners', 'sbom'].flatMap((folder) => (existsSync(join(project, folder))
    ? readdirSync(join(project, folder), { recursive: true, withFileTypes: true })
      .filter((item) => item.isFile() && item.name.endsWith('.ts') && !item.parentPath.includes('_template'))
      .map((item) => relative(project, join(item.parentPath, item.name)))
    : []));
}

function imports(): Import[] {
  return sources().flatMap((from) => {
    const text = readFileSync(join(project, from), 'utf8');
    const statements = [...text.matchAll(/^(?:import|export)\s[^'";]*from '([^']+)'/gm), ...text.matchAll(/^import '([^']+)'/gm), ...text.matchAll(/\bimport(?:\.meta\.resolve)?\('([^']+)'\)/g)];
    return statements.map(([, name]) => {
      const local = name!.startsWith('.');
      return { from, target: local ? relative(project, resolve(project, dirname(from), name!)) : name!, local };
    });
  });
}

function roomOf(path: string): string | undefined {
  if (path.startsWith('scanners/') && path !== 'scanners/index.ts') return path.split('/').slice(0, 2).join('/');
  return Object.keys(allowed).find((folder) => path.startsWith(`${folder}/`));
}

const roofs = new Set(['src/cli.ts', 'src/index.ts', 'scanners/index.ts']);

test('imports keep to the floor plan', () => {
  const broken = imports().filter(({ from, target, local }) => {
    if (!local || roofs.has(from)) return false;
    const room = roomOf(from);
    if (room === undefined) return true;
    const may = room.startsWith('scanners/') ? allowed['scanners']! : allowed[room]!;
    return !target.startsWith(`${room}/`) && !may.some((one) => target === one || target.startsWith(`${one}/`));
  });
  expect(broken.map(({ from, target }) => `${from} → ${target}`)).toEqual([]);
});

test('every dependency comes in through one door, and every door is used', () => {
  const packages = imports().filter(({ target, local }) => !local && !target.startsWith('node:') && !builtinModules.includes(target))
    .map(({ from, target }) => ({ from, name: target.split('/').slice(0, target.startsWith('@') ? 2 : 1).join('/') }));
  expect(packages.filter(({ from, name }) => !from.startsWith(`${doors[name]}/`)).map(({ from, name }) => `${from} → ${name}`)).toEqual([]);
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as Record<'dependencies' | 'optionalDependencies', Record<string, string>>;
  expect(Object.keys({ ...dependencies, ...optionalDependencies }).toSorted()).toEqual([...new Set(packages.map(({ name }) => name))].toSorted());
  for (const version of Object.values({ ...dependencies, ...optionalDependencies })) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
});

test('no scanner speaks of severity, and no rule touches bytes', () => {
  const words = sources().filter((path) => path.startsWith('scanners/')).filter((path) => /\bseverity\b|'(critical|high|medium|low)'/.test(readFileSync(join(project, path), 'utf8')));
  expect(words).toEqual([]);
  const bytes = sources().filter((path) => path.startsWith('src/rules/')).filter((path) => /\bBuffer\.|\bUint8Array\b|from 'node:fs/.test(readFileSync(join(project, path), 'utf8')));
  expect(bytes).toEqual([]);
});

test('the lockfile holds no registry address', () => {
  expect(readFileSync(join(project, 'package-lock.json'), 'utf8')).not.toMatch(/"resolved"/);
});
