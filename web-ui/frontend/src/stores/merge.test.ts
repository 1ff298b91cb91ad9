import { describe, expect, it, test } from 'vitest';
import { row } from './sample';
import { indexOf, later, merge, progress, refresh } from './merge';

const ids = (rows: readonly { id: number }[]) => rows.map(({ id }) => id);

describe('merge', () => {
  it('puts new rows on top, newest first, each once', () => {
    const rows = [row(3), row(1)];
    expect(ids(merge(rows, [row(4), row(6), row(5), row(6)], false))).toEqual([6, 5, 4, 3, 1]);
  });

  it('puts a late row where it belongs', () => {
    expect(ids(merge([row(5), row(3)], [row(4), row(9)], false))).toEqual([9, 5, 4, 3]);
  });

  it('updates in place and never takes a row back', () => {
    const done = row(2, { state: 'complete', status: 200 });
    expect(merge([row(2)], [done], false)).toEqual([done]);
    expect(merge([done], [row(2), row(2, { status: 200 })], false)).toEqual([done]);
  });

  it('keeps pins, of which news know nothing', () => {
    const done = row(2, { state: 'complete', status: 200 });
    expect(merge([row(2, { pinned: true })], [done], false)).toEqual([{ ...done, pinned: true }]);
  });

  it('takes the last of several news', () => {
    const done = row(7, { state: 'complete', status: 200 });
    expect(merge([], [row(7), done, row(7, { status: 200 })], false)).toEqual([done]);
  });

  it('leaves out rows of pages that are not loaded', () => {
    expect(ids(merge([row(10), row(9)], [row(4), row(11)], true))).toEqual([11, 10, 9]);
    expect(ids(merge([row(10), row(9)], [row(4)], false))).toEqual([10, 9, 4]);
  });
});

describe('refresh', () => {
  it('takes pins as they were fetched', () => {
    const done = row(2, { state: 'complete', pinned: true });
    expect(refresh([done], [row(2, { state: 'complete' })], false)).toEqual([{ ...done, pinned: false }]);
    expect(refresh([row(2)], [done], false)).toEqual([done]);
  });

  it('drops rows that are gone', () => {
    expect(ids(refresh([row(3), row(2), row(1)], [row(3), row(1)], false))).toEqual([3, 1]);
    expect(refresh([row(3)], [], false)).toEqual([]);
  });

  it('keeps older pages if the answer reaches them', () => {
    expect(ids(refresh([row(5), row(4), row(2)], [row(7), row(6), row(5)], true))).toEqual([7, 6, 5, 4, 2]);
  });

  it('leaves no hole', () => {
    expect(ids(refresh([row(5), row(4)], [row(9), row(8)], true))).toEqual([9, 8]);
  });

  it('does not take a row back', () => {
    const done = row(2, { state: 'complete', status: 200 });
    expect(refresh([done], [row(2)], false)).toEqual([done]);
  });
});

test('progress', () => {
  expect(progress(row(1))).toBe(0);
  expect(progress(row(1, { status: 200 }))).toBe(1);
  expect(progress(row(1, { state: 'failed' }))).toBe(2);
  const news = row(1, { method: 'PUT' });
  expect(later(row(1), news)).toBe(news);
});

test('indexOf finds by halving', () => {
  const rows = [9, 7, 4, 1].map((id) => row(id));
  expect([9, 7, 4, 1, 5, 0, 10].map((id) => indexOf(rows, id))).toEqual([0, 1, 2, 3, -1, -1, -1]);
  expect(indexOf([], 1)).toBe(-1);
});
