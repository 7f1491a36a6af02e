// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

/** Pixels for each byte of the file that ordinary compression reaches on scans and drawings. */
const usual = 400;
/** From here on most decoders refuse, or take gigabytes. */
const refused = 178_956_970;

export default rule({
  id: 'picture-bomb',
  title: 'A picture that unpacks to very many pixels',
  why: 'A few kilobytes of picture can ask a decoder for gigabytes of memory: one such file in a data set stops a training run, or the service that makes thumbnails.',
  fix: 'Leave the file out, or decode it only with a limit on pixels (Pillow: MAX_IMAGE_PIXELS; sharp: limitInputPixels).',
  severity: 'medium',
  confidence: 'high',
  references: ['CWE-409', 'https://pillow.readthedocs.io/en/stable/reference/Image.html#PIL.Image.MAX_IMAGE_PIXELS'],
  provisions: ['5.2.3-1'],
  example: ['png/bomb.png', 'png/plain.png'],
  reads: ['anomaly'],
  *check({ facts, artefact }) {
    for (const { measure, value, detail = '' } of facts) {
      if (measure !== 'picture-pixels') continue;
      const packed = value / Math.max(1, artefact.size);
      if (packed < usual) yield { message: `picture of ${detail} bytes: large, and stored as such`, severity: 'info', key: 'large' };
      else yield { message: `picture of ${detail} bytes: ${Math.round(packed)} pixels for each byte, where pictures have ${usual} at most`, severity: value >= refused ? 'medium' : 'low', key: 'bomb' };
    }
  },
});
