//! Keys that vendors mark with a prefix: the prefix, and the shape of the rest.

use std::ops::Range;

use super::bytes::{
    begins, begins_apart, is_alnum, is_base64, is_dotted, is_hex, is_random, is_upper, is_url_base64,
    is_uuid, is_word, run,
};

/// One vendor's form of keys.
#[derive(Debug)]
pub(super) struct Key {
    /// The beginning, by which it is found.
    pub(super) prefix: &'static str,
    /// The kind that stands in placeholders.
    pub(super) kind: &'static str,
    class: fn(u8) -> bool,
    /// Bytes behind the prefix, at least and at most.
    length: (usize, usize),
    begins: fn(&[u8], usize) -> bool,
}

const ANY: usize = usize::MAX;

/// A prefix that stands in no word: a letter or a digit before it is all that speaks against it.
const fn key(
    prefix: &'static str,
    kind: &'static str,
    class: fn(u8) -> bool,
    least: usize,
    most: usize,
) -> Key {
    Key { prefix, kind, class, length: (least, most), begins }
}

/// A prefix that words can have inside.
const fn apart(
    prefix: &'static str,
    kind: &'static str,
    class: fn(u8) -> bool,
    least: usize,
    most: usize,
) -> Key {
    Key { prefix, kind, class, length: (least, most), begins: begins_apart }
}

/// The forms.
pub(super) static KEYS: [Key; 89] = [
    key("ghp_", "github-token", is_alnum, 30, 255),
    key("gho_", "github-token", is_alnum, 30, 255),
    key("ghu_", "github-token", is_alnum, 30, 255),
    key("ghs_", "github-token", is_dotted, 30, ANY),
    key("ghr_", "github-token", is_alnum, 30, 255),
    key("github_pat_", "github-token", is_word, 30, 255),
    key("glpat-", "gitlab-token", is_dotted, 20, 400),
    key("gldt-", "gitlab-token", is_url_base64, 20, 300),
    key("glrt-", "gitlab-token", is_dotted, 20, 300),
    key("glcbt-", "gitlab-token", is_url_base64, 20, 300),
    key("glptt-", "gitlab-token", is_url_base64, 20, 300),
    key("glagent-", "gitlab-token", is_url_base64, 30, 300),
    key("xoxa-", "slack-token", is_url_base64, 10, 400),
    key("xoxb-", "slack-token", is_url_base64, 10, 400),
    key("xoxc-", "slack-token", is_url_base64, 10, 400),
    key("xoxd-", "slack-token", is_base64, 10, 400),
    key("xoxe-", "slack-token", is_url_base64, 10, 400),
    key("xoxe.xox", "slack-token", is_url_base64, 10, 400),
    key("xoxo-", "slack-token", is_url_base64, 10, 400),
    key("xoxp-", "slack-token", is_url_base64, 10, 400),
    key("xoxr-", "slack-token", is_url_base64, 10, 400),
    key("xoxs-", "slack-token", is_url_base64, 10, 400),
    key("xapp-", "slack-token", is_url_base64, 20, 400),
    key("whsec_", "webhook-secret", is_base64, 20, 200),
    key("AIza", "google-key", is_url_base64, 35, 35),
    key("ya29.", "google-token", is_dotted, 20, ANY),
    apart("1//0", "google-token", is_url_base64, 30, 300),
    key("GOCSPX-", "google-secret", is_url_base64, 20, 60),
    apart("sk_", "secret-key", is_alnum, 32, 200),
    apart("hf_", "huggingface-token", is_alnum, 30, 80),
    apart("gsk_", "groq-key", is_alnum, 30, 100),
    apart("xai-", "xai-key", is_alnum, 40, 200),
    apart("r8_", "replicate-token", is_alnum, 30, 60),
    apart("pplx-", "perplexity-key", is_alnum, 32, 100),
    apart("nvapi-", "nvidia-key", is_url_base64, 40, 120),
    apart("tvly-", "tavily-key", is_url_base64, 24, 80),
    apart("npm_", "npm-token", is_alnum, 30, 80),
    apart("pypi-", "pypi-token", is_url_base64, 40, ANY),
    apart("rubygems_", "rubygems-key", is_hex, 40, 64),
    apart("cio", "crates-token", is_alnum, 32, 32),
    apart("dckr_pat_", "docker-token", is_url_base64, 20, 80),
    apart("dckr_oat_", "docker-token", is_url_base64, 20, 80),
    apart("key-", "mailgun-key", is_hex, 32, 32),
    apart("sq0atp-", "square-token", is_url_base64, 22, 60),
    apart("sq0csp-", "square-secret", is_url_base64, 22, 60),
    apart("EAA", "access-token", is_url_base64, 60, 400),
    key("shpat_", "shopify-token", is_alnum, 32, 64),
    key("shpca_", "shopify-token", is_alnum, 32, 64),
    key("shppa_", "shopify-token", is_alnum, 32, 64),
    key("shpss_", "shopify-secret", is_alnum, 32, 64),
    key("dop_v1_", "digitalocean-token", is_alnum, 40, 80),
    key("doo_v1_", "digitalocean-token", is_alnum, 40, 80),
    key("dor_v1_", "digitalocean-token", is_alnum, 40, 80),
    apart("dapi", "databricks-token", is_hex, 32, 32),
    apart("hvs.", "vault-token", is_url_base64, 20, 300),
    apart("hvb.", "vault-token", is_url_base64, 20, 300),
    apart("hvr.", "vault-token", is_url_base64, 20, 300),
    key("lin_api_", "linear-key", is_alnum, 30, 80),
    key("lin_oauth_", "linear-token", is_alnum, 30, 100),
    apart("ntn_", "notion-token", is_alnum, 35, 80),
    apart("secret_", "notion-token", is_alnum, 40, 64),
    key("PMAK-", "postman-key", is_uuid, 50, 70),
    key("ATATT", "atlassian-token", is_base64, 40, 300),
    key("ATCTT", "atlassian-token", is_base64, 40, 300),
    apart("ATBB", "bitbucket-token", is_alnum, 28, 40),
    apart("dp.pt.", "doppler-token", is_alnum, 30, 60),
    apart("dp.st.", "doppler-token", is_dotted, 30, 100),
    apart("dp.ct.", "doppler-token", is_alnum, 30, 60),
    key("NRAK-", "newrelic-key", is_upper, 20, 40),
    key("NRII-", "newrelic-key", is_url_base64, 20, 40),
    key("HRKU-", "heroku-key", is_url_base64, 30, 80),
    key("pscale_", "planetscale-token", is_dotted, 24, 100),
    key("fm2_", "fly-token", is_base64, 40, ANY),
    key("fo1_", "fly-token", is_url_base64, 30, 100),
    key("sbp_", "supabase-token", is_word, 30, 60),
    key("sb_secret_", "supabase-key", is_url_base64, 20, 60),
    key("AGE-SECRET-KEY-", "age-key", is_upper, 40, 80),
    apart("v1.0-", "cloudflare-key", is_uuid, 100, 200),
    key("figd_", "figma-token", is_url_base64, 30, 80),
    key("sntrys_", "sentry-token", is_base64, 40, ANY),
    key("sntryu_", "sentry-token", is_hex, 60, 70),
    key("glsa_", "grafana-token", is_word, 30, 60),
    key("glc_", "grafana-token", is_base64, 30, 400),
    apart("pul-", "pulumi-token", is_hex, 40, 40),
    key("xkeysib-", "brevo-key", is_url_base64, 60, 100),
    key("dt0c01.", "dynatrace-token", is_dotted, 60, 120),
    key("FLWSECK", "flutterwave-key", is_url_base64, 20, 80),
    key("CFPAT-", "contentful-token", is_url_base64, 30, 60),
    key("dashcam_", "dashcam-token", is_url_base64, 64, 64),
];

impl Key {
    /// The key that begins at `at`, where its prefix stands.
    pub(super) fn find(&self, text: &[u8], at: usize) -> Option<Range<usize>> {
        if !(self.begins)(text, at) {
            return None;
        }
        let from = at + self.prefix.len();
        let mut end = run(text, from, self.class);
        while end > from && matches!(text[end - 1], b'.' | b'/') {
            end -= 1;
        }
        let (least, most) = self.length;
        let fits = (least..=most).contains(&(end - from));
        // A text that goes on in another way is a name or a path.
        let is_over = !text.get(end).copied().is_some_and(is_word);
        let is_line = self.prefix == "EAA" && is_line(text, at..end);
        (fits && is_over && !is_line && is_random(&text[from..end])).then_some(at..end)
    }
}

/// Returns whether it is a whole line of base64 as certificates have it, which may begin like a key.
fn is_line(text: &[u8], range: Range<usize>) -> bool {
    let (before, behind) = (&text[..range.start], &text[range.end..]);
    let newlines: [&[u8]; 3] = [b"\n", b"\\n", b"\r"];
    let ends = |newline: &&[u8]| behind.starts_with(newline) || behind.starts_with(b"\\r");
    newlines.iter().any(|newline| before.ends_with(newline))
        && newlines.iter().any(ends)
        && matches!(range.len(), 64 | 76)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Option<&str>) {
        let found = KEYS.iter().find_map(|key| {
            let at = text.find(key.prefix)?;
            key.find(text.as_bytes(), at)
        });
        assert_eq!(found.map(|range| &text[range]), expect, "{text}");
    }

    #[test]
    fn keys() {
        let token = "ghp_0a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R";
        check(&format!("use {token}."), Some(token));
        check(&format!("a%20{token}&b"), Some(token));
        check("glpat-Ab12Cd34Ef56Gh78Ij90", Some("glpat-Ab12Cd34Ef56Gh78Ij90"));
        check("dapi0123456789abcdef0123456789abcdef", Some("dapi0123456789abcdef0123456789abcdef"));
    }

    #[test]
    fn lines_of_certificates() {
        let line = format!("EAA{}a", "x9ZkQ2vB7mLp".repeat(5));
        check(&format!("token {line}\n"), Some(&line));
        check(&format!("MIIB\n{line}\nAbcd"), None);
        check(&format!("MIIB\\n{line}\\nAbcd"), None);
    }

    #[test]
    fn names_and_examples() {
        check("ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", None);
        check("ghp_yourtokenhere", None);
        check("dapi_key", None);
        check("social", None);
        check("a-key-0123456789abcdef0123456789abcdef", None);
        check("xghp_0a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R", None);
        check("npm_config_registry_0a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P", None);
    }
}
