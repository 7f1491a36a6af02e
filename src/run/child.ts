// SPDX-License-Identifier: Apache-2.0
// The process that reads hostile bytes. It holds no secret, and its death costs one file.
import { scanners } from '../../scanners/index.ts';
import { serve } from './protocol.ts';

serve(scanners);
