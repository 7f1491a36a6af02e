// SPDX-License-Identifier: Apache-2.0
import { UsageError } from '../model/usage-error.ts';
import { readSmall } from './model-options.ts';

/**
 * The passphrase of an encrypted key: from a file, from $ASSAY_PASSWORD, for a cosign key also from $COSIGN_PASSWORD, or asked
 * for on a terminal. Never from an argument, which every user of the machine can see. Undefined when there is none and nobody to ask.
 */
export async function passphraseFrom(file: string | undefined, keyFile: string, cosign = false): Promise<string | undefined> {
  if (file !== undefined) return readSmall(file, '--password-file').replace(/\r?\n$/, '');
  const set = process.env['ASSAY_PASSWORD'] ?? (cosign ? process.env['COSIGN_PASSWORD'] : undefined);
  if (set !== undefined) return set;
  return process.stdin.isTTY ? ask(`Passphrase of ${keyFile}: `) : undefined;
}

/** The passphrase for a key that is being made: asked for twice, since nobody can correct it later. */
export async function newPassphrase(file: string | undefined, keyFile: string): Promise<string | undefined> {
  const first = await passphraseFrom(file, keyFile);
  const asked = file === undefined && process.env['ASSAY_PASSWORD'] === undefined && first !== undefined;
  if (asked && (await ask('The same again: ')) !== first) throw new UsageError('the two passphrases differ; no key was made');
  return first;
}

/** Reads a line from the terminal without showing it. */
function ask(question: string): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write(question);
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  return new Promise((resolve) => {
    let typed = '';
    const finish = (): void => {
      stdin.off('data', take);
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write('\n');
    };
    const take = (text: string): void => {
      for (const character of text) {
        if (character === '\r' || character === '\n' || character === '\u0004') {
          finish();
          resolve(typed);
          return;
        }
        if (character === '\u0003') {
          finish();
          process.exit(130); // raw mode swallows Ctrl-C
        }
        typed = character === '\u007f' || character === '\b' ? typed.slice(0, -1) : typed + character;
      }
    };
    stdin.on('data', take);
    stdin.resume();
  });
}
