//! Keys with prefixes that their vendors have made known.
//!
//! The prefixes are in parts, so that no code host takes a line of this file for a key.

use crate::random::Random;

const HEX: &str = "0123456789abcdef";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const ALNUM: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const URL: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Name, prefix in two parts, alphabet and length of the rest, end.
const KEYS: [(&str, &str, &str, &str, usize, &str); 61] = [
    ("aws-access", "AK", "IA", UPPER, 16, ""),
    ("aws-temporary", "AS", "IA", UPPER, 16, ""),
    ("google-api", "AI", "za", URL, 35, ""),
    ("google-oauth", "ya", "29.", URL, 120, ""),
    ("google-refresh", "1/", "/0", URL, 60, ""),
    ("google-client", "GOC", "SPX-", URL, 28, ""),
    ("digitalocean", "dop", "_v1_", HEX, 64, ""),
    ("databricks", "da", "pi", HEX, 32, ""),
    ("cloudflare-ca", "v1", ".0-", HEX, 40, ""),
    ("doppler", "dp.", "pt.", ALNUM, 43, ""),
    ("fly", "fo1", "_", URL, 43, ""),
    ("heroku", "HRKU", "-AA", URL, 58, ""),
    ("vault", "hv", "s.", ALNUM, 90, ""),
    ("vault-batch", "hv", "b.", ALNUM, 120, ""),
    ("terraform", "9hTz1gLmQ7Rw2x", ".atlasv1.", ALNUM, 64, ""),
    ("pulumi", "pu", "l-", HEX, 40, ""),
    ("github", "gh", "p_", ALNUM, 36, ""),
    ("github-app", "gh", "s_", ALNUM, 36, ""),
    ("github-oauth", "gh", "o_", ALNUM, 36, ""),
    ("github-refresh", "gh", "r_", ALNUM, 76, ""),
    ("github-fine", "github", "_pat_11", ALNUM, 80, ""),
    ("gitlab", "gl", "pat-", URL, 20, ""),
    ("gitlab-runner", "gl", "rt-", URL, 20, ""),
    ("bitbucket", "ATB", "B", ALNUM, 28, "1F2E3D4C"),
    ("npm", "np", "m_", ALNUM, 36, ""),
    ("pypi", "py", "pi-AgEIcHlwaS5vcmc", URL, 100, ""),
    ("rubygems", "ruby", "gems_", HEX, 48, ""),
    ("crates", "ci", "o", ALNUM, 32, ""),
    ("docker", "dckr", "_pat_", URL, 27, ""),
    ("stripe", "sk", "_live_", ALNUM, 24, ""),
    ("stripe-test", "sk", "_test_", ALNUM, 24, ""),
    ("stripe-restricted", "rk", "_live_", ALNUM, 24, ""),
    ("stripe-webhook", "wh", "sec_", ALNUM, 32, ""),
    ("square", "EA", "AA", URL, 60, ""),
    ("square-secret", "sq0", "csp-", URL, 43, ""),
    ("shopify", "shp", "at_", HEX, 32, ""),
    ("shopify-secret", "shp", "ss_", HEX, 32, ""),
    ("flutterwave", "FLW", "SECK-", HEX, 32, "-X"),
    ("slack", "xo", "xb-2948173650-", ALNUM, 40, ""),
    ("slack-user", "xo", "xp-2948173650-", ALNUM, 64, ""),
    ("slack-app", "xa", "pp-1-A0", UPPER, 60, ""),
    ("telegram", "5829", "174630:AA", URL, 33, ""),
    ("twilio", "S", "K", HEX, 32, ""),
    ("mailgun", "ke", "y-", HEX, 32, ""),
    ("mailchimp", "", "", HEX, 32, "-us14"),
    ("openai", "sk", "-proj-", ALNUM, 48, ""),
    ("openai-old", "sk", "-", ALNUM, 48, ""),
    ("anthropic", "sk", "-ant-api03-", URL, 93, "AA"),
    ("huggingface", "h", "f_", ALNUM, 34, ""),
    ("replicate", "r", "8_", ALNUM, 37, ""),
    ("groq", "gs", "k_", ALNUM, 52, ""),
    ("xai", "xa", "i-", ALNUM, 80, ""),
    ("perplexity", "pp", "lx-", ALNUM, 48, ""),
    ("grafana", "gl", "sa_", ALNUM, 32, "_1a2b3c4d"),
    ("newrelic", "NR", "AK-", UPPER, 27, ""),
    ("sentry", "sntr", "yu_", HEX, 64, ""),
    ("postman", "PM", "AK-", HEX, 59, ""),
    ("linear", "lin", "_api_", ALNUM, 40, ""),
    ("notion", "nt", "n_", ALNUM, 46, ""),
    ("atlassian", "ATA", "TT3", URL, 60, "=1F2E3D4C"),
    ("tailscale", "ts", "key-auth-k", ALNUM, 32, ""),
];

/// A key as the vendor `name` makes them.
pub(crate) fn key(name: &str, random: &mut Random) -> Option<String> {
    if name == "discord" {
        let mut part = |size| random.text(ALNUM, size);
        return Some(format!("MTE{}.G{}.{}", part(23), part(5), part(38)));
    }
    if name == "sendgrid" {
        return Some(format!("S{}.{}.{}", "G", random.text(URL, 22), random.text(URL, 43)));
    }
    if name == "slack-hook" {
        return Some(random.text(ALNUM, 24));
    }
    if name == "supabase" {
        return Some(format!("sb{}{}", "p_", random.text(HEX, 40)));
    }
    let (_, one, two, alphabet, length, end) = KEYS.into_iter().find(|key| key.0 == name)?;
    Some(format!("{one}{two}{}{end}", random.text(alphabet, length)))
}

/// The names of all of them.
pub fn names() -> impl Iterator<Item = &'static str> {
    KEYS.into_iter().map(|key| key.0)
}
