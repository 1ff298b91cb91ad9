import { expect, test } from 'vitest';
import { viewsOf } from './views';

test.each([
  ['application/json', '{"a":1}', ['json', 'text']],
  ['', '[1]', ['json', 'text']],
  ['application/json', '{"a":', ['text']],
  ['text/html', '<p>', ['text']],
])('%s %s can be looked at as %j', (type, text, views) => {
  expect(viewsOf({ type, text }).map(({ id }) => id)).toEqual(views);
});
