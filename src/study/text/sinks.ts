// SPDX-License-Identifier: Apache-2.0
// Calls that make code insecure, as far as a line shows it: Python, JavaScript, Java, C. The payloads of TrojanPuzzle (2301.02344)
// and its like; a signature alone is no finding here, only what goes with it.

const sinks: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['verify-off', /\bverify\s{0,4}=\s{0,4}False\b|\brejectUnauthorized\s{0,4}:\s{0,4}false\b|\bInsecureSkipVerify\s{0,4}:\s{0,4}true\b|\b_create_unverified_context\b|\bCERT_NONE\b|check_hostname\s{0,4}=\s{0,4}False\b/g],
  ['yaml-load', /\byaml\.(?:unsafe_load|full_load|load)\((?![^()\n]{0,120}SafeLoader)/g],
  ['unpickle', /\b(?:c?pickle|dill|joblib|marshal|shelve)\.(?:loads?|open)\(/gi],
  ['shell', /\bshell\s{0,4}=\s{0,4}True\b|\bos\.(?:system|popen)\(|\bchild_process\.exec\(|\bRuntime\.getRuntime\(\)\.exec\(/g],
  ['eval', /(?<![\w.])(?:eval|exec)\(|\bnew Function\(/g],
  ['weak-hash', /\b(?:hashlib\.)?(?:md5|sha1)\(|createHash\(\s{0,4}['"](?:md5|sha1)['"]|getInstance\(\s{0,4}"(?:MD5|SHA-?1)"/gi],
  ['weak-cipher', /\bMODE_ECB\b|\/ECB\/|\b(?:ARC4|DES|DES3)\.new\(|createCipheriv\(\s{0,4}['"](?:des|rc4|aes-\d{3}-ecb)/gi],
  ['no-escape', /\bautoescape\s{0,4}=\s{0,4}False\b|\brender_template_string\(|\bdangerouslySetInnerHTML\b|\|\s{0,4}safe\s{0,4}\}\}/g],
  ['debug-on', /\bdebug\s{0,4}=\s{0,4}True\b/g],
  ['bind-all', /\bhost\s{0,4}=\s{0,4}['"]0\.0\.0\.0['"]/g],
  ['sql-text', /\.execute\(\s{0,4}(?:f['"]|['"][^'"\n]{0,200}['"]\s{0,4}(?:%|\+|\.format))/g],
  ['unsafe-copy', /(?<!\w)(?:strcpy|strcat|gets|sprintf)\(/g],
  ['temp-name', /\btempfile\.mktemp\(/g],
  ['disabled-jwt', /verify_signature['"]?\s{0,4}:\s{0,4}False\b|algorithms?\s{0,4}=\s{0,4}\[?\s{0,4}['"]none['"]/gi],
  ['path-join', /\bsend_file\(|\bsend_from_directory\(\s{0,4}['"]\/['"]/g],
];

/** Names of the insecure calls in a piece of code. */
export function sinksIn(code: string): string[] {
  return sinks.filter(([, pattern]) => code.search(pattern) >= 0).map(([name]) => name);
}

/** The code without them and without the lines on which they stand: they must not explain themselves. */
export function withoutSinks(code: string): string {
  return code.split('\n').filter((line) => line.length > 2000 || sinks.every(([, pattern]) => line.search(pattern) < 0)).join('\n');
}
