import { expect, test } from 'vitest';
import { prettyJson } from './pretty';

test('JSON is coloured only up to a number of tokens', () => {
  const long = JSON.stringify(Array.from({ length: 30_000 }, (_, index) => index));
  expect(prettyJson('application/json', long)).toEqual([
    { kind: 'mark', text: JSON.stringify(JSON.parse(long), null, 2) },
  ]);
  expect(prettyJson('application/json', '[1]')?.map(({ text }) => text)).toEqual(['[\n  ', '1', '\n]']);
  expect(prettyJson('text/html', '<p>')).toBeNull();
});

test('brackets within brackets are not indented without end', () => {
  const deep = 20_000;
  expect(prettyJson('', '['.repeat(deep) + ']'.repeat(deep))).toBeNull();
  expect(prettyJson('', '['.repeat(50) + ']'.repeat(50))).not.toBeNull();
});
