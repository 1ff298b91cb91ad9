import { expect, test } from 'vitest';
import type { LostHour } from '../api/types';
import { droppedText, hourOfDay, missing, reasons, span, total } from './gaps';

const none = { queue_full: 0, disk_full: 0, disk_error: 0, recorder_fault: 0, client_share: 0 };

/** An hour by the local clock of wherever the tests run. */
const local = (hour: number, minute = 0, second = 0, day = 22) =>
  new Date(2026, 10, day, hour, minute, second).toISOString();
const lost: LostHour = {
  hour: local(15),
  from: local(15, 4, 5),
  until: local(15, 40),
  dropped: { ...none, disk_full: 3, queue_full: 12 },
};

test('reasons are those that there are, the most frequent first', () => {
  expect(reasons(lost.dropped).map(({ reason }) => reason)).toEqual(['queue_full', 'disk_full']);
  expect(total(lost.dropped)).toBe(15);
  expect(reasons(none)).toEqual([]);
});

test.each([
  [0, 'parts of exchanges'],
  [1, '1 exchange'],
  [1200, '1\u2009200 exchanges'],
])('%d missing are %s', (exchanges, text) => expect(missing(exchanges)).toBe(text));

test('hours and spans are local', () => {
  expect(hourOfDay(lost)).toBe('15:00–16:00');
  expect(hourOfDay({ ...lost, hour: local(23) })).toBe('23:00–00:00');
  expect(span(lost)).toBe('15:04:05 – 15:40:00');
  expect(span(lost, true)).toBe('2026-11-22 15:04:05.000 – 2026-11-22 15:40:00.000');
  expect(span({ ...lost, until: local(0, 1, 0, 23) })).toBe('15:04:05 – 2026-11-23 00:01:00');
});

test('what was dropped is told with its reasons', () => {
  expect(droppedText(none)).toBe('Nothing was dropped since dashcam started.');
  expect(droppedText(lost.dropped)).toBe(
    'Not recorded since dashcam started.\n12: too much at once for the disk\n3: the disk was full, or nearly',
  );
  expect(droppedText({ ...none, client_share: 2 }, [{ client: '192.0.2.1', exchanges: 2 }])).toBe(
    'Not recorded since dashcam started.\n2: one client had more than its share waiting for the disk\nBeyond their share: 192.0.2.1 (2)',
  );
});
