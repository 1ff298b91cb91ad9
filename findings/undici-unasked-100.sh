#!/usr/bin/env bash
# undici takes a 100 that it did not ask for as an error, but takes 102 and 103.
#
# RFC 9110 §15.2: a client must be able to parse interim responses before the final one, even if
# it does not expect them; §15.2.1 lets it discard a 100. undici's README ("Expect") says that
# "the 100 Continue response will be ignored". So each of these should end as a 200.
#
# Seen with undici 7.30.2 on Node.js 20.20.2: a GET answered by 102 or 103 and then by 200 is a
# 200. With 100 in their place both `fetch` and `request` fail with "bad response", and the
# connection is destroyed. Node.js's own `http` takes all three.
#
# A proxy that answers each request with a 100, to be on the safe side, or passes on one that the
# origin sent unasked, breaks fetch of Node.js. No report of it was found.
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
npm install --silent --no-audit --no-fund undici@7.30.2

cat >run.cjs <<'JS'
const http = require('node:http');
const net = require('node:net');
const undici = require('undici');
const { once } = require('node:events');

const INTERIM = { 100: 'Continue', 102: 'Processing', 103: 'Early Hints' };
const server = net.createServer(peer => {
  peer.on('error', () => {});
  peer.once('data', request => {
    const status = String(request).match(/\/(\d+)/)[1];
    peer.write(`HTTP/1.1 ${status} ${INTERIM[status]}\r\n\r\n`);
    peer.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  });
});

const CLIENTS = {
  fetch: async url => (await undici.fetch(url)).status,
  request: async url => (await undici.request(url)).statusCode,
  'node:http': async url => (await once(http.get(url), 'response'))[0].statusCode,
};

(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  console.log(`undici ${require('undici/package.json').version}, Node.js ${process.version}`);
  let changed = false;
  for (const [name, ask] of Object.entries(CLIENTS)) {
    for (const status of Object.keys(INTERIM)) {
      const seen = await ask(`http://127.0.0.1:${server.address().port}/${status}`).catch(
        error => (error.cause ?? error).message,
      );
      console.log(`${name}, ${status} before 200: ${seen}`);
      changed ||= seen !== (name !== 'node:http' && status === '100' ? 'bad response' : 200);
    }
  }
  if (changed) console.error('the behaviour has changed');
  process.exit(changed ? 1 : 0);
})();
JS
node run.cjs
