import { expect, test } from 'vitest';
import { jsonRows } from './json';
import { changeOf } from './rows';

const shown = (left: string, right: string) =>
  (jsonRows(left, right) ?? [])
    .filter((row) => changeOf(row) !== 'same')
    .map((row) => `${row.volatile ? '~' : ''}${changeOf(row)} ${row.name}: ${row.left} ${row.right}`);

test.each([
  ['{"a":1,"b":[1,2]}', '{ "b": [1, 2], "a": 1 }', []],
  ['{"a":1}', '{"a":2}', ['changed a: 1 2']],
  ['{"a":{"b c":1}}', '{"a":{"b c":"1"}}', ['changed a["b c"]: 1 "1"']],
  [
    '{"a":12345678901234567890}',
    '{"a":12345678901234567891}',
    ['changed a: 12345678901234567890 12345678901234567891'],
  ],
  ['[1,2,3]', '[1,3]', ['removed [1]: 2 null']],
  ['[{"x":1},{"x":2}]', '[{"x":1},{"x":3},{"x":4}]', ['changed [1].x: 2 3', 'added [2]: null {"x":4}']],
  ['{"a":1}', '{"b":{"c":[]}}', ['removed a: 1 null', 'added b: null {"c":[]}']],
  ['{"a":[]}', '{"a":{}}', ['changed a: [] {}']],
  ['{"id":1,"name":"a"}', '{"id":2,"name":"b"}', ['~changed id: 1 2', 'changed name: "a" "b"']],
  ['1', '2', ['changed value: 1 2']],
])('%s to %s', (left, right, expected) => expect(shown(left, right)).toEqual(expected));

test('what is no JSON is not compared as such', () => expect(jsonRows('{', '{}')).toBeNull());

test('what there is no time for is compared as a whole', () => {
  expect(jsonRows('{"a":[1,2]}', '{"a":[1,3]}', -1)).toEqual([
    { name: 'value', left: '{"a":[1,2]}', right: '{"a":[1,3]}', volatile: false },
  ]);
});
