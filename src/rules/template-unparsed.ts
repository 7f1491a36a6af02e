// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'template-unparsed',
  title: 'A template could not be parsed',
  why: 'What a template reaches for is judged on its structure. One that breaks the grammar was only searched for telling words, and a loader with a more lenient parser may run what it holds.',
  fix: 'Read the template by eye before it is used, or take it from the model\'s original publisher.',
  severity: 'medium',
  confidence: 'medium',
  references: ['CWE-1336', 'https://jinja.palletsprojects.com/en/stable/templates/'],
  provisions: ['5.2.3-1'],
  example: ['jinja/broken.jinja', 'jinja/chatml.jinja'],
  reads: ['malformed'],
  *check({ facts }) {
    for (const { code, what } of facts) if (code === 'jinja/syntax') yield { message: what, key: 'syntax' };
  },
});
