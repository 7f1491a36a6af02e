// SPDX-License-Identifier: Apache-2.0
import { readSmall } from './model-options.ts';

/**
 * The passphrase of an encrypted key: from a file, from $ASSAY_PASSWORD, or asked for on a terminal. Never from an
 * argument, which every user of the machine can see. Undefined when there is none and nobody to ask.
 */
export async function passphraseFrom(file: string | undefined, keyFile: string): Promise<string | undefined> {
  if (file !== undefined) return readSmall(file, '--password-file').replace(/\r?\n$/, '');
  const set = process.env['ASSAY_PASSWORD'];
  if (set !== undefined) return set;
  return process.stdin.isTTY ? ask(`Passphrase of ${keyFile}: `) : undefined;
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
