import { expect, test, vi } from 'vitest';
import { fetchRedaction, redactValue, setRedaction } from '../api/calls';
import type { RedactionInForce, RedactionPart, Status } from '../api/types';
import type { Recording } from './recording.svelte';
import { Redaction } from './redaction.svelte';

vi.mock('../api/calls');

const recording = (redaction?: object) =>
  ({ status: { redaction } as Status, refresh: () => Promise.resolve() }) as unknown as Recording;

const part = (changed: number, next_after: number | null, open = 0): RedactionPart => ({
  set: '',
  exchanges: 100,
  changed,
  done: 0,
  open,
  too_large: [],
  failed: [],
  findings: [
    { place: 'request body', kind: 'chosen', count: changed },
    { place: 'response body', kind: 'chosen', count: 1 },
  ],
  by_exchange: [],
  next_after,
});

test('it is off where there is no set, and not where nothing is known of it', () => {
  expect(new Redaction(recording({ set: null })).isOff).toBe(true);
  expect(new Redaction(recording({ set: 'default' })).isOff).toBe(false);
  expect(new Redaction(recording()).isOff).toBe(false);
});

test('a redaction everywhere goes on until the last part, and says how far it is', async () => {
  vi.mocked(redactValue)
    .mockResolvedValueOnce(part(2, 100))
    .mockResolvedValueOnce(part(3, null, 1));
  const heard: number[] = [];
  const asked = { place: 'request.json:$.pin', everywhere: true, dryRun: true };
  const sum = await new Redaction(recording()).redact(7, asked, ({ looked }) => heard.push(looked) > 0);
  expect(sum).toEqual({ values: 7, exchanges: 5, looked: 200, leftOut: 1 });
  expect(heard).toEqual([100, 200]);
  expect(vi.mocked(redactValue).mock.calls.map(([, { after }]) => after)).toEqual([null, 100]);
});

test('it stops where it is told to', async () => {
  vi.mocked(redactValue).mockReset().mockResolvedValue(part(2, 100));
  await new Redaction(recording()).redact(7, { place: 'p', everywhere: true, dryRun: true }, () => false);
  expect(redactValue).toHaveBeenCalledTimes(1);
});

test('a rule is added to those that are in force, whoever added them', async () => {
  const added = [{ header: 'x' }];
  vi.mocked(fetchRedaction).mockResolvedValue({ added } as unknown as RedactionInForce);
  const redaction = new Redaction(recording());
  await redaction.add({ json: '$..pin' }, 'why');
  expect(setRedaction).toHaveBeenLastCalledWith([{ header: 'x' }, { json: '$..pin' }], 'why');
  await redaction.remove({ header: 'x' }, 'gone');
  expect(setRedaction).toHaveBeenLastCalledWith([], 'gone');
});
