// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'picture-active-text',
  title: 'Script or code in the metadata of a picture',
  why: 'Comments, EXIF and XMP of pictures end up in web pages, file names, shells and captions that a model learns. Script or code there attacks whatever shows or runs them.',
  fix: 'Read the text. Save the pictures without metadata (exiftool -all=, or decode and encode them again) before they are used.',
  severity: 'medium',
  confidence: 'medium',
  references: ['CWE-79', 'CWE-94', 'CWE-434'],
  provisions: ['5.2.3-1'],
  example: ['png/script.png', 'png/text.png'],
  reads: ['anomaly'],
  *check({ facts }) {
    for (const { measure, detail = '', at } of facts) {
      if (measure !== 'picture-active-text') continue;
      const [where] = detail.split(': ', 1);
      yield { message: `text that could act in ${where}`, evidence: [detail], ...(at === undefined ? {} : { at }) };
    }
  },
});
