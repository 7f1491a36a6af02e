// SPDX-License-Identifier: Apache-2.0
import type { Question } from '../question.ts';
import { formulas } from './formulas.ts';
import { copies, flood } from './copies.ts';
import { gibberish } from './gibberish.ts';
import pictures from './pictures.ts';
import { hiddenText, injection, secrets } from './signs.ts';
import { retrievalStore } from './store.ts';
import { tableTrigger } from './table.ts';
import { urlOnly } from './url-only.ts';
import { values } from './values.ts';
import { codePayload, responseClusters, textConflict } from './words.ts';

/** All questions, in the order in which their answers are told. One line for each. */
export const questions: readonly Question[] = [
  urlOnly,
  values,
  formulas,
  pictures,
  hiddenText,
  injection,
  secrets,
  textConflict,
  tableTrigger,
  gibberish,
  flood,
  copies,
  responseClusters,
  codePayload,
  retrievalStore,
];
