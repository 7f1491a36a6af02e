// SPDX-License-Identifier: Apache-2.0
import type { Operand } from '../../model/fact.ts';

/**
 * What an operand is, as far as it decides whether an unlisted callable deserves a look: `code` and `command` are program
 * text, `pickle` bytes that a loader would run, `mention` the name of something that runs code, `loadable` a file that holds
 * code, `address` a URL, `path` the name of a file, `word` any other text or bytes.
 */
export type Kind = 'code' | 'command' | 'pickle' | 'mention' | 'loadable' | 'address' | 'path' | 'word';

interface Shape {
  readonly kind: Kind;
  /** Linear on any text: no nested or adjoining unbounded repetition. */
  readonly pattern: RegExp;
  /** What it recognises. */
  readonly reason: string;
}

/** First match wins. Looked for in at most 256 characters, which is what operands hold. */
const texts: readonly Shape[] = [
  { kind: 'code', pattern: /__(?:import|builtins|globals|subclasses|class|mro|code|reduce)__/, reason: 'names through which Python code reaches anything' },
  { kind: 'code', pattern: /\b(?:exec|eval|compile|execfile|getattr|open|system|popen|Popen|check_output|urlopen|loads)\s?\(/, reason: 'a call of something that runs or opens' },
  { kind: 'code', pattern: /(?:^|[\n;])\s{0,8}(?:import|from)\s[a-zA-Z_.]{1,60}(?:\s(?:import|as)\s|\s?[;\n]|$)/, reason: 'an import statement' },
  { kind: 'code', pattern: /^\s{0,8}lambda\b[^:\n]{0,60}:|(?:^|\n)\s{0,8}def\s\w{1,60}\(/, reason: 'a function in source form' },
  { kind: 'command', pattern: /^\s{0,4}(?:sudo\s+)?(?:\/(?:usr\/)?(?:local\/)?s?bin\/)?(?:echo|sh|bash|zsh|dash|ksh|cmd|powershell|pwsh|curl|wget|nc|ncat|netcat|ping|nslookup|dig|ssh|scp|ftp|python[0-9.]{0,5}|perl|ruby|node|php|cat|rm|cp|mv|ls|touch|mkdir|chmod|chown|tar|base64|whoami|uname|env|kill|nohup|xdg-open|open|calc|start|reg|certutil|mshta|rundll32|regsvr32|osascript|pip[0-9.]{0,5}|git|apt|apt-get|docker|crontab|systemctl|dd)(?:\.exe)?\s+\S/i, reason: 'a program and its arguments' },
  { kind: 'command', pattern: /\$\([a-z/]|[|;&]\s{0,4}(?:\/bin\/)?(?:ba|z|da)?sh\b|\/bin\/(?:ba|z|da)?sh\b|\b(?:curl|wget)\s[^\n]{1,120}\||&&\s{0,4}[a-z./]|>\s{0,4}\/(?:tmp|dev|etc)\/|`[a-z]{2,12}[ `]/, reason: 'the syntax of a shell' },
  { kind: 'mention', pattern: /(?:^|\W)(?:os|subprocess|sys|pty|shutil|socket|builtins|importlib|posix|ctypes)\.[a-z_]{2,30}(?:\W|$)/, reason: 'a function of a module that reaches the system' },
  { kind: 'mention', pattern: /^(?:os|posix|nt|subprocess|pty|builtins|__builtin__|ctypes|importlib|runpy|shutil|socket|sys|commands)$/, reason: 'the name of a module that reaches the system' },
  { kind: 'loadable', pattern: /^[^\s:*?"<>|]{0,200}[\w)]\.(?:so|so\.[0-9]{1,3}|dll|dylib|pyd|py|pyc|pyz|sh|exe|bat|ps1|pkl|pickle|joblib|dill|pt|pth|ckpt|whl|jar)$/i, reason: 'the name of a file that holds code' },
  { kind: 'address', pattern: /^[A-Za-z][A-Za-z0-9+.-]{1,20}:\/\/|^\\\\[\w.]{1,60}\\/, reason: 'a URL or a network share' },
  { kind: 'path', pattern: /^(?:\.{0,2}\/|~[/\\]|[A-Za-z]:[\\/])[^\s]|\.\.[/\\]/, reason: 'a path' },
  { kind: 'path', pattern: /^[^\s:*?"<>|]{1,200}\.(?:pkl|pickle|joblib|dill|npy|npz|pt|pth|bin|ckpt|h5|so|dll|dylib|py|pyc|pyd|sh|exe|bat|zip|tar|gz|tgz|txt|csv|tsv|json|jsonl|ya?ml|toml|ini|cfg|conf|xml|html?|log|db|sqlite3?|parquet|md|key|pem|env|dat|wav|mp3|png|jpe?g|pdf|ttf|whl)$/i, reason: 'the name of a file' },
];

/** Pickles (PROTO 2 to 5, or GLOBAL of protocol 0), marshalled code objects of Python 3, and programs. */
// oxlint-disable-next-line no-control-regex -- bytes as Latin-1 characters
const binary = /^(?:\x80[\x02\x03][c()\]}XKNG\x8aM]|\x80[\x04\x05](?:\x95[^]{5}\x00{3}|[\x8c(\]}cKNCX])|\(?[ci][a-zA-Z_][a-zA-Z0-9_.]{0,60}\n[a-zA-Z_][a-zA-Z0-9_.]{0,60}\n|\xe3(?:[\x00-\x10]\x00{3}){3}[\x01-\x40]\x00{3}|\x7fELF[\x01\x02][\x01\x02]\x01|MZ\x90\x00|\xca\xfe\xba\xbe|\xcf\xfa\xed\xfe)/;

/** What a text says that stands alone. */
export function kindOfText(text: string): Kind {
  return texts.find(({ pattern }) => pattern.test(text))?.kind ?? 'word';
}

const order: readonly Kind[] = ['pickle', 'code', 'command', 'mention', 'loadable', 'address', 'path', 'word'];
const width = 32;
const levels = 3;

/** The weightiest text or bytes among operands and in their containers; undefined when there are none. */
export function weightiest(args: readonly Operand[], depth = 0): Kind | undefined {
  let best: Kind | undefined;
  for (const arg of args.slice(0, width)) {
    const kind = kindOf(arg, depth);
    if (kind !== undefined && (best === undefined || order.indexOf(kind) < order.indexOf(best))) best = kind;
  }
  return best;
}

function kindOf(arg: Operand, depth: number): Kind | undefined {
  switch (arg.type) {
    case 'str': return arg.length === 0 ? undefined : kindOfText(arg.text);
    case 'bytes': return arg.length === 0 ? undefined : binary.test(arg.text) ? 'pickle' : kindOfText(arg.text);
    case 'tuple': case 'list': case 'dict': case 'set': return depth < levels ? weightiest(arg.items, depth + 1) : undefined;
    case 'call': {
      // An inner call was judged by itself; what counts here is text that it only writes differently.
      const text = folded(arg);
      return text === undefined || text === '' ? undefined : kindOfText(text);
    }
    case 'none': case 'bool': case 'int': case 'float': case 'global': case 'persistent-id': case 'various': case 'unknown': break;
  }
  return undefined;
}

/** Bytes inside operands that would be a pickle, code or a program of their own. */
export function looksLikeProgram(arg: Operand): boolean {
  return arg.type === 'bytes' && binary.test(arg.text);
}

/** In words, for messages. */
export const spokenOf: Readonly<Record<Kind, string>> = {
  code: 'Python code', command: 'a command', pickle: 'bytes that are a pickle or a program', mention: 'the name of something that runs code', loadable: 'the name of a file that holds code', address: 'a URL', path: 'a path', word: 'text',
};

/** Text that a chain of literal operations makes: 'os' of `str.join('', ['o', 's'])`. Undefined where something else takes part. */
export function folded(arg: Operand, depth = 0): string | undefined {
  if (arg.type === 'str' || arg.type === 'bytes') return arg.text.length === arg.length || arg.length <= 256 ? arg.text : undefined;
  if (arg.type !== 'call' || depth > 6) return undefined;
  const name = arg.target.replace(/^__builtin__\./, 'builtins.').replace(/^_(codecs|operator)\./, '$1.');
  const fold = Object.hasOwn(folds, name) ? folds[name] : undefined;
  return fold?.(arg.args, (inner) => folded(inner, depth + 1));
}

/** Pairs of hexadecimal digits as characters. */
function unhexed(text: string): string {
  return (text.replaceAll(/[^0-9a-fA-F]/g, '').match(/../g) ?? []).map((pair) => String.fromCodePoint(Number.parseInt(pair, 16))).join('');
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Base64 (RFC 4648) as characters; what is no digit is passed over, as Python does. */
function unbased(text: string): string {
  let out = '';
  let held = 0;
  let bits = 0;
  for (const letter of text.slice(0, 256)) {
    const digit = alphabet.indexOf(letter);
    if (digit === -1) continue;
    held = ((held << 6) | digit) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out += String.fromCodePoint((held >> bits) & 0xff);
  }
  return out;
}

type Fold = (args: readonly Operand[], of: (arg: Operand) => string | undefined) => string | undefined;
const first: Fold = ([text], of) => (text === undefined ? undefined : of(text));
const changed = (change: (text: string) => string): Fold => (args, of) => {
  const text = first(args, of);
  return text === undefined ? undefined : change(text);
};
const sum: Fold = ([a, b], of) => {
  const [left, right] = [a === undefined ? undefined : of(a), b === undefined ? undefined : of(b)];
  return left === undefined || right === undefined ? undefined : left + right;
};
const decoded: Fold = ([text, codec], of) => {
  const value = text === undefined ? undefined : of(text);
  if (value === undefined) return undefined;
  const by = codec?.type === 'str' ? codec.text.toLowerCase().replaceAll(/[^a-z0-9]/g, '') : 'utf8';
  if (by === 'rot13') return value.replaceAll(/[a-zA-Z]/g, (letter) => String.fromCodePoint((letter <= 'Z' ? 90 : 122) >= letter.codePointAt(0)! + 13 ? letter.codePointAt(0)! + 13 : letter.codePointAt(0)! - 13));
  if (by === 'hex' || by === 'hexcodec') return unhexed(value);
  if (by === 'base64' || by === 'base64codec') return unbased(value);
  return value;
};
const joined: Fold = ([glue, parts], of) => {
  const between = glue === undefined ? undefined : of(glue);
  if (between === undefined || parts === undefined || (parts.type !== 'list' && parts.type !== 'tuple') || parts.items.length !== parts.length) return undefined;
  const texts = parts.items.map((part) => of(part));
  return texts.includes(undefined) ? undefined : texts.join(between);
};

/** Operations over literals by which the operands of an import are hidden. */
const folds: Readonly<Record<string, Fold>> = {
  'builtins.str': first, 'builtins.bytes': first, 'builtins.bytearray': first, 'builtins.bytes.decode': first, 'builtins.str.encode': first,
  'builtins.str.strip': first, 'builtins.bytes.strip': first, 'builtins.str.format': first, 'sys.intern': first,
  'builtins.str.lower': changed((text) => text.toLowerCase()), 'builtins.str.upper': changed((text) => text.toUpperCase()),
  'builtins.str.swapcase': changed((text) => text.replaceAll(/[a-zA-Z]/g, (letter) => (letter < 'a' ? letter.toLowerCase() : letter.toUpperCase()))),
  'builtins.bytes.fromhex': changed((text) => unhexed(text)), 'binascii.unhexlify': changed((text) => unhexed(text)),
  'base64.b64decode': changed((text) => unbased(text)), 'base64.decodebytes': changed((text) => unbased(text)),
  'operator.add': sum, 'operator.concat': sum, 'operator.iadd': sum, 'operator.iconcat': sum, 'builtins.str.__add__': sum,
  'codecs.decode': decoded, 'codecs.encode': decoded, 'builtins.str.join': joined, 'builtins.bytes.join': joined,
  'builtins.str.replace': ([text, from, to], of) => {
    const values = [text, from, to].map((one) => (one === undefined ? undefined : of(one)));
    return values.includes(undefined) || values[1] === '' ? undefined : values[0]!.replaceAll(values[1]!, values[2]!);
  },
};
