// SPDX-License-Identifier: Apache-2.0
import { clip } from '../../src/bytes/clip.ts';
import type { FactOf } from '../../src/model/fact.ts';

const texts = ['country_name', 'region', 'cloud_provider', 'cloud_region', 'cpu_model', 'gpu_model', 'gpu_count', 'cpu_count', 'os', 'python_version', 'codecarbon_version', 'tracking_mode'] as const;

/**
 * Files that CodeCarbon writes (mlco2.github.io/codecarbon/output.html): a row for each run, energy in kWh, emissions in kg of
 * CO2 equivalent, duration in seconds. Runs are added up.
 */
export class Emissions {
  #at: ReadonlyMap<string, number> | undefined;
  #runs = 0;
  readonly #sums = new Map<string, number>();
  #last: readonly string[] = [];

  header(fields: readonly string[]): void {
    const at = new Map(fields.map((name, index) => [name.trim().toLowerCase(), index]));
    if (at.has('emissions') && at.has('energy_consumed') && at.has('duration')) this.#at = at;
  }

  row(fields: readonly string[]): void {
    const at = this.#at;
    if (at === undefined) return;
    this.#runs += 1;
    this.#last = fields;
    for (const name of ['emissions', 'energy_consumed', 'duration']) {
      const value = Number(fields[at.get(name)!] ?? 'none');
      this.#sums.set(name, (this.#sums.get(name) ?? 0) + value);
    }
  }

  *claims(): Generator<FactOf<'claim'>> {
    const at = this.#at;
    if (at === undefined || this.#runs === 0) return;
    const say = (key: string, value: string): FactOf<'claim'> => ({ kind: 'claim', field: 'energy', value: clip(`${key}=${value}`) });
    for (const [name, key] of [['energy_consumed', 'kwh'], ['emissions', 'co2-kg'], ['duration', 'seconds']] as const) {
      const sum = this.#sums.get(name)!;
      if (Number.isFinite(sum) && sum >= 0) yield say(key, String(Number(sum.toPrecision(6))));
    }
    yield say('runs', String(this.#runs));
    for (const name of texts) {
      const value = at.has(name) ? this.#last[at.get(name)!]?.trim() ?? '' : '';
      if (value !== '') yield say(name.replaceAll('_', '-'), value);
    }
  }
}
