// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { UsageError } from '../model/usage-error.ts';
import { base64, Fault, object, parseJson, string, type JsonObject, type Reader } from './json.ts';
import { publicKeyFrom, type KeySet } from './keys.ts';
import { printable } from './names.ts';
import type { Signer } from './signer.ts';

/** Bytes that a command may answer with. */
const largestAnswer = 1024 * 1024;

/**
 * A command that signs (`--signer exec:CMD`). It is started without a shell, twice: each time it gets one line of JSON on
 * stdin and answers with one JSON object on stdout and exit code 0; docs/signing.md describes both. What it writes to stderr is
 * shown, so that it can ask for a touch or a PIN.
 */
export async function execSigner(command: string, seconds: number, set: KeySet): Promise<Signer> {
  const words = wordsOf(command);
  const answer = await ask(words, { protocol: 'assay-signer/1', operation: 'public-key' }, seconds);
  const publicKey = publicKeyFrom(field(answer, 'publicKey', words[0]!), `the answer of ${words[0]!}`, set);
  return {
    describes: `a key of ${words[0]!}`,
    publicKey,
    sign: async (data) => {
      const digest = (name: string): string => createHash(name).update(data).digest('base64');
      const reply = await ask(words, {
        protocol: 'assay-signer/1',
        operation: 'sign',
        publicKey: publicKey.export({ type: 'spki', format: 'pem' }) as string,
        digests: { sha256: digest('sha256'), sha384: digest('sha384'), sha512: digest('sha512') },
        data: data.toString('base64'),
      }, seconds);
      return answered(words[0]!, () => base64(reply['signature'], { kind: 'signature', where: `the signature of ${words[0]!}` }));
    },
  };
}

/** Splits a command into words: blanks part them, quotes of either kind hold them together. Nothing is expanded. */
export function wordsOf(command: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (const character of command) {
    if (quote !== undefined) {
      if (character === quote) quote = undefined;
      else word = (word ?? '') + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + character;
  }
  if (quote !== undefined) throw new UsageError(`--signer exec: has a ${quote} that is not closed`);
  if (word !== undefined) words.push(word);
  if (words[0] === undefined || words[0] === '') throw new UsageError('--signer exec: names no command');
  return words;
}

async function ask(words: readonly string[], request: object, seconds: number): Promise<JsonObject> {
  const text = await answerOf(words, `${JSON.stringify(request)}\n`, seconds);
  const at: Reader = { kind: 'key', where: `the answer of ${printable(words[0]!)}` };
  return answered(words[0]!, () => object(parseJson(text, at), at, [], ['*']));
}

function field(answer: JsonObject, name: string, command: string): string {
  return answered(command, () => string(answer[name], { kind: 'key', where: `${name} in the answer of ${printable(command)}` }));
}

function answered<T>(command: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Fault) throw new UsageError(`${printable(command)} cannot be used as a signer: ${error.message}`, { cause: error });
    throw error;
  }
}

function answerOf([file, ...rest]: readonly string[], input: string, seconds: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn(file!, rest, { stdio: ['pipe', 'pipe', 'inherit'], shell: false, windowsHide: true });
    const parts: Buffer[] = [];
    let size = 0;
    const stop = (why: string): void => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      child.stdout.destroy(); // what the command started itself may hold the pipe open
      reject(new UsageError(`the signer ${printable(file!)} ${why}`));
    };
    const timer = setTimeout(() => stop(`did not answer within ${seconds} s`), seconds * 1000);
    child.once('error', (error) => stop(`cannot be started: ${(error as NodeJS.ErrnoException).code ?? error.message}`));
    child.stdin.on('error', () => undefined); // a command that does not read its request still answers or fails
    child.stdin.end(input);
    child.stdout.on('data', (part: Buffer) => {
      size += part.length;
      if (size > largestAnswer) stop(`answered with more than ${largestAnswer} bytes`);
      else parts.push(part);
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) resolve(Buffer.concat(parts));
      else reject(new UsageError(`the signer ${printable(file!)} ended with ${signal ?? `exit code ${code}`}`));
    });
  });
}
