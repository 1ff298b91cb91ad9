import { describe, expect, it, test } from 'vitest';
import { indexOf, later, merge, progress, refresh } from './merge';
import { row } from './sample';

describe('merge', () => {
  it('puts new ones on top, newest first, each once', () => {
    expect(merge([3, 1], [4, 6, 5, 6, 3], false)).toEqual([6, 5, 4, 3, 1]);
  });

  it('puts a late one where it belongs', () => {
    expect(merge([5, 3], [4, 9], false)).toEqual([9, 5, 4, 3]);
  });

  it('leaves the list alone where nothing is new', () => {
    const ids = [5, 3];
    expect(merge(ids, [3, 5], false)).toBe(ids);
  });

  it('leaves out what is of pages that are not loaded', () => {
    expect(merge([10, 9], [4, 11], true)).toEqual([11, 10, 9]);
    expect(merge([10, 9], [4], false)).toEqual([10, 9, 4]);
  });
});

describe('refresh', () => {
  it('drops what is gone', () => {
    expect(refresh([3, 2, 1], [3, 1], false)).toEqual([3, 1]);
    expect(refresh([3], [], false)).toEqual([]);
  });

  it('keeps older pages if the answer reaches them', () => {
    expect(refresh([5, 4, 2], [7, 6, 5], true)).toEqual([7, 6, 5, 4, 2]);
  });

  it('leaves no hole', () => {
    expect(refresh([5, 4], [9, 8], true)).toEqual([9, 8]);
  });
});

describe('later', () => {
  const done = row(2, { state: 'complete', status: 200 });

  it('never takes an exchange back', () => {
    expect(later(row(2), done)).toEqual(done);
    expect(later(done, row(2, { status: 200 }))).toEqual(done);
  });

  it('keeps pins, of which news know nothing', () => {
    expect(later(row(2, { pinned: true }), done)).toEqual({ ...done, pinned: true });
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
  expect([9, 7, 4, 1, 5, 0, 10].map((id) => indexOf([9, 7, 4, 1], id))).toEqual([0, 1, 2, 3, -1, -1, -1]);
  expect(indexOf([], 1)).toBe(-1);
});
