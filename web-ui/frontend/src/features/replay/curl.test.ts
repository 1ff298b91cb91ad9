import { expect, test } from 'vitest';
import { fromCurl, isCurl } from './curl';

/** Method, URL, headers and body, or the problem. */
function read(text: string): unknown {
  const found = fromCurl(text);
  if (found.problem !== undefined) return found.problem;
  const { method, url, headers, body } = found.draft;
  return [method, url, headers, body];
}

const FORM = 'Content-Type: application/x-www-form-urlencoded';

test.each<[string, string, unknown]>([
  ['a GET', 'curl https://a.example/x', ['GET', 'https://a.example/x', '', '']],
  ['no scheme, no path', 'curl a.example', ['GET', 'http://a.example/', '', '']],
  ['a prompt and a comment', '# note\n$ curl a/b', ['GET', 'http://a/b', '', '']],
  ['a method', "curl -X DELETE 'https://a/b'", ['DELETE', 'https://a/b', '', '']],
  ['options together', 'curl -sSXPUT https://a/b', ['PUT', 'https://a/b', '', '']],
  [
    'headers',
    `curl https://a/ -H 'A: 1' -H "B: \\"2\\"" --header C:3`,
    ['GET', 'https://a/', 'A: 1\nB: "2"\nC: 3', ''],
  ],
  [
    'an empty header, and one that is not sent',
    `curl https://a/ -H 'A;' -H 'Accept:'`,
    ['GET', 'https://a/', 'A: ', ''],
  ],
  ['data', `curl https://a/ -d a=1 -d b=2`, ['POST', 'https://a/', FORM, 'a=1&b=2']],
  [
    'data with a type',
    `curl https://a/ --data-raw '@{"a":1}' -H 'content-type: application/json'`,
    ['POST', 'https://a/', 'content-type: application/json', '@{"a":1}'],
  ],
  ['data of several lines', `curl https://a/ \\\n  --data-binary 'a\nb'`, ['POST', 'https://a/', FORM, 'a\nb']],
  [
    'a query',
    `curl -G https://a/x?q=1 -d b=2 --data-urlencode 'c=ü &'`,
    ['GET', 'https://a/x?q=1&b=2&c=%C3%BC%20%26', '', ''],
  ],
  [
    'encoded data',
    `curl https://a/ --data-urlencode '=a b' --data-urlencode "it's"`,
    ['POST', 'https://a/', FORM, 'a%20b&it%27s'],
  ],
  ['a head', 'curl -I https://a/', ['HEAD', 'https://a/', '', '']],
  [
    'JSON',
    `curl https://a/ --json '{}'`,
    ['POST', 'https://a/', 'Accept: application/json\nContent-Type: application/json', '{}'],
  ],
  ['a user', 'curl -u me:pässword https://a/', ['GET', 'https://a/', 'Authorization: Basic bWU6cMOkc3N3b3Jk', '']],
  ['cookies', `curl -b 'a=1; b=2' https://a/`, ['GET', 'https://a/', 'Cookie: a=1; b=2', '']],
  [
    'what browsers copy',
    `curl 'https://a/' \\\n  -H $'x: \\'1\\u0021\\xc3\\xbc' \\\n  --compressed \\\n  --insecure`,
    ['GET', 'https://a/', "x: '1!ü\nAccept-Encoding: gzip, deflate, br, zstd", ''],
  ],
  ['a fragment', 'curl https://a/b#c', ['GET', 'https://a/b', '', '']],
  ['no URL', 'curl -v', 'The command has no URL.'],
  ['two URLs', 'curl a b', 'There are two URLs: http://a and b. Leave one out.'],
  ['no value', 'curl a -H', 'There is no value behind -H.'],
  ['an option of another time', 'curl a --frobnicate', 'The option --frobnicate is not known here. Leave it out.'],
  [
    'a variable',
    'curl a -H "Authorization: Bearer $TOKEN"',
    'The command has the variable $TOKEN. Put its value in first.',
  ],
  [
    'a command within',
    'curl a -d "$(cat x)"',
    'The command runs another one with $(…) or `…`. Put its result in first.',
  ],
  [
    'a file',
    'curl a -d @x',
    'The body reads a file, which a page can’t. Put the contents in its place, or into the body below.',
  ],
  ['a pipe', 'curl a | jq', 'There is more than one command. Paste only the one that begins with curl.'],
  ['two lines', 'curl a\ncurl b', 'There is more than one command. Paste only the one that begins with curl.'],
  ['an open quote', "curl 'a", "A single quote (') is not closed."],
  ['an open double quote', 'curl "a', 'A double quote (") is not closed.'],
  ['another program', 'wget a', 'This is no curl command: it begins with curl.'],
  ['a form', 'curl a -F x=1', expect.stringContaining('A form with -F has several parts')],
])('%s', (_, text, expected) => expect(read(text)).toEqual(expected));

test('what is not done is said', () => {
  const found = fromCurl('curl -kL -x http://proxy https://a/');
  expect(found.problem === undefined && found.notes).toEqual([
    '-k is left out: dashcam checks the server’s certificate.',
    '-L is left out: redirects are not followed.',
    '-x is left out: dashcam sends the request its own way.',
  ]);
});

test('a curl command is known by its beginning', () => {
  expect(['curl a', '  curl -X', '# x\n$ curl a'].map(isCurl)).toEqual([true, true, true]);
  expect(['https://curl/', 'curly a'].map(isCurl)).toEqual([false, false]);
});
