// SPDX-License-Identifier: Apache-2.0
// What cards and the overlay say of use, limits, risks, energy and training, as CycloneDX has it.
import type { Bom } from './bom.ts';
import { properties, type Pairs } from './canonical.ts';
import type { Considerations } from './document.ts';
import { publishable } from './text.ts';

/** Texts of one topic, the user's first; without repetition. */
export function textsOf(bom: Bom, topic: string, own: readonly (string | undefined)[] = []): string[] {
  return [...new Set([...own.flatMap((text) => (text === undefined ? [] : [publishable(text)])), ...bom.details.section(topic).map(({ value }) => value)])];
}

export function considerations(bom: Bom): Considerations | undefined {
  const { model, system } = bom.overlay;
  const users = model?.users ?? [];
  const useCases = [...textsOf(bom, 'intended-use', model?.useCases), ...(system?.applicationArea ?? []).map((area) => `Application area: ${area}`)];
  const limits = [...textsOf(bom, 'limitations', model?.limitations), ...bom.details.section('out-of-scope').map(({ value }) => `Out of scope: ${value}`)];
  const [mitigation] = bom.details.section('mitigation');
  const risks = [
    ...(model?.risks ?? []).map(({ name, mitigation: against }) => ({ name, ...(against === undefined ? {} : { mitigationStrategy: against }) })),
    ...textsOf(bom, 'risks').map((name) => ({ name, ...(mitigation === undefined ? {} : { mitigationStrategy: mitigation.value }) })),
  ];
  // CycloneDX has kWh only together with the provider and its source of energy, which no file says.
  const energy = properties([
    ...bom.details.energy.map(({ key, value }) => [`assay:energy:${key}`, value.value] as const),
    ...bom.details.section('environment').map(({ value }) => ['assay:energy:statement', value] as const),
  ]);
  const all: Considerations = {
    ...(users.length === 0 ? {} : { users }),
    ...(useCases.length === 0 ? {} : { useCases }),
    ...(limits.length === 0 ? {} : { technicalLimitations: limits }),
    ...(risks.length === 0 ? {} : { ethicalConsiderations: risks }),
    ...(energy.length === 0 ? {} : { environmentalConsiderations: { properties: energy } }),
  };
  return Object.keys(all).length === 0 ? undefined : all;
}

const approaches: readonly (readonly [RegExp, string])[] = [
  [/^(self-supervised|pretraining|pre-training)$/i, 'self-supervised'], [/^(unsupervised)$/i, 'unsupervised'], [/^(semi-supervised)$/i, 'semi-supervised'],
  [/^(sft|supervised|supervised-fine-?tuning)$/i, 'supervised'], [/^(dpo|ppo|grpo|rlhf|orpo|kto|reinforcement-learning)$/i, 'reinforcement-learning'],
];

/** How the model learned, where the user or a tag says it; never guessed from the task. */
export function approachOf(bom: Bom): string | undefined {
  const said = bom.overlay.model?.trainingApproach;
  if (said !== undefined) return said;
  const tags = bom.claims('tag').map(({ value }) => value);
  return approaches.find(([pattern]) => tags.some((tag) => pattern.test(tag)))?.[1];
}

/** The taxonomy's word for how it was tuned. */
export function tuneMethodOf(bom: Bom): string | undefined {
  const kind = bom.claims('hyperparameter').find(({ value }) => value.startsWith('peft_type='))?.value.slice(10).toLowerCase();
  if (kind === 'lora') return 'lora';
  if (bom.isAdapter) return 'adapter';
  const tags = new Set(bom.claims('tag').map(({ value }) => value.toLowerCase()));
  return (['sft', 'rlhf', 'qlora', 'lora'] as const).find((tag) => tags.has(tag));
}

/** Properties of the model card that CycloneDX has no member for. */
export function statements(bom: Bom): Pairs {
  const { model, system } = bom.overlay;
  const several = (name: string, texts: readonly string[]): Pairs => texts.map((text) => [name, text] as const);
  const compute = bom.details.training.filter(({ key }) => /^(total_flos|hours)$/.test(key)).map(({ key, value }) => `${key}=${value.value}`).join(', ');
  return [
    ...several('assay:explainability', textsOf(bom, 'explainability', [model?.explainability])),
    ...several('assay:preprocessing', textsOf(bom, 'preprocessing', [model?.preprocessing])),
    ...several('assay:training:statement', [...textsOf(bom, 'training-procedure'), ...textsOf(bom, 'training-data')]),
    ...several('assay:hardware:statement', [...textsOf(bom, 'hardware', system?.hardware)]),
    ...bom.details.training.map(({ key, value }) => [`assay:training:${key}`, value.value] as const),
    ...bom.details.energy.filter(({ key }) => /^(gpu-model|cpu-model|hardware)$/.test(key)).map(({ key, value }) => [`assay:hardware:training:${key}`, value.value] as const),
    ...Object.entries(model?.thresholds ?? {}).map(([metric, value]) => ['assay:metric:threshold', `${metric}=${value}`] as const),
    ['assay:training:compute', model?.compute ?? (compute === '' ? undefined : compute)],
    ['assay:safety-risk', model?.safetyRisk],
    ['assay:autonomy', model?.autonomy],
    ['assay:personal-data', model?.personalData],
    ...several('assay:domain', [...(model?.domains ?? [])]),
    ...several('assay:system:application-area', [...(system?.applicationArea ?? [])]),
    ...several('assay:part', bom.details.parts.map(({ key, value }) => `${key}=${value.value}`)),
  ];
}
