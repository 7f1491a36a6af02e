import { expect, test } from 'vitest';
import { Malformed } from '../../src/bytes/errors.ts';
import { xmlTokens, type XmlToken } from '../../src/grammar/xml.ts';

const tokens = (text: string): XmlToken[] => [...xmlTokens(Buffer.from(text), 'test')];
const named = (text: string): string[] => tokens(text).map((token) => (token.type === 'open' || token.type === 'close' ? `${token.type} ${token.name}` : `${token.type} ${token.text}`));

test('elements, attributes and text are told in order; comments are not', () => {
  expect(named('<?xml version="1.0"?><!-- <no> --><a x="1"><b/>t<![CDATA[<c>]]></a>')).toEqual(['instruction <?xml version="1.0"?>', 'open a', 'open b', 'text t', 'text <c>', 'close a']);
});

test('entities that a document defines are never expanded', () => {
  const [doctype, open] = tokens('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd" ><!ENTITY c ">">]><a x="&b;&amp;&#65;&c;"/>');
  expect(doctype).toMatchObject({ type: 'doctype' });
  expect(open?.type === 'open' && open.attributes.get('x')).toBe('&b;&A&c;');
});

test('of an attribute that stands there twice, the first counts', () => {
  const [open] = tokens('<a x=\'1\' x="2"/>');
  expect(open?.type === 'open' && open.attributes.get('x')).toBe('1');
});

test.for(['<a', '<a x', '<a x=', '<a x=1>', '<a x="1', '<!-- ', '<?xml', '<![CDATA[', '</a', '<!DOCTYPE a [', '< a>', '<a <b>'])('%s has no end, or is no tag', (text) => {
  expect(() => tokens(text)).toThrow(Malformed);
});

test('a megabyte of open brackets takes no time', () => {
  const begun = performance.now();
  expect(() => tokens('<!DOCTYPE ['.repeat(100_000))).toThrow(Malformed);
  expect(performance.now() - begun).toBeLessThan(1000);
});
