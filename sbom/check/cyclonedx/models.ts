// SPDX-License-Identifier: Apache-2.0
import { below, isComponent, isObject, objects, quote, type Group, type Json, type Lint } from '../lint.ts';

const modelCardOnWrongType: Lint = {
  id: 'model-card-on-wrong-type',
  level: 'error',
  title: 'a model card on something that is no model',
  why: 'The specification allows modelCard on machine-learning-model only; readers of models never look elsewhere.',
  fix: 'Set the type to machine-learning-model, or move the card to the model.',
};
const dataOnWrongType: Lint = {
  id: 'data-on-wrong-type',
  level: 'error',
  title: 'a description of data on something that is no data',
  why: 'The specification allows data on components of type data only; readers of datasets never look elsewhere.',
  fix: 'Set the type to data, or move it to a component of that type.',
};
const interval: Lint = {
  id: 'interval-reversed',
  level: 'error',
  title: 'a confidence interval that ends before it begins',
  why: 'The value it belongs to cannot lie in it.',
  fix: 'Swap the bounds.',
};
const emptyCard: Lint = {
  id: 'empty-model-card',
  level: 'note',
  title: 'a model card that says nothing',
  why: 'It looks like documentation where there is none.',
  fix: 'Fill in task, architecture, datasets and limitations, or leave the card out.',
};
const metricValue: Lint = {
  id: 'metric-without-number',
  level: 'warning',
  title: 'a performance metric whose value is no number',
  why: 'A metric that cannot be compared is no evidence of performance.',
  fix: 'Give the number, and its unit or slice beside it.',
};
const datasetTwice: Lint = {
  id: 'dataset-twice',
  level: 'warning',
  title: 'a model card names one dataset twice',
  why: 'Training or evaluation data are counted twice, or one of the two was meant to be another.',
  fix: 'Name each dataset once.',
};
const datasetIsNoData: Lint = {
  id: 'dataset-is-no-data',
  level: 'error',
  title: 'a dataset reference leads to a component that is no data',
  why: 'What the model was trained on is then a library or a model, which no reader can make sense of.',
  fix: 'Point to a component of type data, or to a data entry of one.',
};

export const models: Group = {
  lints: [modelCardOnWrongType, dataOnWrongType, interval, emptyCard, metricValue, datasetTwice, datasetIsNoData],
  start(say) {
    const types = new Map<string, unknown>();
    const wanted: (() => void)[] = [];
    return {
      object(node) {
        const { value, place, key } = node;
        if (isComponent(node)) {
          const { type, modelCard, data } = value;
          if (typeof value['bom-ref'] === 'string') types.set(value['bom-ref'], type);
          if (modelCard !== undefined && type !== 'machine-learning-model') say(modelCardOnWrongType, below(place, 'modelCard'), `a component of type ${quote(type)} has a modelCard`);
          if (data !== undefined && type !== 'data') say(dataOnWrongType, below(place, 'data'), `a component of type ${quote(type)} has data`);
          if (isObject(modelCard) && Object.keys(modelCard).every((name) => name === 'bom-ref')) say(emptyCard, below(place, 'modelCard'), 'the model card holds nothing');
        }
        if (key === 'confidenceInterval') {
          const { lowerBound, upperBound } = value;
          if (typeof lowerBound === 'string' && typeof upperBound === 'string' && Number(lowerBound) > Number(upperBound)) {
            say(interval, place, `the interval goes from ${quote(lowerBound)} to ${quote(upperBound)}`);
          }
        }
        if (key === 'performanceMetrics' && typeof value['value'] === 'string' && !/\d/.test(value['value'])) say(metricValue, below(place, 'value'), `${quote(value['value'])} holds no number`);
        if (key === 'modelParameters') {
          const seen = new Set<string>();
          objects(value['datasets']).forEach((dataset, i) => {
            const name = nameOf(dataset);
            const { ref } = dataset;
            if (name !== undefined && seen.has(name)) say(datasetTwice, below(place, 'datasets', i), `${quote(name)} was named already`);
            if (name !== undefined) seen.add(name);
            if (typeof ref === 'string') {
              wanted.push(() => {
                if (types.has(ref) && types.get(ref) !== 'data') say(datasetIsNoData, below(place, 'datasets', i, 'ref'), `${quote(ref)} is of type ${quote(types.get(ref))}`);
              });
            }
          });
        }
      },
      finish() {
        for (const check of wanted) check();
      },
    };
  },
};

function nameOf({ ref, name, type }: Json): string | undefined {
  if (typeof ref === 'string') return ref;
  return typeof name === 'string' && type === 'dataset' ? `name ${name}` : undefined;
}
