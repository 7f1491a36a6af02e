// SPDX-License-Identifier: Apache-2.0
import { isRegistered } from '../../taxonomy.ts';
import { below, isObject, objects, quote, type Group, type Lint } from '../lint.ts';

const unregistered: Lint = {
  id: 'unregistered-property',
  level: 'error',
  title: 'a property below cdx: that nobody registered',
  why: 'The cdx: names are reserved for the official taxonomy; no reader knows this one, and a later official one may mean something else.',
  fix: 'Use the registered name, or a prefix of your own.',
};
const value: Lint = {
  id: 'property-value',
  level: 'warning',
  title: 'a registered property with a value its definition does not allow',
  why: 'Readers that know the name trust its form: a language that is no code, or a flag that is neither true nor false, is lost.',
  fix: 'Write the value as the taxonomy defines it.',
};
const conflict: Lint = {
  id: 'property-conflict',
  level: 'error',
  title: 'one property, two values',
  why: 'Two parameter counts or context lengths for one model cannot both be true.',
  fix: 'Keep the value that was measured.',
};
const reproducible: Lint = {
  id: 'reproducible-with-time',
  level: 'error',
  title: 'a document called reproducible carries a time',
  why: 'The taxonomy says that time- and random-based values must be left out of a document with cdx:reproducible.',
  fix: 'Leave out metadata.timestamp, or the property.',
};

const forms: readonly (readonly [name: RegExp, form: RegExp, wanted: string])[] = [
  [/^cdx:ai-ml:model:template:(prompt|chat)$/, /^(true|false)$/, 'true or false'],
  [/^cdx:reproducible$/, /^(true|false)$/, 'true or false'],
  [/^cdx:ai-ml:model:language$/, /^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*( *, *[a-z]{2,3}(-[A-Za-z0-9]{2,8})*)*$/, 'language codes with commas between'],
  [/^cdx:ai-ml:model:hyperparameter:(context_length|hidden_size|d_model|num_hidden_layers|num_layers|intermediate_size|max_position_embeddings|num_attention_heads|num_key_value_heads|vocab_size)$/, /^\d+$/, 'a whole number'],
  [/^cdx:ai-ml:model:parameter:count$/, /^~?\d[\d.,_ ]*\s*[KMBTQ]?$/i, 'a number such as 7B'],
];

/** Names that may well stand more than once. */
const many = /:_undefined:|^cdx:(?!ai-ml:|reproducible)|:(language|modality)$/;

export const properties: Group = {
  lints: [unregistered, value, conflict, reproducible],
  start: (say) => ({
    object(node) {
      const { value: object, place, key } = node;
      if (key === 'properties' && typeof object['name'] === 'string') {
        const { name, value: text } = object;
        if (name.startsWith('cdx:') && !isRegistered(name)) say(unregistered, below(place, 'name'), `${quote(name)} is not in the CycloneDX property taxonomy`);
        for (const [which, form, wanted] of forms) {
          if (which.test(name) && typeof text === 'string' && (text.length > 4096 || !form.test(text))) say(value, below(place, 'value'), `${quote(text)} is not ${wanted}`);
        }
      }
      const list = objects(object['properties']);
      const seen = new Map<string, unknown>();
      list.forEach(({ name, value: text }, i) => {
        if (typeof name !== 'string' || !name.startsWith('cdx:') || many.test(name)) return;
        if (seen.has(name) && seen.get(name) !== text) say(conflict, below(place, 'properties', i), `${quote(name)} is also given as ${quote(seen.get(name))}`);
        seen.set(name, text);
      });
      if (key === 'metadata' && isObject(node.up?.value) && node.up.up === undefined && object['timestamp'] !== undefined && seen.get('cdx:reproducible') === 'true') {
        say(reproducible, below(place, 'timestamp'), 'the document is marked cdx:reproducible and has a timestamp');
      }
    },
  }),
};
