//! Words before nouns, which say which secret a name means, or that it means none.

/// Questions and states: `has_password`, `forgot_password`, `invalid_token`.
pub(super) const STATES: &str = "allow can enable expired force forget forgot has hide incorrect invalid is max min \
    missing need needs no remember require required requires should show skip support \
    supports use uses with without wrong";
/// Secrets that are objects with a name, and others that are none.
pub(super) const NO_SECRET: &str = "checksum image k8s kubernetes pull santa tls top";
/// Tokens that go on in a list, that language models and parsers count, that are coins.
pub(super) const NO_TOKEN: &str = "array asset audio base bos change cls completion context continuation cursor dedup \
    deduplication delta end eos erc fencing first governance idempotency idempotent image \
    input last list lock lp marker mask native next nft output pad page paging pagination \
    per position prev previous prompt query quote range reasoning resume resumption scroll \
    search sep skiptoken special start stop sync text total unk watch word";
/// Before `tokens`: all of these, as counts, and more.
pub(super) const NO_TOKENS: &str = "audio cached completion context creation generated image input limit max min new output \
    prediction prompt read reasoning remaining special stop text thinking total used";
/// Tokens against forged requests.
pub(super) const CSRF: &str = "antiforgery authenticity csrf forgery xsrf";
/// Before `pass` and `pw`, which mean more than passwords.
pub(super) const PASS: &str = "account admin auth basic client confirm current database db email ftp http imap login \
    mail my mysql new old pg postgres proxy redis root smtp sudo user";
/// Keys that are secrets.
pub(super) const KEY: &str = "access api apis auth authentication authorization cipher decryption encryption hmac \
    master preshared private rapidapi secret shared sign signing subscription symmetric unseal";
/// Keys that may be, if they look like it.
pub(super) const MAYBE_KEY: &str = "account activation admin algolia anthropic app application aws azure backup bot client \
    cohere consumer crypto customer datadog deploy dev developer device ephemeral firebase \
    function functions gcp github gitlab google host ingest ingestion integration jwt \
    mailgun maps mfa mistral network openai otp pinecone provisioning recovery registration \
    replicate root routing security sendgrid sentry server service session slack ssl storage \
    stripe tls token totp twilio wallet webhook wifi wpa write";
/// Keys in headers that are no secrets, whatever they look like.
pub(super) const OTHER_KEY: &str = "cache candidate correlation dedup deduplication dedupe document etag event feature file \
    foreign group hash id idempotence idempotency idempotent index item lookup message object \
    ordering page pair parent partition primary project public publishable range request row \
    shard site sort surrogate tenant trace translation unique verification version websocket";
/// Codes that people copy from a message or an app.
pub(super) const ANY_CODE: &str = "2fa access activation backup challenge fa factor login mfa otp pairing pass recovery \
    reset scratch secret security signin sms tfa time totp unlock verification";
/// Codes that programs hand on.
pub(super) const LONG_CODE: &str = "auth authorization device exchange oauth";
/// Before `pin`, which is also a place on a map and a wire of a chip. (`pin_code` is an address's, in India.)
pub(super) const PIN: &str = "access account atm auth card confirm current customer debit device login new old phone \
    security sim transaction unlock user verification voice voicemail wallet x your my";
/// Cards by whose number one pays.
pub(super) const CARD: &str = "credit debit payment";
/// Questions whose answers are secrets.
pub(super) const QUESTION: &str = "challenge recovery secret security";
