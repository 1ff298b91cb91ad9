// The cost of recording, in words.
import type { Cost } from '../../api/types';
import { count, size } from '../../format/size';
import { duration } from '../../format/time';

const percent = (value: number) => `${value.toFixed(value < 9.95 ? 1 : 0)} %`;

const COSTS: Record<Cost['name'], { label: string; meaning: string; text: (value: number) => string }> = {
  cpu: { label: 'CPU', meaning: 'CPU time of recording, of the CPUs that dashcam may use', text: percent },
  memory: { label: 'memory', meaning: 'Bytes that the recorder holds', text: size },
  disk: { label: 'disk', meaning: 'Bytes of the database', text: size },
  p99: { label: 'wait', meaning: 'The longest wait of traffic’s threads, but for one in a hundred', text: duration },
  container: { label: 'container', meaning: 'Bytes of memory that the container uses', text: size },
  queue: { label: 'queue', meaning: 'The fuller of the recorder’s queues', text: percent },
  dropped: { label: 'dropped', meaning: 'Exchanges that found no room lately', text: count },
};

/** A cost, as it is shown: "CPU 1.2 % of 5.0 %". */
export function costText({ name, value, bound }: Cost): string {
  const { label, text } = COSTS[name];
  return `${label} ${text(value)}${bound === null ? '' : ` of ${text(bound)}`}`;
}

export const costMeaning = ({ name }: Cost) => COSTS[name].meaning;
