// SPDX-License-Identifier: Apache-2.0
// The process that studies one data set. Node's permission model keeps it from writing, starting programs and reading anything
// but this package and the data; a deadline and a cap on memory are held from outside.
import type { StudyTask } from '../study/study.ts';

const [{ scanners }, { questions }, { study }] = await Promise.all([import('../../scanners/index.ts'), import('../study/questions/index.ts'), import('../study/study.ts')]);

process.on('message', (task: StudyTask) => {
  void study(task, scanners, questions).then((facts) => process.send?.({ facts }));
});
process.on('disconnect', () => process.exit(0));
