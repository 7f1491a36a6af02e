// SPDX-License-Identifier: Apache-2.0
// Text that speaks to the model which will read it: orders to forget what it was told, signs of a chat's turns inside data, pictures
// whose address carries what was said, and orders in comments or styles that a reader does not see.

import { eachMatch } from './matches.ts';

export type InjectionKind = 'override' | 'turn-token' | 'exfiltration' | 'unseen-order';

export interface Injection {
  readonly kind: InjectionKind;
  readonly at: number;
  readonly length: number;
}

const override = /\b(?:ignore|disregard|forget|override|bypass|do\s+not\s+follow|stop\s+following)\b[^.!?\n]{0,40}\b(?:previous|prior|above|earlier|preceding|all|any|your|the\s+system|foregoing|initial|original)\b[^.!?\n]{0,30}\b(?:instructions?|prompts?|rules?|guidelines?|directions?|directives?|context|constraints?|programming|commands?|safety)\b/gi;
/** "Forget all those rules" is said among people; what was before, or is the reader's own, is spoken of to a model. */
const addressed = /\b(?:previous|prior|above|earlier|preceding|your|system|foregoing|initial|original)\b|\b(?:instructions?|prompts?|directives?|programming)$/i;
const roleplay = /\b(?:you\s+are\s+now|from\s+now\s+on,?\s+you(?:\s+are|\s+will|\s+must)?|(?:dear|attention|note\s+to|instructions?\s+(?:to|for))\s+(?:the\s+)?(?:ai|llm|assistant|language\s+model|chatbot|agent|model)s?)\b[^.!?\n]{0,120}\b(?:ignore|must|reveal|unrestricted|jailbroken|no\s+(?:restrictions|rules|limits)|system\s+prompt|secretly|without\s+(?:telling|mentioning|informing)|always\s+(?:answer|respond|say|recommend)|send|forward|do\s+not\s+(?:tell|mention|reveal))\b/gi;
const reveal = /\b(?:reveal|print|repeat|output|show|leak|send)\b[^.!?\n]{0,30}\b(?:your|the)\s+(?:hidden\s+|initial\s+|secret\s+|full\s+)?(?:system\s+(?:prompt|message|instructions?)|api\s+keys?|hidden\s+instructions?)\b/gi;
const turn = /<\|(?:im_start|im_end|system|user|assistant|endoftext|eot_id|start_header_id|end_header_id|begin_of_text)\|>|\[\/?INST\]|<<\/?SYS>>|<start_of_turn>|<end_of_turn>|<\/?s>\s*\[INST\]/g;
const exfiltration = /!\[[^\]\n]{0,80}\]\(\s*https?:\/\/[^)\s]{1,200}[?&][\w-]{1,32}=(?:\{|%7B|\$|<|\[|(?:your|the|user|secret|conversation|history|summary|data)[\w-]{0,24}\b)[^)\n]{0,200}\)/gi;
const unseen = /<!--[^]{0,600}?-->|<(?:span|div|p)\b[^>]{0,120}style\s*=\s*["'][^"'>]{0,160}(?:display\s*:\s*none|font-size\s*:\s*0|opacity\s*:\s*0(?![.\d])|visibility\s*:\s*hidden|color\s*:\s*(?:white|#fff(?:fff)?)\b)[^"'>]{0,160}["'][^>]{0,80}>[^<]{0,600}/gi;
const order = /\b(?:assistant|language\s+model|llm|chatbot|ai\s+(?:model|agent|system))\b[^]{0,120}\b(?:must|should|ignore|always|never|do\s+not|say|answer|respond|recommend|send|include)\b|\b(?:ignore|disregard)\b[^]{0,60}\binstructions?\b/i;

const glance = /ignore|disregard|forget|override|bypass|follow|you are now|from now on|dear |attention|note to|instruction|reveal|print|repeat|output|show|leak|send|<\||\[\/?INST|<<\/?SYS|_of_turn>|!\[|<!--|style/i;

/** Places outside fenced and inline code: what is quoted there is spoken of, not said. */
export function injectionsIn(text: string, most = 16): Injection[] {
  if (!glance.test(text)) return [];
  const seen = text.includes('`') ? text.replaceAll(/```[^]{0,20000}?```|`[^`\n]{0,400}`/g, (code) => ' '.repeat(code.length)) : text;
  const out: Injection[] = [];
  const look = (kind: InjectionKind, pattern: RegExp, holds: (match: string, at: number) => boolean = () => true): void => {
    eachMatch(seen, pattern, (match, index) => {
      if (out.length < most && holds(match, index)) out.push({ kind, at: index, length: match.length });
    });
  };
  look('override', override, (match, at) => addressed.test(match) && !quoted(seen, at) && !told(seen, at));
  look('override', roleplay, (_, at) => !quoted(seen, at));
  look('override', reveal, (_, at) => !quoted(seen, at));
  look('turn-token', turn);
  look('exfiltration', exfiltration);
  look('unseen-order', unseen, (match) => order.test(match));
  return out;
}

/** Whether words are told as somebody's: an opening quotation mark or "like", "such as" stands before them. */
function quoted(text: string, at: number): boolean {
  return /["'“‘«]\s*$|\b(?:such as|like|e\.g\.|say|says|saying|called)\s*[:"'“‘]*\s*$/i.test(text.slice(Math.max(0, at - 16), at));
}

/** Whether somebody is said to do it ("addresses that do not follow the above rules"): no order to whoever reads. */
function told(text: string, at: number): boolean {
  return /\b(?:that|which|who|they|these|those|he|she)\s+$/i.test(text.slice(Math.max(0, at - 16), at));
}
