// SPDX-License-Identifier: Apache-2.0
import { below, isObject, objects, quote, type Group, type Lint, type Node } from '../lint.ts';

const notAffected: Lint = {
  id: 'not-affected-without-reason',
  level: 'warning',
  title: 'a finding is dismissed without a reason',
  why: 'VEX asks why a component is not affected; without it a reader must take the word of whoever wrote the document.',
  fix: 'Give analysis.justification, or a detail that says what was checked.',
};
const nothingAffected: Lint = {
  id: 'finding-affects-nothing',
  level: 'warning',
  title: 'a finding that affects no component',
  why: 'Nobody can tell which file to look at.',
  fix: 'List the bom-ref of each affected component under affects.',
};
const scoreRange: Lint = {
  id: 'score-out-of-range',
  level: 'error',
  title: 'a CVSS score beyond the scale',
  why: 'CVSS ends at 10; sorting by such a score puts the finding where it does not belong.',
  fix: 'Give the score that the vector yields.',
};
const severity: Lint = {
  id: 'severity-contradicts-score',
  level: 'warning',
  title: 'a severity that the score contradicts',
  why: 'Gates look at one of the two; a critical score called "low" passes.',
  fix: 'Use the severity of the score\'s range: 0.1 low, 4.0 medium, 7.0 high, 9.0 critical.',
};
const findingTwice: Lint = {
  id: 'finding-twice',
  level: 'warning',
  title: 'one finding twice for one component',
  why: 'Counts are wrong, and two analyses of one thing may disagree.',
  fix: 'Keep one entry, with all affected components.',
};
const verdictsDiffer: Lint = {
  id: 'finding-contradicted',
  level: 'error',
  title: 'one finding is called affected and not affected',
  why: 'Which of the two a reader believes is chance.',
  fix: 'Keep the analysis that is true.',
};
const dates: Lint = {
  id: 'dates-reversed',
  level: 'warning',
  title: 'something ends, or was changed, before it began',
  why: 'One of the two dates is wrong, and evidence with wrong dates is none.',
  fix: 'Correct the dates.',
};

const ranks = ['none', 'low', 'medium', 'high', 'critical'];
const pairs = [['created', 'expires'], ['created', 'updated'], ['published', 'updated'], ['firstIssued', 'lastUpdated'], ['timeStart', 'timeEnd'], ['notValidBefore', 'notValidAfter']] as const;

export const findings: Group = {
  lints: [notAffected, nothingAffected, scoreRange, severity, findingTwice, verdictsDiffer, dates],
  start(say) {
    const seen = new Map<string, string>();
    const twice = ({ value, place }: Node): void => {
      const state = isObject(value['analysis']) ? String(value['analysis']['state']) : '';
      objects(value['affects']).forEach(({ ref }, i) => {
        const key = JSON.stringify([value['id'], ref, value['source'], value['properties'] ?? value['detail'] ?? '']);
        const other = seen.get(key);
        seen.set(key, state);
        if (other === undefined || typeof value['id'] !== 'string') return;
        const contradicted = other !== state && [other, state].includes('not_affected') && [other, state].includes('exploitable');
        say(contradicted ? verdictsDiffer : findingTwice, below(place, 'affects', i), `${quote(value['id'])} is already there for ${quote(ref)}${contradicted ? ', with the other verdict' : ''}`);
      });
    };
    return {
      object(node) {
        const { value, place, key } = node;
        if (key === 'vulnerabilities') {
          const { analysis, affects } = value;
          if (isObject(analysis) && ['not_affected', 'false_positive'].includes(String(analysis['state'])) && [analysis['justification'], analysis['detail']].every((text) => typeof text !== 'string' || text.trim() === '')) {
            say(notAffected, below(place, 'analysis'), `${quote(value['id'] ?? '')} is ${String(analysis['state'])} without a reason`);
          }
          if (!Array.isArray(affects) || affects.length === 0) say(nothingAffected, place, `${quote(value['id'] ?? '')} affects nothing`);
          else twice(node);
        }
        if (key === 'ratings' && typeof value['score'] === 'number') rating(node);
        for (const [from, to] of pairs) {
          const [first, last] = [value[from], value[to]];
          if (typeof first === 'string' && typeof last === 'string' && Date.parse(first) > Date.parse(last)) say(dates, below(place, to), `${to} ${quote(last)} is before ${from} ${quote(first)}`);
        }
      },
    };
    function rating({ value, place }: Node): void {
      const score = value['score'] as number;
      if (!String(value['method']).startsWith('CVSS')) return;
      if (!(score >= 0 && score <= 10)) return say(scoreRange, below(place, 'score'), `${score} is not from 0 to 10`);
      const rank = score === 0 ? 0 : score < 4 ? 1 : score < 7 ? 2 : score < 9 ? 3 : 4;
      const named = ranks.indexOf(String(value['severity']));
      // CVSS 2 has no critical and no none; one step of difference is a matter of versions.
      if (named >= 0 && Math.abs(named - rank) > 1) say(severity, below(place, 'severity'), `${quote(value['severity'])} with a score of ${score}`);
    }
  },
};
