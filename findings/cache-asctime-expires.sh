#!/usr/bin/env bash
# A cache that reads one of HTTP's date forms in the time zone of its machine.
#
# RFC 9110 §5.6.7: a recipient must accept three forms of a date. The third, asctime's ("Sun Nov  6
# 08:49:37 1994"), names no zone, and "MUST be interpreted as if it were in UTC". RFC 9111 §4.2.1:
# what is fresh follows from Expires minus Date.
#
# Seen with http-cache-semantics 4.3.0 on Node.js 20.20.2 (npm has it, and cacheable-request, which
# got uses): an Expires one hour after Date gives 3600 s in the first two forms. In the third it is
# 3600 s only where TZ is UTC: five hours more in New York in winter, and none at all in Tokyo,
# where it is in the past. JavaScript's Date.parse takes a date without a zone for a local one.
#
# A recording that is replayed into such a cache on another machine gives other hits and misses
# without a byte changed. No report was found.
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
npm install --silent --no-audit --no-fund http-cache-semantics@4.3.0

cat >run.cjs <<'JS'
const CachePolicy = require('http-cache-semantics');

const FORMS = {
  'IMF-fixdate': 'Fri, 08 Jan 2027 13:00:00 GMT',
  'RFC 850': 'Friday, 08-Jan-27 13:00:00 GMT',
  asctime: 'Fri Jan  8 13:00:00 2027',
};
const KNOWN = { UTC: 3600, 'America/New_York': 3600 + 5 * 3600, 'Asia/Tokyo': 0 };
const zone = process.env.TZ;
let changed = false;
for (const [form, expires] of Object.entries(FORMS)) {
  const headers = { date: 'Fri, 08 Jan 2027 12:00:00 GMT', expires };
  const request = { url: '/', method: 'GET', headers: {} };
  const fresh = new CachePolicy(request, { status: 200, headers }).maxAge();
  console.log(`TZ=${zone}, ${form}: fresh for ${fresh} s`);
  changed ||= fresh !== (form === 'asctime' ? KNOWN[zone] : 3600);
}
if (changed) console.error('the behaviour has changed');
process.exit(changed ? 1 : 0);
JS
node --version
node -p "'http-cache-semantics ' + require('http-cache-semantics/package.json').version"
for zone in UTC America/New_York Asia/Tokyo; do TZ=$zone node run.cjs; done
