import { describe, expect, it, test } from 'vitest';
import { changed, format, HOME, parse, type Place } from './location';

const places: [string, Partial<Place>][] = [
  ['/', {}],
  ['/?view=gaps', { view: 'gaps' }],
  ['/?filter=POST+%2Fa%3Fb%3D1%26c', { query: 'POST /a?b=1&c' }],
  ['/?filter=%C3%BC%E2%98%83%25', { query: 'ü☃%' }],
  ['/?exchange=17', { exchange: 17 }],
  ['/?connection=12&connections=shown', { connection: 12, connections: true }],
  ['/?sort=duration', { order: { by: 'duration', order: 'desc' } }],
  ['/?filter=a&sort=request_size&order=asc', { query: 'a', order: { by: 'request_size', order: 'asc' } }],
  ['/?view=compare&exchange=17&with=18', { view: 'compare', exchange: 17, with: 18 }],
  [
    '/?view=connections&filter=x&exchange=9&tab=overview',
    { view: 'connections', query: 'x', exchange: 9, tab: 'overview' },
  ],
];

test.each(places)('%s and back', (address, place) => {
  expect(format({ ...HOME, ...place })).toBe(address);
  expect(parse(address.slice(1))).toEqual({ ...HOME, ...place });
});

describe('what is unknown or broken', () => {
  it.each([
    '?view=nothing',
    '?view=',
    '?tab=toString',
    '?exchange=0',
    '?exchange=-1',
    '?exchange=1e3',
    '?exchange=abc',
    '?exchange=99999999999999999999',
    '?filter=+++',
    '?sort=color',
    '?order=asc',
    '?token=secret&other=1',
    '?&&=&',
  ])('%s is as at home', (search) => expect(format(parse(search))).toBe('/'));

  it('leaves the rest', () => {
    expect(parse('?view=x&exchange=7&filter=%zz')).toEqual({ ...HOME, exchange: 7, query: '%zz' });
    expect(parse('?exchange=7&exchange=8').exchange).toBe(7);
  });
});

test('an exchange and a connection are never open at once', () => {
  expect(parse('?exchange=7&connection=8')).toEqual({ ...HOME, exchange: 7 });
  const connection = { ...HOME, connection: 8 };
  expect(changed(connection, { view: 'compare', exchange: 1, with: 2 })).toMatchObject({
    exchange: 1,
    connection: null,
  });
  expect(changed({ ...HOME, exchange: 7 }, { connection: 8 })).toEqual(connection);
  expect(changed(connection, { query: 'a' })).toEqual({ ...connection, query: 'a' });
});
