// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'polyglot',
  title: 'One file that is valid in several formats',
  why: 'Two programs that read such a file see different things: the scanner one, the loader the other. Ordinary writers do not make them.',
  fix: 'Do not load the file. Extract what you need with a tool for one of the formats, and ask the publisher for a plain file.',
  severity: 'high',
  confidence: 'medium',
  references: ['CWE-434', 'https://blog.trailofbits.com/2024/06/11/exploiting-ml-models-with-pickle-file-attacks-part-1/'],
  provisions: ['5.2.3-1'],
  example: ['unopened/tar-and-program.tar', 'tar/plain.tar'],
  reads: ['region', 'entry', 'call', 'malformed', 'gap', 'claim', 'tensor', 'anomaly', 'node'],
  *check({ artefact, coverage }) {
    if (coverage === 'failed') return; // no reader got anywhere: one of them went by the name
    if (artefact.format.includes('+')) yield { message: `file is ${artefact.format.split('+').join(' and ')} at once`, key: artefact.format };
  },
});
