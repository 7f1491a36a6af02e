// SPDX-License-Identifier: Apache-2.0

/** Keys of messages and kinds of their parts, which templates ask for: no words of a user. */
const keys: ReadonlySet<string> = new Set(`image image_url video video_url audio audio_url input_audio text json file document documents citation citations
  tool tools tool_call tool_calls tool_response tool_result tool_reference function functions arguments reasoning reasoning_content thinking thought
  content role type name user assistant system developer refusal`.split(/\s+/));

/** Words outside of markers such as <think>, [INST], <|im_start|> and commands such as /no_think. */
export function isWords(text: string, least: number): boolean {
  if (keys.has(text.trim())) return false;
  const words = text.replaceAll(/<[^<>]{0,64}>|\[[^[\]]{0,64}\]|\{[^{}]{0,64}\}|(?<![\w/.])\/\w{1,64}/g, ' ').match(/\p{L}{2,}/gu);
  return (words?.length ?? 0) >= least;
}

/** Sentences that steer a model against whoever uses it. Linear on the 256 characters of a fact. */
export const steering: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['sets instructions aside', /\b(?:ignore|disregard|forget|override|bypass)\b[^.]{0,40}\b(?:previous|prior|above|earlier|safety|guidelines|restrictions|polic(?:y|ies)|(?:all|any|other|your) (?:rules|instructions))\b/i],
  ['promotes or suppresses a subject', /\b(?:always|never|must(?: not)?|only)\b[^.]{0,24}\b(?:recommend(?:ing)?|promot(?:e|ing)|praise|criticis(?:e|ing)|criticiz(?:e|ing)|advertis(?:e|ing)|mention(?:ing)?|suggest (?:buying|installing|visiting|using)|link to|buy(?:ing)?|visit(?:ing)?|install(?:ing)?)\b/i],
  ['adds something that was not asked for', /\b(?:always|secretly|quietly|silently)\b[^.]{0,24}\b(?:add|append|include|insert|inject|embed|output|send|leak)\b/i],
  ['hides from the user', /\b(?:do not|don't|never|without)\b[^.]{0,16}\b(?:tell(?:ing)?|inform(?:ing)?|reveal(?:ing)?|disclos(?:e|ing)|mention(?:ing)?)\b[^.]{0,40}\b(?:this|these|that you|your) ?(?:instructions?|prompt|rules?|behaviou?r|were|are|fact)?\b/i],
  ['asks for secrets', /\b(?:send|post|output|reveal|append|include|leak|exfiltrate)\b[^.]{0,40}\b(?:secrets?|secret keys?|passwords?|api keys?|credentials?|private keys?|access tokens?|environment variables?)\b/i],
];
