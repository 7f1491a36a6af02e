// SPDX-License-Identifier: Apache-2.0
import { below, isObject, quote, type Group, type Lint } from '../lint.ts';

const schemaOfOther: Lint = {
  id: 'schema-mismatch',
  level: 'error',
  title: '$schema and specVersion name two versions',
  why: 'Editors and validators go by the one, readers by the other.',
  fix: 'Let $schema name the schema of specVersion.',
};
const noSerial: Lint = {
  id: 'no-serial-number',
  level: 'note',
  title: 'the document has no serial number',
  why: 'Nothing else can refer to it: VEX documents and later versions need the number.',
  fix: 'Add serialNumber, urn:uuid: with a UUID made from the content or at random.',
};
const nilSerial: Lint = {
  id: 'nil-serial-number',
  level: 'error',
  title: 'the serial number is the same for everybody',
  why: 'A UUID of zeros identifies nothing: two documents with it are taken for versions of one.',
  fix: 'Make a UUID from the content, or at random.',
};
const noTools: Lint = {
  id: 'no-tool',
  level: 'note',
  title: 'the document does not say what wrote it',
  why: 'CISA and G7 ask for tool name and version: with them a mistake of the tool can be traced to all its documents.',
  fix: 'Name the tool under metadata.tools.',
};

export const whole: Group = {
  lints: [schemaOfOther, noSerial, nilSerial, noTools],
  start: (say, document) => ({
    finish() {
      const { $schema, specVersion, serialNumber, metadata } = document;
      const named = typeof $schema === 'string' ? /bom-(\d+\.\d+)[a-z]?(?:-strict)?\.schema\.json/.exec($schema)?.[1] : undefined;
      if (named !== undefined && typeof specVersion === 'string' && named !== specVersion) say(schemaOfOther, below(undefined, '$schema'), `$schema names ${named}, specVersion ${quote(specVersion)}`);
      if (serialNumber === undefined) say(noSerial, undefined, 'serialNumber is missing');
      else if (serialNumber === 'urn:uuid:00000000-0000-0000-0000-000000000000') say(nilSerial, below(undefined, 'serialNumber'), 'the serial number is all zeros');
      if (!isObject(metadata) || metadata['tools'] === undefined) say(noTools, below(undefined, 'metadata'), 'metadata.tools is missing');
    },
  }),
};
