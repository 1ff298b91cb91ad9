import { expect, test } from 'vitest';
import { indent, tokenize } from './json';
import { everyElement, jsonValues } from './json_paths';

const paths = (text: string) => jsonValues(tokenize(text) ?? []).map(({ path, text }) => `${path} ${text}`);

test('values have their paths', () => {
  expect(
    paths('{"user":{"password":"x","n":1},"items":[{"token":"a"},{"token":null}],"on":true,"none":[{},[]]}'),
  ).toEqual(['$.user.password "x"', '$.user.n 1', '$.items[0].token "a"', '$.items[1].token null', '$.on true']);
  expect(paths('["a",["b","c"],{"d":"e"}]')).toEqual(['$[0] "a"', '$[1][0] "b"', '$[1][1] "c"', '$[2].d "e"']);
  expect(paths('"alone"')).toEqual(['$ "alone"']);
});

test('names with odd signs stand in brackets', () => {
  expect(paths('{"a b":1,"c.d":2,"it\'s":3,"\\u00e4":4,"*":5}')).toEqual([
    "$['a b'] 1",
    "$['c.d'] 2",
    '$["it\'s"] 3',
    '$.ä 4',
    "$['*'] 5",
  ]);
});

test('they are the same in an indented document, and no more than are asked for', () => {
  const text = '{"a":[1,{"b":"x"}],"c":"y"}';
  const of = (tokens: ReturnType<typeof tokenize>) => jsonValues(tokens ?? []).map(({ path }) => path);
  expect(of(indent(tokenize(text) ?? []))).toEqual(of(tokenize(text)));
  expect(jsonValues(tokenize(text) ?? [], 2)).toHaveLength(2);
});

test.each([
  ['$.items[3].token', '$.items[*].token'],
  ["$['a[0]'][12]", "$['a[0]'][*]"],
  ['$.a', '$.a'],
])('%s for all elements is %s', (path, expected) => expect(everyElement(path)).toBe(expected));
