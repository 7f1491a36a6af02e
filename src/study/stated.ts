// SPDX-License-Identifier: Apache-2.0
// What whoever asks for the scan states about data sets: the key `datasets` of assay.yaml. Never read from the scanned folder by itself.
import { isMapping, parseYaml, type Yaml, type YamlDocument } from '../grammar/yaml.ts';
import { UsageError } from '../model/usage-error.ts';
import { roles, type Role } from './question.ts';

/** One data set as stated. */
export interface Stated {
  readonly name: string;
  /** Files, folders or containers, relative to what is scanned. */
  readonly files: readonly string[];
  /** Split → files or folders. */
  readonly splits?: Readonly<Record<string, readonly string[]>>;
  /** Column → roles. */
  readonly columns?: Readonly<Record<string, readonly Role[]>>;
}

/** Reads the key `datasets` of a YAML text; other keys are somebody else's. Throws `UsageError` naming `file` for what is not as docs/assay-yaml.md says. */
export async function readStated(text: string, file: string): Promise<Stated[]> {
  let documents: YamlDocument[];
  try {
    documents = await parseYaml(text);
  } catch (error) {
    throw new UsageError(`${file} is no YAML: ${(error as Error).message}`);
  }
  const top = documents[0]?.value ?? null;
  if (documents.length > 1 || !isMapping(top)) throw new UsageError(`${file} is not one YAML mapping`);
  if (documents[0]!.complaints.length > 0) throw new UsageError(`${file} is not sound YAML: ${documents[0]!.complaints[0]}`);
  const given = top.get('datasets');
  if (given === undefined || given === null) return [];
  if (isMapping(given)) return [...given].map(([name, one]) => named(name, one, `datasets.${name} in ${file}`));
  if (!Array.isArray(given)) throw new UsageError(`datasets in ${file} is neither a list nor a mapping`);
  return (given as readonly Yaml[]).map((one, index) => statedOf(one, `datasets[${index}] in ${file}`));
}

/** The form that the overlay of the AI-BOM has: by name or path, each role with its column; what else is said is for the BOM. */
function named(name: string, value: Yaml, what: string): Stated {
  if (!isMapping(value)) throw new UsageError(`${what} is not a mapping`);
  const columns: Record<string, Role[]> = {};
  for (const role of roles) {
    const given = role === 'split' && isMapping(value.get('split')) ? undefined : value.get(role);
    if (given !== undefined) for (const column of texts(given, `${role} of ${what}`)) columns[column] = [...(columns[column] ?? []), role];
  }
  const files = value.get('files');
  return { name, files: files === undefined ? [name] : texts(files, `files of ${what}`), ...(Object.keys(columns).length === 0 ? {} : { columns }) };
}

const keys = ['name', 'files', 'splits', 'columns'];

function statedOf(value: Yaml, what: string): Stated {
  if (!isMapping(value)) throw new UsageError(`${what} is not a mapping with ${keys.join(', ')}`);
  for (const key of value.keys()) if (!keys.includes(key)) throw new UsageError(`${what} has the key ${key}; allowed are ${keys.join(', ')}`);
  const files = texts(value.get('files'), `files of ${what}`);
  const name = value.get('name') ?? files[0];
  if (typeof name !== 'string' || name === '') throw new UsageError(`name of ${what} is not a text`);
  const splits = value.get('splits');
  const columns = value.get('columns');
  if (splits !== undefined && !isMapping(splits)) throw new UsageError(`splits of ${what} is not a mapping from splits to files`);
  if (columns !== undefined && !isMapping(columns)) throw new UsageError(`columns of ${what} is not a mapping from columns to roles`);
  return {
    name, files,
    ...(splits === undefined ? {} : { splits: Object.fromEntries([...splits].map(([split, paths]) => [split, texts(paths, `split ${split} of ${what}`)])) }),
    ...(columns === undefined ? {} : { columns: Object.fromEntries([...columns].map(([column, role]) => [column, texts(role, `column ${column} of ${what}`).map((one) => roleOf(one, column, what))])) }),
  };
}

function roleOf(name: string, column: string, what: string): Role {
  const role = roles.find((one) => one === name);
  if (role === undefined) throw new UsageError(`column ${column} of ${what} has the role ${name}; allowed are ${roles.join(', ')}`);
  return role;
}

/** One text, or a list of at least one. */
function texts(value: Yaml | undefined, what: string): string[] {
  const list: readonly Yaml[] = Array.isArray(value) ? (value as readonly Yaml[]) : value === undefined ? [] : [value];
  if (list.length === 0 || !list.every((one): one is string => typeof one === 'string')) throw new UsageError(`${what} is not a text or a list of texts`);
  return [...list];
}
