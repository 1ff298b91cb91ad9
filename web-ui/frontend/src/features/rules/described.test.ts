import { expect, test } from 'vitest';
import { described, recorded, type Description } from './described';

const asked = (more: Partial<Description>) =>
  described({ exchange: '', method: '', url: '', client: '', status: '', duration: '', more: '', ...more });

test('a recorded exchange is named by its number', () => {
  expect(asked({ exchange: ' #17 ', status: '500' })).toEqual({ tested: recorded(17), problem: null });
  expect(asked({ exchange: '1x' })).toEqual({ tested: null, problem: 'An exchange has a number.' });
});

test('of one that is described, what is left empty is not known', () => {
  expect(asked({ url: 'https://a.example/x', status: '503', duration: '1.5 s' }).tested).toEqual({
    ...recorded(0),
    exchange: null,
    method: null,
    url: 'https://a.example/x',
    client: null,
    status: 503,
    duration_us: 1_500_000,
    described: null,
  });
});

test('there is nothing to ask about nothing', () => expect(asked({})).toEqual({ tested: null, problem: null }));

test.each<[Partial<Description>, string]>([
  [{ url: 'a.example' }, 'A URL begins with http:// or https://.'],
  [{ status: '5xx' }, 'A status has three digits.'],
  [{ duration: 'long' }, 'A duration is such as 250ms or 1.5s.'],
])('%o is refused', (typed, problem) => expect(asked(typed)).toEqual({ tested: null, problem }));
