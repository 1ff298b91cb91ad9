// The cost of recording, in words.
import type { Cost } from '../../api/types';
import { count, size } from '../../format/size';
import { duration } from '../../format/time';
import * as texts from '../../texts/recording_dialog';

const percent = (value: number) => `${value.toFixed(value < 9.95 ? 1 : 0)} %`;

const FORMATS: Record<Cost['name'], (value: number) => string> = {
  cpu: percent,
  memory: size,
  disk: size,
  p99: duration,
  container: size,
  queue: percent,
  dropped: count,
};

/** A cost, as it is shown: "CPU 1.2 % of 5.0 %". */
export function costText({ name, value, bound }: Cost): string {
  const [{ label }, text] = [texts.costs[name], FORMATS[name]];
  return bound === null ? texts.cost(label, text(value)) : texts.costOf(label, text(value), text(bound));
}

export const costMeaning = ({ name }: Cost) => texts.costs[name].meaning;
