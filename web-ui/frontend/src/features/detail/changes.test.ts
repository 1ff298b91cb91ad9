import { expect, test } from 'vitest';
import { changes } from './changes';

test.each([
  ['', '', ''],
  ['a b', 'a b', ' a  b'],
  ['a te b', 'host a b', '+host  a -te  b'],
  ['a b', 'b a', '-a  b +a'],
  ['a', '', '-a'],
])('what turns %j into %j is %j', (received, sent, expected) => {
  const fields = (text: string) =>
    text
      .split(' ')
      .filter((name) => name !== '')
      .map((name) => [name, '1']);
  const signs = { none: ' ', removed: '-', added: '+' };
  const found = changes(fields(received), fields(sent)).map(({ name, change }) => signs[change] + name);
  expect(found.join(' ')).toBe(expected);
});
