// SPDX-License-Identifier: Apache-2.0
import { isKept, shinglesOf, wordsOf } from './shingles.ts';

export interface Match {
  /** SPDX id; for what SPDX does not list, the keyword of the Hugging Face hub. */
  readonly id: string;
  /** Part of the licence's shingles that the text has, 0 to 1. */
  readonly alike: number;
}

interface Fingerprint {
  readonly id: string;
  readonly thinning: number;
  readonly hashes: ReadonlySet<number>;
}

/** Less than this part of a licence's words in their order is another text. */
const least = 0.85;

let loaded: Promise<readonly Fingerprint[]> | undefined;

async function fingerprints(): Promise<readonly Fingerprint[]> {
  const { default: data } = await import('./fingerprints.json', { with: { type: 'json' } });
  return Object.entries(data).map(([id, { thinning, hashes }]) => {
    const bytes = Buffer.from(hashes, 'base64');
    return { id, thinning, hashes: new Set(Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readUInt32LE(index * 4))) };
  });
}

/** The licences whose text this is, the best first; several when texts stand one behind another. */
export async function matches(text: string): Promise<Match[]> {
  loaded ??= fingerprints();
  const all = await loaded;
  const words = wordsOf(text).slice(0, 100_000);
  const left = shinglesOf(words);
  const out: Match[] = [];
  for (let round = 0; round < 4; round += 1) {
    let best: { one: Fingerprint; alike: number; score: number } | undefined;
    for (const one of all) {
      let common = 0;
      for (const hash of one.hashes) if (left.has(hash)) common += 1;
      const alike = common / one.hashes.size;
      if (alike < least) continue;
      let kept = 0;
      for (const hash of left) if (isKept(hash, one.thinning)) kept += 1;
      // Jaccard's index tells a licence from a longer one that it is a part of, and from its siblings.
      const score = common / (one.hashes.size + kept - common);
      if (best === undefined || score > best.score || (score === best.score && one.hashes.size * one.thinning > best.one.hashes.size * best.one.thinning)) best = { one, alike, score };
    }
    if (best === undefined) break;
    out.push({ id: best.one.id, alike: best.alike });
    // What is near to all of it can only be another text: siblings share most of their words with the one that was found.
    for (const hash of best.one.hashes) left.delete(hash);
  }
  return out;
}

/** Licences of models that change from release to release, by what their first lines call them. */
const titles: readonly (readonly [title: RegExp, id: string])[] = [
  [/^gemma terms of use/, 'gemma'], [/^bigscience rail license v1 0|^bigscience bloom rail/, 'bigscience-bloom-rail-1.0'], [/^bigscience openrail m/, 'bigscience-openrail-m'],
  [/^bigcode open ?rail m( v1)?/, 'bigcode-openrail-m'], [/^creativeml open ?rail m/, 'creativeml-openrail-m'], [/^creativeml open ?rail (\+\+ ?m|m)/, 'openrail++'],
  [/^llama (\d) (\d) community license/, 'llama$1.$2'], [/^(?:meta )?llama (\d) community license/, 'llama$1'],
  [/^deepfloyd if license/, 'deepfloyd-if-license'], [/^tongyi qianwen license agreement/, 'tongyi-qianwen'], [/^qwen research license/, 'qwen-research'], [/^qwen license agreement/, 'qwen'],
  [/^deepseek license agreement/, 'deepseek'], [/^mistral ai research license|^mistral research license/, 'mrl'], [/^stability ai community license/, 'stabilityai-ai-community'],
  [/^flux 1 dev non commercial license/, 'flux-1-dev-non-commercial-license'], [/^nvidia open model license/, 'nvidia-open-model-license'], [/^apple (sample code|machine learning research model)/, 'apple-amlr'],
  [/^openmdw license agreement|^openmdw/, 'openmdw-1.0'], [/^falcon (\d+ ?b )?tii license/, 'falcon-llm-license'], [/^community data license agreement permissive version 2 0/, 'CDLA-Permissive-2.0'],
  [/^open data commons attribution license/, 'ODC-By-1.0'], [/^open data commons public domain dedication/, 'PDDL-1.0'], [/^tencent hunyuan community license/, 'tencent-hunyuan-community'],
];

/** The licence that the first words name; the rest of the text is not compared with anything. */
export function titled(text: string): string | undefined {
  const words = wordsOf(text.slice(0, 4096)).join(' ');
  for (const [title, id] of titles) {
    const match = title.exec(words);
    if (match !== null) return id.replace('$1', match[1] ?? '').replace('$2', match[2] ?? '');
  }
  return undefined;
}
