import { describe, expect, it } from 'vitest';
import { headerLines } from '../../format/headers';
import { check, edits, parseHeaders } from './edit';

const original = {
  method: 'POST',
  url: 'https://api.example.com/v1?a=<b>',
  headers: 'Host: api.example.com\nContent-Encoding: gzip\nX-Empty: ',
  body: '{"a":1}',
};

describe('header lines', () => {
  it('go there and back, in order, with duplicates', () => {
    const headers = [
      ['Host', 'a'],
      ['set-cookie', 'x=1'],
      ['Set-Cookie', 'y: 2'],
      ['X-Empty', ''],
    ];
    expect(parseHeaders(headerLines(headers))).toEqual({ headers });
  });

  it('may be empty, and are trimmed', () => {
    expect(parseHeaders('\n  Accept :  */* \r\n\n')).toEqual({ headers: [['Accept', '*/*']] });
  });

  it.each([
    ['Host: a\nbroken', 'Line 2: there is no colon; write it as Name: value.'],
    [': x', 'Line 1: there is no name before the colon.'],
    ['My Header: x', 'Line 1: “My Header” is no header name.'],
    ['A: 1\n\nB: snow ☃', 'Line 3: the value of B has a character that can’t stand in a header.'],
  ])('%j is wrong', (lines, problem) => expect(parseHeaders(lines).problem).toBe(problem));

  it('take latin-1', () => expect(parseHeaders('A: ä').problem).toBeUndefined());
});

describe('check', () => {
  it('takes everything that was not touched', () => {
    const odd = { ...original, method: 'M(', url: 'nonsense', headers: 'broken' };
    expect(check(odd, odd)).toEqual({});
  });

  it.each(['', 'api.example.com', 'ftp://a/', 'https://', 'http:/a', 'https://a b/'])('refuses the URL %j', (url) => {
    expect(check(original, { ...original, url })).toHaveProperty('url');
  });

  it('refuses bad methods and headers', () => {
    expect(Object.keys(check(original, { ...original, method: 'GE T', headers: 'x' }))).toEqual(['method', 'headers']);
    expect(check(original, { ...original, method: ' PATCH ', url: 'http://a:1/x' })).toEqual({});
  });
});

describe('edits', () => {
  it('are none if nothing was changed', () => expect(edits(original, { ...original }, true)).toEqual({}));

  it('have only what was changed', () => {
    expect(edits(original, { ...original, method: ' PUT ' }, true)).toEqual({ method: 'PUT' });
    expect(edits(original, { ...original, headers: 'A: b' }, true)).toEqual({ headers: [['A', 'b']] });
  });

  it('send a changed body without its coding', () => {
    expect(edits(original, { ...original, body: 'x' }, true)).toEqual({
      body: 'x',
      headers: [
        ['Host', 'api.example.com'],
        ['X-Empty', ''],
      ],
    });
    const plain = { ...original, headers: 'Host: a' };
    expect(edits(plain, { ...plain, body: '' }, true)).toEqual({ body: '' });
  });

  it('always send a body if the recorded one is not whole', () => {
    const plain = { ...original, headers: 'Host: a' };
    expect(edits(plain, plain, false)).toEqual({ body: original.body });
  });

  it('keep CRLF line breaks', () => {
    const form = { ...original, headers: '', body: 'a\r\nb\r\n' };
    expect(edits(form, { ...form, body: 'a\nb\n' }, true)).toEqual({});
    expect(edits(form, { ...form, body: 'a\nc\n' }, true)).toEqual({ body: 'a\r\nc\r\n' });
  });
});
