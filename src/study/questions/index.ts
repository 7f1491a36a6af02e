// SPDX-License-Identifier: Apache-2.0
import type { Question } from '../question.ts';
import { formulas } from './formulas.ts';
import pictures from './pictures.ts';
import { urlOnly } from './url-only.ts';
import { values } from './values.ts';

/** All questions, in the order in which their answers are told. One line for each. */
export const questions: readonly Question[] = [
  urlOnly,
  values,
  formulas,
  pictures,
];
