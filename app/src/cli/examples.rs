//! The examples under each command's `--help`.

pub(super) const SERVE: &str = "\
Examples:
  dashcam
  dashcam -m reverse:http://127.0.0.1:3000@0.0.0.0:8443
  dashcam -m forward -m socks5@1080
  dashcam -m upstream:http://proxy.example:3128 --no-proxy localhost,10.0.0.0/8
  dashcam -m edge=reverse:http://127.0.0.1:3000@0.0.0.0:8443,proxy-protocol=10.0.0.0/8
  dashcam --record metadata --max-size 50GiB --max-age 30d
  dashcam --record metrics --flight 60s,256MB --flight-on 'status:5xx' --flight-slow 5x";

pub(super) const DEMO: &str = "\
Examples:
  dashcam demo
  dashcam demo --no-open -p 0 --web-port 0
  dashcam demo --home /tmp/demo";

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
  dashcam record full --match 'host:pay.example' --for 10m --max 500MB --count 10000 --reason INC-123
  dashcam record off --for 1h --persist
  dashcam record full --close-tunnels";

pub(super) const REDACTION: &str = "\
Examples:
  dashcam redaction
  dashcam redaction show payments
  dashcam redaction add 'json:$..iban' --how mask --kind iban --host '*.pay.example'
  dashcam redaction add header:x-partner-key --why \"a new partner\"
  dashcam redaction rm 2";

pub(super) const DESCRIPTORS: &str = "\
Examples:
  protoc --include_imports --descriptor_set_out=shop.binpb shop.proto
  dashcam descriptors set shop.binpb
  dashcam descriptors
  dashcam show 42 --view grpc
  dashcam descriptors rm";

pub(super) const DESCRIPTORS_LS: &str = "\
Examples:
  dashcam descriptors ls
  dashcam descriptors ls --json | jq -r '.methods[]'";

pub(super) const DESCRIPTORS_SET: &str = "\
Examples:
  dashcam descriptors set shop.binpb
  buf build -o - | dashcam descriptors set -
  cat shop.binpb pay.binpb | dashcam descriptors set -";

pub(super) const DESCRIPTORS_RM: &str = "\
Example:
  dashcam descriptors rm";

pub(super) const LEASE: &str = "\
Examples:
  dashcam record full --match 'host:pay.example' --for 10m --reason INC-123
  dashcam lease ls
  dashcam lease extend 3 --for 10m
  dashcam lease end 3 --why \"found it\"";

pub(super) const LEASE_LS: &str = "\
Examples:
  dashcam lease ls
  dashcam lease ls --all --json | jq .ended_why";

pub(super) const LEASE_EXTEND: &str = "\
Examples:
  dashcam lease extend 3 --for 10m
  dashcam lease extend 3 --max 500MB --count 10000";

pub(super) const LEASE_END: &str = "\
Example:
  dashcam lease end 3 --why \"found it\"";

pub(super) const RULE: &str = "\
Examples:
  dashcam rule ls
  dashcam rule add health --match 'path:/health' --level off --first
  dashcam rule add failures --match 'status:5xx | fail:* | dur:>1s' --level full --keep-for 30d
  dashcam rule add rest --level metadata --sample '1% by client'
  dashcam rule rm rest";

pub(super) const RULE_LS: &str = "\
Examples:
  dashcam rule ls
  dashcam rule ls --json | jq -r '.rules[].name'";

pub(super) const RULE_ADD: &str = "\
Examples:
  dashcam rule add pay --match 'host:pay.example' --level full --body-limit 64KiB --why INC-123
  dashcam rule add health --match 'path:/health' --level off --before pay
  dashcam rule add audit --match 'path:/v1/transfers' --level full --guarantee lossless
  dashcam rule add failures --match 'status:5xx' --level full --follow 'client 30s'
  dashcam rule add rest --level metadata --sample 10/s --last";

pub(super) const RULE_TEST: &str = "\
Examples:
  dashcam rule test 42
  dashcam rule test method:GET url:https://api.example.com/v1/orders status:503 dur:1.5s
  dashcam rule test host:pay.example client:10.0.0.7";

pub(super) const RULE_RM: &str = "\
Example:
  dashcam rule rm pay health --why \"INC-123 is over\"";

pub(super) const SNAPSHOT: &str = "\
Examples:
  dashcam snapshot --reason INC-123 --after 30s
  dashcam snapshot ls
  dashcam snapshot show 2026-11-29T21-05-33-inc-123
  dashcam ls snapshot:2026-11-29T21-05-33-inc-123
  dashcam snapshot export 2026-11-29T21-05-33-inc-123 -o incident.har
  dashcam snapshot save crash-2026-11-29T21-05-33";

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
  dashcam status --token
  dashcam status --check
  dashcam status --check --since 5m --json";

pub(super) const OPEN: &str = "\
Example:
  dashcam open";

pub(super) const LS: &str = "\
Filters (quote what the shell would change; docs/FILTERS.md has all fields and the grammar):
  orders 503                          words in method, URL, status, content type; all of them
  host:api method:POST,PUT            field:value is a part, whatever its case; a comma is or
  host:=api.example.com path:/v1/*    =exact, glob*, /regex/, and * alone: it is there
  status:5xx dur:>500ms size:1MB..2MB  classes, comparisons, ranges; ms s m h d, KB MB KiB MiB
  query.page:2 header.x-request-id:* cookie.sid:abc  parameters, headers, cookies
  body:\"out of stock\" req.json.user.id:42 ws:ping  decoded bodies, values in JSON, messages
  fail:upstream/tls is:error,slow,pinned state:aborted  failures, marks, states
  since:10m at:2026-11-28T10:00..11:00 client:10.0.0.0/8 program:curl id:100..200  when, whence
  -path:/health (status:404 or not type:json)  -, not and ! exclude; and, or, parentheses
  '~d example.com & ~c 404 | ~bs error' preset:errors  mitmproxy's operators; kept filters

Examples:
  dashcam ls
  dashcam ls -n 20 POST api.example.com
  dashcam ls 'host:api.* status:5xx -path:/health since:1h' --json | jq .url";

pub(super) const STATS: &str = "\
Examples:
  dashcam stats
  dashcam stats 'host:api.* since:1h' --by path,status --stat count,errors,p95
  dashcam stats status:5xx --every 1m
  dashcam stats since:1d --by host --every 1h --csv > hours.csv";

pub(super) const FACETS: &str = "\
Examples:
  dashcam facets
  dashcam facets 'status:5xx since:1d' --by host,path -n 20
  dashcam facets 'is:error' --by failure,client --json | jq -r .value";

pub(super) const GAPS: &str = "\
Example:
  dashcam gaps -n 24";

pub(super) const BOUNDARIES: &str = "\
Examples:
  dashcam boundaries
  dashcam boundaries --from 2h --json | jq 'select(.complete | not)'
  dashcam boundaries --changes --from 1d";

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
  dashcam show 42 --curl --unseal
  dashcam show 42 --as requests > 42.py
  dashcam show 42 --body > 42.json
  dashcam show 42 --view grpc --descriptors shop.binpb
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
  dashcam tail -f 'status:5xx | dur:>1s'
  dashcam tail -f --json host:api | jq -r .url";

pub(super) const REPLAY: &str = "\
Examples:
  dashcam replay 42
  dashcam replay --limit 10 'host:api.* method:GET status:5xx since:10m'
  dashcam replay 42 --with-header 'Authorization: Bearer $TOKEN'
  dashcam replay 42 --redacted
  dashcam replay 42 --times 20 --yes
  dashcam replay --yes --json 'path:/v1/jobs/* fail:upstream' | jq .status";

pub(super) const RM: &str = "\
Examples:
  dashcam rm 42 43
  dashcam rm 'host:*.ads.example or type:image'
  dashcam rm --yes 'path:/health before:7d'
  dashcam rm --all --pinned";

pub(super) const REDACT: &str = "\
Examples:
  dashcam redact --dry-run
  dashcam redact 'host:api.* before:7d'
  dashcam redact --yes --set payments --json 'path:/v1/payments'";

pub(super) const SEAL: &str = "\
Examples:
  dashcam seal ls
  dashcam seal rm --older-than 1h
  dashcam seal rm --all";

pub(super) const SEAL_RM: &str = "\
Examples:
  dashcam seal rm --all
  dashcam seal rm --older-than 1h
  dashcam seal rm 0123456789abcdef01234567";

pub(super) const NOTE: &str = "\
Examples:
  dashcam note 42
  dashcam note 42 43 --comment \"the first that timed out\" --tag incident
  dashcam note 42 --untag incident --comment \"\"
  dashcam ls 'tag:incident or comment:*'";

pub(super) const PIN: &str = "\
Examples:
  dashcam pin 42 43
  dashcam pin 'status:5xx host:api.* since:1h'";

pub(super) const UNPIN: &str = "\
Examples:
  dashcam unpin 42
  dashcam unpin 'is:pinned before:30d'";

pub(super) const EXPORT: &str = "\
Examples:
  dashcam export -o traffic.har
  dashcam export --format ndjson -o - | jq .url
  dashcam export --unseal host:api.example.com -o with-secrets.har
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

pub(super) const DB_MIGRATE: &str = "\
Example:
  dashcam --db old.db db migrate";

pub(super) const DB_VACUUM: &str = "\
Example:
  dashcam db vacuum";

pub(super) const TOKEN: &str = "\
Examples:
  dashcam token new --role viewer --expires 8h --name alice
  dashcam token ls
  dashcam token rm alice
  dashcam token rotate";

pub(super) const TOKEN_ROTATE: &str = "\
Example:
  dashcam token rotate";

pub(super) const TOKEN_NEW: &str = "\
Examples:
  dashcam token new --role viewer-without-bodies --expires none --name prometheus > scrape-token
  dashcam token new --role operator --name 'on call'";

pub(super) const TOKEN_LS: &str = "\
Examples:
  dashcam token ls
  dashcam token ls --json | jq -r 'select(.state == \"valid\").name'";

pub(super) const TOKEN_RM: &str = "\
Examples:
  dashcam token rm alice
  dashcam token rm 3 4";

pub(super) const AUDIT: &str = "\
Examples:
  dashcam audit
  dashcam audit --since 1d --who alice
  dashcam audit --action export --json | jq .filter";

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
