#!/usr/bin/env bash
# Code made from HAR that leaves out repeated fields.
#
# HAR 1.2 has `headers` and `postData.params` as arrays of name and value, so a name may occur more
# than once, as it may in HTTP (RFC 9110 §5.3) and in a form. httpsnippet's input is HAR's request
# object, and `curl`'s --header may be given twice. So each of the two should be in the output.
#
# Seen with httpsnippet 3.0.10 and @readme/httpsnippet 11.1.0 on Node.js 20.20.2: of two headers of
# one name the first is missing in every target, here curl. For Node.js's fetch the form field
# `a=1&a=2` becomes `a=2`, as the code calls `set` twice. curl gets both fields of the form.
# Nothing says so. Repeated names of the query string are kept.
#
# A recorder that offers "copy as curl" from its HAR by this library replays another request than
# the one that it recorded. No report of it was found.
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
npm install --silent --no-audit --no-fund httpsnippet@3.0.10 @readme/httpsnippet@11.1.0

cat >run.mjs <<'JS'
const request = {
  method: 'POST',
  url: 'http://127.0.0.1/?q=1&q=2',
  httpVersion: 'HTTP/1.1',
  cookies: [],
  queryString: [],
  headers: [
    { name: 'Content-Type', value: 'application/x-www-form-urlencoded' },
    { name: 'X-Tag', value: 'one' },
    { name: 'X-Tag', value: 'two' },
  ],
  postData: {
    mimeType: 'application/x-www-form-urlencoded',
    params: [
      { name: 'a', value: '1' },
      { name: 'a', value: '2' },
    ],
  },
  headersSize: -1,
  bodySize: -1,
};
const has = (code, text) => (code.includes(text) ? 'there' : 'missing');
let changed = false;
const check = (what, seen, known) => {
  console.log(`${what}: ${seen}`);
  changed ||= seen !== known;
};
console.log(`Node.js ${process.version}`);
for (const library of ['httpsnippet@3.0.10', '@readme/httpsnippet@11.1.0']) {
  const { HTTPSnippet } = await import(library.slice(0, library.lastIndexOf('@')));
  const code = (target, client) =>
    [new HTTPSnippet(structuredClone(request)).convert(target, client)].flat()[0];
  const curl = code('shell', 'curl');
  console.log(curl);
  check(`${library}, curl, X-Tag: one`, has(curl, 'X-Tag: one'), 'missing');
  check(`${library}, curl, X-Tag: two`, has(curl, 'X-Tag: two'), 'there');
  check(`${library}, curl, q=1&q=2`, has(curl, 'q=1&q=2'), 'there');
  check(`${library}, curl, form a=1`, has(curl, ' a=1'), 'there');
  check(`${library}, curl, form a=2`, has(curl, ' a=2'), 'there');
  const form = code('node', 'fetch')
    .split('\n')
    .filter(line => line.includes('encodedParams.'));
  console.log(form.join('\n'));
  const calls = form.map(line => line.match(/\.(\w+)\(/)[1]);
  check(`${library}, fetch, form by`, calls.join(), 'set,set');
}
if (changed) console.error('the behaviour has changed');
process.exit(changed ? 1 : 0);
JS
node run.mjs
