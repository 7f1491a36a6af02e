// SPDX-License-Identifier: Apache-2.0
import { rule } from '../model/rule.ts';

export default rule({
  id: 'mlflow-run-missing',
  title: 'A model of MLflow names no run',
  why: 'MLmodel holds no digest; the run is all that leads from the files to the code, parameters and data that made them. Without it nobody can tell where the weights come from.',
  fix: 'Log the model inside a run (mlflow.start_run), or record its origin in the card and sign the folder.',
  severity: 'low',
  confidence: 'high',
  references: ['https://mlflow.org/docs/latest/model/'],
  provisions: ['5.2.4-1', '5.2.1-2'],
  example: ['model-documents/without-run/MLmodel', 'model-documents/MLmodel'],
  reads: ['claim'],
  *check({ artefact, facts }) {
    if (!/(^|\/)MLmodel$/i.test(artefact.id) || !facts.some(({ field, value }) => field === 'library' && value === 'mlflow')) return;
    if (!facts.some(({ field, value }) => field === 'training' && value.startsWith('mlflow-run_id='))) yield { message: 'the model names no run (run_id is absent); allowed is one that leads to code, parameters and data', key: 'run' };
  },
});
