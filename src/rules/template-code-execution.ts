// SPDX-License-Identifier: Apache-2.0
import { rule, type Hit } from '../model/rule.ts';

/** Attributes by which a template leaves the values it was given for the interpreter. Ordinary templates use none. */
const doors = /^__[a-z]+__$|^(mro|func_globals|func_code|gi_frame|gi_code|cr_frame|f_globals|f_builtins|f_back|tb_frame|_TemplateReference__context|_module_globals)$/;

export default rule({
  id: 'template-code-execution',
  title: 'A chat template reaches for the interpreter',
  why: 'Templates are rendered each time the model is used. One that walks from a value to its class and on to its globals can run any Python where the template engine is not sandboxed, as happened in llama-cpp-python.',
  fix: 'Do not use this tokenizer or GGUF file. Take the chat template from the model\'s original publisher, and render templates only in a sandboxed environment.',
  severity: 'critical',
  confidence: 'high',
  references: ['CVE-2024-34359', 'CWE-1336', 'CWE-94'],
  provisions: ['5.2.3-1'],
  example: ['jinja/globals.jinja', 'jinja/llama-tools.jinja'],
  reads: ['node'],
  *check({ facts }): Iterable<Hit> {
    for (const { operator, name, detail } of facts) {
      if (operator === 'attribute' && doors.test(name)) yield { message: `the template reads the attribute ${name} of ${detail?.['of'] ?? 'a value'}`, key: name };
      else if (operator === 'filter' && name.startsWith('attr ')) {
        const wanted = detail?.['operand'] ?? '?';
        if (doors.test(wanted)) yield { message: `the template reads the attribute ${wanted} through the attr filter`, key: `attr ${wanted}` };
        else if (wanted === '?') yield { message: 'the template reads an attribute whose name it computes', severity: 'high', confidence: 'medium', key: 'attr ?' };
      } else if (operator === 'attribute' && name === '?') {
        yield { message: `the template reads an attribute of ${detail?.['of'] ?? 'a value'} whose name it puts together`, severity: 'medium', confidence: 'low', key: 'attribute ?' };
      } else if (operator === 'text') yield { message: `the template cannot be parsed, and holds ${name}`, confidence: 'medium', key: `text ${name}` };
      else if (operator === 'load') yield { message: `the template loads another one: ${name} ${detail?.['what'] ?? ''}`, severity: 'high', confidence: 'medium', key: `load ${detail?.['what'] ?? ''}` };
    }
  },
});
