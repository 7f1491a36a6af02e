// SPDX-License-Identifier: Apache-2.0
// What the `datasets` library writes into the metadata of tables: {"info": {"features": {"label": {"names": […], "_type": "ClassLabel"}}}}.
import { isObject } from './json.ts';

/** The column that is a ClassLabel, if just one is. A claim like any other. */
export function targetOf(text: string): string | undefined {
  if (text.length > 4 << 20) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined; // a remark of the writer's, of no consequence
  }
  const info = isObject(parsed) ? (isObject(parsed['info']) ? parsed['info'] : parsed) : undefined;
  const features = info?.['features'];
  if (!isObject(features)) return undefined;
  const labels = Object.entries(features).filter(([, feature]) => isObject(feature) && feature['_type'] === 'ClassLabel');
  return labels.length === 1 ? labels[0]![0] : undefined;
}
