// SPDX-License-Identifier: Apache-2.0
import type { Question } from '../question.ts';
import pictures from './pictures.ts';

/** All questions, in the order in which their answers are told. One line for each. */
export const questions: readonly Question[] = [
  pictures,
];
