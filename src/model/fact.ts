// SPDX-License-Identifier: Apache-2.0
import type { Span } from './span.ts';

/**
 * A value on the symbolic stack of a loader, as JSON: what is known of a call's operand without running anything.
 * Long literals are previews: `length` is the true length (characters or bytes or elements), `text` at most 256 characters.
 * `various` stands for operands of many calls that were counted together.
 */
export type Operand =
  | { readonly type: 'none' }
  | { readonly type: 'bool'; readonly text: string }
  | { readonly type: 'int' | 'float'; readonly text: string }
  | { readonly type: 'str' | 'bytes'; readonly text: string; readonly length: number }
  | { readonly type: 'tuple' | 'list' | 'dict' | 'set'; readonly items: readonly Operand[]; readonly length: number }
  | { readonly type: 'global'; readonly target: string }
  | { readonly type: 'call'; readonly target: string; readonly args: readonly Operand[] }
  | { readonly type: 'persistent-id'; readonly id: Operand }
  | { readonly type: 'various' | 'unknown' };

/** Why a part of the bytes was not read or not understood. */
export type GapReason = 'limit' | 'unsupported' | 'encrypted' | 'unreadable' | 'damaged' | 'changed' | 'timeout' | 'crash';

/** What could hide in bytes that were not read: decides how much a gap matters. `source` is program text that a person can read. */
export type Holds = 'code' | 'source' | 'weights' | 'data' | 'anything';

/** What a `link` leads to; `fetch` is what program text would get from a hub when it runs. */
export type LinkRole =
  | 'external-data' | 'symlink' | 'hardlink' | 'url' | 'base-model' | 'dataset' | 'evaluation-dataset' | 'code' | 'shard'
  | 'licence' | 'fetch' | 'part';

/** What kind of document records a digest. */
export type RecordSource =
  | 'attestation' | 'bom' | 'checksum-list' | 'croissant' | 'data-versioning' | 'hub-metadata' | 'pointer' | 'registry' | 'file-name';

/**
 * The narrow waist: everything a scanner can say. A new kind needs a decision record (docs/decisions.md).
 * No fact holds an opinion; severities live in rules.
 */
export interface Facts {
  /** What the artefact says about itself. Never trusted: it may raise a finding, it never lowers one. */
  claim: { readonly field: ClaimField; readonly value: string };
  /** A part the format accounts for. Bytes in no region, tensor or child are unclaimed. */
  region: { readonly name: string };
  /** A tensor as declared; `shape` is empty for a scalar. `dtype` in the field's usual short form: F32, BF16, I64, Q4_K. */
  tensor: {
    readonly name: string;
    readonly dtype: string;
    readonly shape: readonly number[];
    /** Where its numbers lie, when that is another file: a path from the artefact's folder. `crc32c` is the masked checksum stated for them. */
    readonly outside?: { readonly file: string; readonly at: Span; readonly crc32c?: number };
  };
  /** A column of a table; `type` is the narrowest of: null, bool, int, float, string, list, object, mixed. Counts are rows. */
  column: { readonly name: string; readonly type: string; readonly rows: number; readonly nulls: number };
  /**
   * A callable that loading the artefact would import or run. `target` is the dotted name ('os.system'), '?' standing
   * for a part that is not a literal; for the result of a call that is called in turn, that call's target and '()'
   * ('builtins.getattr()'). `via` is the opcode or construct: 'import' when only the name is imported, else REDUCE, INST,
   * OBJ, NEWOBJ, NEWOBJ_EX, BUILD, EXT, PERSID; SETITEMS, APPENDS, ADDITEMS where what is filled is no plain container,
   * so that its methods run (`args` is [object, items]). For BUILD, `args` is [object, state]: an object that is a 'global' is
   * re-bound, one that is a 'call' is initialised. For an import by computed operands, `args` is [module, name].
   */
  call: {
    readonly target: string;
    readonly via: string;
    readonly args: readonly Operand[];
    /** The module part of `target`, where it is a literal: 'pathlib' of 'pathlib.os.system'. */
    readonly module?: string;
    /** What is called, when it is not simply an imported name. */
    readonly callee?: Operand;
    /** > 1 when equal calls were counted together; `at` is then the first. */
    readonly count?: number;
    /** True when the result is dropped or never used. */
    readonly unused?: boolean;
  };
  /**
   * A code object that the artefact carries (a function by value, a class body, a compiled module): it runs when it is used or
   * imported, not while it is read. `references` are the dotted names that it looks up, with what it imports under another
   * name resolved ('os.system'); '?.read' is an attribute of a value without a known name. `texts` are its text constants. A long
   * one is told in several facts of the same name; no list holds more than 128.
   */
  code: {
    readonly language: 'python-bytecode';
    readonly name: string;
    /** The source file, as it says. */
    readonly file?: string;
    readonly imports: readonly string[];
    readonly references: readonly string[];
    readonly texts: readonly string[];
  };
  /** An operator in a graph, a layer in a configuration, a node of a template. */
  node: {
    readonly operator: string;
    readonly name: string;
    readonly domain?: string;
    readonly detail?: Readonly<Record<string, string>>;
    readonly count?: number;
  };
  /** A reference to something outside these bytes: a path relative to the artefact's folder, an id, or a URL. */
  link: { readonly target: string; readonly role: LinkRole; readonly revision?: string; readonly detail?: string };
  /** A member that a container lists. `target` is where a symbolic or hard link points. */
  entry: {
    readonly name: string;
    readonly type: 'file' | 'directory' | 'symlink' | 'hardlink' | 'special';
    readonly size: number;
    readonly target?: string;
    readonly mode?: number;
  };
  /** A statistic that a rule judges: unit and null distribution are the measure's, documented by the scanner that says it. */
  anomaly: { readonly measure: string; readonly value: number; readonly detail?: string };
  /**
   * The bytes break the format, or two readers of it would disagree. `code` is stable, kebab-case and prefixed with the
   * scanner ('zip/local-name-differs'); `what` says it in words with the numbers found.
   */
  malformed: { readonly code: string; readonly what: string };
  /**
   * Something that was not read. `holds` says what could hide there; `limit` which limit stood in the way (src/bytes/limits.ts);
   * `format` the format that has no reader here, in a word ('hdf5').
   */
  gap: { readonly what: string; readonly why: GapReason; readonly holds: Holds; readonly limit?: string; readonly format?: string };
  /**
   * A question that was put to the artefact by running it in a sealed process, and how it came out: `held`, `broken`, or
   * `not-assessable`, `what` saying why. `name` is documented where it is asked (src/probe/checks.ts).
   */
  check: { readonly name: string; readonly outcome: 'held' | 'broken' | 'not-assessable'; readonly what: string };
  /**
   * The numbers of a float tensor, of whose `among` numbers `n` were looked at. Moments are of the finite ones; `quantiles` at 1, 5, 25, 50,
   * 75, 95 and 99 %, and skewness and kurtosis (3 for a normal distribution), are good to 0.4 %. `bins`: how many different values there
   * are by sign, exponent and seven mantissa bits. `rows` are those of the first dimension, with their Euclidean norms.
   */
  statistics: {
    readonly name: string;
    readonly dtype: string;
    readonly n: number;
    readonly among: number;
    readonly mean: number;
    readonly deviation: number;
    readonly skewness: number;
    readonly kurtosis: number;
    readonly least: number;
    readonly greatest: number;
    readonly quantiles: readonly number[];
    readonly zeros: number;
    readonly nan: number;
    readonly infinite: number;
    readonly denormal: number;
    readonly bins: number;
    readonly rows?: {
      readonly n: number;
      readonly length: number;
      readonly zero: number;
      /** Rows that are equal to an earlier one, zeros aside. */
      readonly repeated: number;
      readonly leastNorm: number;
      readonly medianNorm: number;
      readonly greatestNorm: number;
      /** Which row has the greatest norm, counted from 0. */
      readonly greatestRow: number;
    };
  };
  /**
   * A question that was put to a data set or to weights by statistics over their rows or numbers, and how it came out. Never
   * "clean": `assessed` means that this question found nothing, within `blind`.
   */
  study: {
    /** The question, in kebab-case; documented where it is asked. */
    readonly question: string;
    readonly outcome: 'assessed' | 'not-assessable' | 'finding';
    /** What was studied: a data set's name, a column of it, a tensor. */
    readonly of: string;
    /** In words, with the numbers: what was found, or why it could not be assessed. */
    readonly what: string;
    /** Rows, values or images that were looked at. */
    readonly n: number;
    /** How many there are, where `n` is a sample of them. */
    readonly among?: number;
    /** The statistic, in the unit of the question. */
    readonly score?: number;
    /** The largest score under the null (resamples of the set itself), and how many resamples. */
    readonly null?: { readonly max: number; readonly trials: number };
    /** What the question cannot see. */
    readonly blind: string;
    /** The feature found, as text: a token, a column and value, a block at a position. */
    readonly trigger?: string;
    /** Ids of the rows meant, at most 64, and how many there are. */
    readonly rows?: readonly string[];
    readonly rowCount?: number;
    /** At most 8 excerpts, secrets and personal data masked. */
    readonly excerpts?: readonly string[];
    /** Further numbers, by name. */
    readonly detail?: Readonly<Record<string, string | number>>;
    /** A picture for people: an SVG of at most 32 KiB, written by us; no text of the artefact stands in it unescaped. */
    readonly picture?: string;
  };
  /**
   * What the artefact says the bytes of a file are. `target` is a path from the artefact's folder (from the folder of the signed
   * tree for attestations), or a name that need not be one; '' is the file that the artefact stands for. `algorithm` in lower case:
   * sha256, sha512, sha1, md5, 'git-sha1' (over "blob <size>\0" and the bytes), 'md5-list' (a folder's listing). `value` is lower-case hex.
   */
  record: {
    readonly target: string;
    readonly algorithm: string;
    readonly value: string;
    readonly by: RecordSource;
    /** Bytes, where the record tells. */
    readonly size?: number;
    /** Whether the record lies in something signed; says nothing of who signed. */
    readonly signed?: boolean;
  };
  /** A signature that was found, and whether it was checked. */
  signature: { readonly identity: string; readonly issuer: string; readonly verified: boolean };
}

/** Fields of `claim` facts. One vocabulary for cards, configs and headers, so that rules and the BOM need no table. */
export type ClaimField =
  | 'name' | 'version' | 'description' | 'author' | 'organisation' | 'licence' | 'licence-name' | 'licence-link'
  | 'base-model-relation' | 'architecture' | 'model-type' | 'library' | 'library-version' | 'task' | 'language' | 'tag'
  | 'dtype' | 'quantisation' | 'context-length' | 'hidden-size' | 'layers' | 'vocabulary-size' | 'parameter-count'
  | 'total-size' | 'auto-map' | 'trust-remote-code' | 'custom-pipeline' | 'chat-template' | 'tokenizer-class'
  | 'producer' | 'format-version' | 'metadata' | 'input' | 'output' | 'metric' | 'modality' | 'card' | 'target'
  | 'hyperparameter' | 'dataset-size' | 'homepage' | 'repository' | 'url' | 'checksum' | 'picture'
  | 'predicate' | 'builder' | 'build-type' | 'build-input' | 'verification' | 'revision' | 'created' | 'started'
  // 'topic=text' of a card's sections, and 'key=value' of training runs, energy, data sets, parts of pipelines:
  | 'section' | 'training' | 'energy' | 'dataset' | 'component'
  // 'ecosystem name specifier'; an SPDX id that a licence's text was recognised as:
  | 'package' | 'licence-text'
  | 'commit' | 'contact' | 'paper' | 'doi' | 'release-date' | 'training-tool';

export type FactKind = keyof Facts;

/** A fact of one of the kinds `K`, with the bytes it was read from where that is known. */
export type FactOf<K extends FactKind> = { [P in K]: { readonly kind: P; readonly at?: Span } & Facts[P] }[K];

export type Fact = FactOf<FactKind>;
