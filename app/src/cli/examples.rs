//! The examples under each command's `--help`.

pub(super) const SERVE: &str = "\
Examples:
  dashcam
  dashcam -m reverse:http://127.0.0.1:3000@0.0.0.0:8443
  dashcam -m forward -m socks5@1080
  dashcam -m upstream:http://proxy.example:3128 --no-proxy localhost,10.0.0.0/8
  dashcam -m edge=reverse:http://127.0.0.1:3000@0.0.0.0:8443,proxy-protocol=10.0.0.0/8
  dashcam --record metadata --max-size 50GiB --max-age 30d";

pub(super) const RUN: &str = "\
Examples:
  dashcam run -- python3 app.py
  dashcam run -- curl https://example.com/
  dashcam run --strict -- npm test
  dashcam run --deep -- ./static-program
  dashcam run --clients";

pub(super) const BROWSER: &str = "\
Examples:
  dashcam browser https://example.com/
  dashcam browser --program firefox
  dashcam browser https://example.com/ -- --headless --dump-dom";

pub(super) const RECORD: &str = "\
Examples:
  dashcam record
  dashcam record metadata --why \"no bodies during the audit\"
  dashcam record full --close-tunnels";

pub(super) const COMPLETIONS: &str = "\
Examples:
  echo 'source <(dashcam completions bash)' >> ~/.bashrc
  echo 'source <(dashcam completions zsh)' >> ~/.zshrc
  dashcam completions fish > ~/.config/fish/completions/dashcam.fish";

pub(super) const PRESET: &str = "\
Examples:
  dashcam preset set errors 'status:5xx or fail:*'
  dashcam preset ls
  dashcam preset rm errors";

pub(super) const STATUS: &str = "\
Examples:
  dashcam status
  dashcam status --token";

pub(super) const OPEN: &str = "\
Example:
  dashcam open";

pub(super) const LS: &str = "\
Filters (docs/FILTERS.md has all; quote what the shell would change):
  orders 503                     words in method, URL, status, content type
  host:api.* method:POST,PUT     fields; * is anything, a comma is or
  status:5xx dur:>500ms size:>1MB  classes, comparisons, units
  path:/v1/orders/* query.page:2   paths and parameters
  header.x-request-id:abc cookie.sid:*  headers and cookies
  body:\"out of stock\" req.json.user.id:42  decoded bodies
  fail:upstream/tls is:error     failures
  since:10m client:10.0.0.7      times and clients
  -path:/health (status:404 | not type:json)  exclude, or, parentheses
  '~d example.com & ~c 404'      mitmproxy's operators

Examples:
  dashcam ls
  dashcam ls -n 20 POST api.example.com
  dashcam ls 'host:api.* status:5xx -path:/health since:1h'";

pub(super) const GAPS: &str = "\
Example:
  dashcam gaps -n 24";

pub(super) const CONNECTIONS: &str = "\
Examples:
  dashcam connections --failed
  dashcam connections -n 1000 --json | jq -r .client";

pub(super) const REJECTED: &str = "\
Examples:
  dashcam rejected
  dashcam rejected rm 3
  dashcam rejected rm --all";

pub(super) const REJECTED_RM: &str = "\
Example:
  dashcam rejected rm 3";

pub(super) const SHOW: &str = "\
Examples:
  dashcam show 42
  dashcam show 42 --curl
  dashcam show 42 --body > 42.json
  dashcam show 42 --body --raw > 42.json.gz";

pub(super) const SQL: &str = "\
Examples:
  dashcam sql \"SELECT host, count(*) FROM v_exchanges GROUP BY host\"
  dashcam sql \"SELECT id, url, ms FROM v_exchanges WHERE status >= 500 ORDER BY id DESC LIMIT 20\"
  dashcam sql \"SELECT body(id, 'response') ->> '$.error' FROM exchanges WHERE status = 422\"
  dashcam sql -o slow.parquet \"SELECT * FROM v_exchanges WHERE ms > 1000\"";

pub(super) const TAIL: &str = "\
Examples:
  dashcam tail api.example.com
  dashcam tail 'status:5xx | dur:>1s'";

pub(super) const REPLAY: &str = "\
Example:
  dashcam replay 42";

pub(super) const PIN: &str = "\
Example:
  dashcam pin 42 43";

pub(super) const UNPIN: &str = "\
Example:
  dashcam unpin 42";

pub(super) const EXPORT: &str = "\
Examples:
  dashcam export -o traffic.har
  dashcam export --format ndjson -o - | jq .url
  dashcam export api.example.com -o - | gzip > api.har.gz";

pub(super) const ARCHIVE: &str = "\
Examples:
  dashcam archive --before 30d --to old.db
  dashcam --db old.db --read-only";

pub(super) const DB: &str = "\
Examples:
  dashcam db info
  dashcam --db copy.db db check --thorough";

pub(super) const DB_INFO: &str = "\
Example:
  dashcam db info --json";

pub(super) const DB_CHECK: &str = "\
Example:
  dashcam db check --thorough";

pub(super) const DB_REPAIR: &str = "\
Example:
  dashcam db repair";

pub(super) const DB_VACUUM: &str = "\
Example:
  dashcam db vacuum";

pub(super) const TOKEN: &str = "\
Example:
  dashcam token rotate";

pub(super) const CA: &str = "\
Examples:
  dashcam ca
  dashcam ca install --yes
  dashcam ca new --permit example.com,10.0.0.0/8 --days 365";

pub(super) const CA_NEW: &str = "\
Example:
  dashcam ca new --permit example.com,10.0.0.0/8 --days 365";

pub(super) const CA_INSTALL: &str = "\
Examples:
  dashcam ca install
  dashcam ca install --yes";

pub(super) const CA_UNINSTALL: &str = "\
Example:
  dashcam ca uninstall --yes";
