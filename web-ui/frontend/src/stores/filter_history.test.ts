import { expect, test } from 'vitest';
import { FilterHistory } from './filter_history.svelte';

/** What a browser keeps. */
class Kept {
  readonly values = new Map<string, string>();
  getItem = (key: string) => this.values.get(key) ?? null;
  setItem = (key: string, value: string) => void this.values.set(key, value);
  removeItem = (key: string) => void this.values.delete(key);
}

test('the latest is first, and none is there twice', () => {
  const history = new FilterHistory(new Kept());
  for (const text of ['a', 'b', ' a ', '', '  ', 'a']) history.add(text);
  expect(history.list).toEqual(['a', 'b']);
});

test('it is bounded', () => {
  const history = new FilterHistory(new Kept());
  for (let n = 0; n < 70; n++) history.add(`id:${n}`);
  history.add('x'.repeat(2001));
  expect([history.list.length, history.list[0], history.list.at(-1)]).toEqual([50, 'id:69', 'id:20']);
});

test('another tab sees it, and what is cleared is gone from the browser', () => {
  const kept = new Kept();
  const [one, other] = [new FilterHistory(kept), new FilterHistory(kept)];
  one.add('a');
  other.add('b');
  one.refresh();
  expect(one.list).toEqual(['b', 'a']);
  one.remove('b');
  expect(new FilterHistory(kept).list).toEqual(['a']);
  one.clear();
  expect([kept.values.size, new FilterHistory(kept).list]).toEqual([0, []]);
});

test.each(['{', '7', '{"a":1}', 'null'])('%s in its place is as nothing', (text) => {
  const kept = new Kept();
  kept.setItem('dashcam.filters', text);
  const history = new FilterHistory(kept);
  expect(history.list).toEqual([]);
  history.add('a');
  expect(new FilterHistory(kept).list).toEqual(['a']);
});

test('a browser that keeps nothing has it until the page is closed', () => {
  const refuse = () => {
    throw new DOMException('denied', 'SecurityError');
  };
  const history = new FilterHistory({ getItem: refuse, setItem: refuse, removeItem: refuse });
  history.add('a');
  history.add('b');
  expect(history.list).toEqual(['b', 'a']);
});
