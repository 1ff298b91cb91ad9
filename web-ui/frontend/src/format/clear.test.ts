import { expect, test } from 'vitest';
import { clearOf } from './clear';

const A = '~sealed.password.0123456789abcdef01234567~';
const B = '~sealed.token.aaaaaaaaaaaaaaaaaaaaaaaa~';
const MASKED = '~masked.card.lt32~';

test.each([
  [A, 'hunter2', A, 'hunter2'],
  [`Bearer ${A}`, 'Bearer x y', A, 'x y'],
  [`a=${A}; b=${B}`, 'a=1; b=2', A, '1'],
  [`a=${A}; b=${B}`, 'a=1; b=2', B, '2'],
  [`a=${A}&c=${MASKED}&b=${B}`, `a=1&c=${MASKED}&b=2`, B, '2'],
  [`{"a":"${A}"}`, '{"a":"say \\"}"}', A, 'say \\"}'],
  // Not put back, not there, or not the same text.
  [A, A, A, null],
  [`a=${A}; b=${B}`, `a=${A}; b=2`, A, null],
  [`a=${A}; b=${B}`, `a=${A}; b=2`, B, '2'],
  [`x ${A}`, 'y 1', A, null],
  [A + B, '12', A, null],
  ['nothing', 'nothing', A, null],
])('%s as %s: %s is %s', (redacted, clear, placeholder, expected) => {
  expect(clearOf(redacted, clear, placeholder)).toBe(expected);
});

test('it is found wherever it stands in an exchange', () => {
  const exchange = (value: string) => ({
    id: 7,
    response: null,
    request: {
      headers: [
        ['Host', 'a'],
        ['Cookie', `sid=${value}`],
      ],
    },
  });
  expect(clearOf(exchange(A), exchange('s3cr3t'), A)).toBe('s3cr3t');
  expect(clearOf(exchange(A), { id: 7, request: null }, A)).toBeNull();
});
