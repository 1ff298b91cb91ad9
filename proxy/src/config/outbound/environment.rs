//! Parent proxies as the environment of many programs names them.

use dashcam_exchange::{Destination, Scheme};

use crate::config::outbound::host_pattern::HostPattern;
use crate::config::outbound::parent::{InvalidParent, Parent};

/// The parents that `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` name, or the same in lower case, which go
/// before them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EnvironmentProxies {
    http: Option<Parent>,
    https: Option<Parent>,
    no_proxy: Vec<HostPattern>,
}

impl EnvironmentProxies {
    /// Reads them from `variable`, which gives a variable's value. Entries of `NO_PROXY` that can't be understood are
    /// ignored, as other programs do, and given back.
    ///
    /// # Errors
    /// When one names no proxy: its name, and the reason.
    pub fn read(
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<(Self, Vec<String>), (&'static str, InvalidParent)> {
        let parent = |names: [&'static str; 2]| {
            let found = names.into_iter().find_map(|name| Some((name, variable(name)?)));
            // One that is set and empty says that there is none.
            let found = found.filter(|(_, url)| !url.is_empty());
            found.map(|(name, url)| Parent::of_variable(&url).map_err(|error| (name, error))).transpose()
        };
        let all = parent(["all_proxy", "ALL_PROXY"])?;
        let http = parent(["http_proxy", "HTTP_PROXY"])?.or_else(|| all.clone());
        let https = parent(["https_proxy", "HTTPS_PROXY"])?.or(all);
        let list = variable("no_proxy").or_else(|| variable("NO_PROXY")).unwrap_or_default();
        let (no_proxy, ignored) = HostPattern::list(&list);
        Ok((Self { http, https, no_proxy }, ignored.iter().map(ToString::to_string).collect()))
    }

    /// The parent for `destination`.
    pub(crate) fn choose(&self, destination: &Destination) -> Option<&Parent> {
        if self.no_proxy.iter().any(|pattern| pattern.matches(destination)) {
            return None;
        }
        match destination.scheme {
            Scheme::Http => self.http.as_ref(),
            Scheme::Https => self.https.as_ref(),
        }
    }

    /// Those that it may choose.
    pub(crate) fn parents(&self) -> impl Iterator<Item = &Parent> {
        self.http.iter().chain(&self.https)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(
        variables: &[(&str, &str)],
    ) -> Result<(EnvironmentProxies, Vec<String>), (&'static str, InvalidParent)> {
        let value =
            |name: &str| variables.iter().find(|(set, _)| *set == name).map(|(_, value)| value.to_string());
        EnvironmentProxies::read(value)
    }

    fn check(variables: &[(&str, &str)], url: (Scheme, &str), expect: Option<&str>) {
        let (proxies, _) = read(variables).unwrap();
        let chosen = proxies.choose(&Destination::parse(url.0, url.1).unwrap());
        assert_eq!(chosen.map(ToString::to_string).as_deref(), expect, "{variables:?} {url:?}");
    }

    #[test]
    fn variables() {
        let (http, https) = ((Scheme::Http, "a.example"), (Scheme::Https, "a.example"));
        check(&[], http, None);
        check(&[("HTTP_PROXY", "http://p:1")], http, Some("http://p:1"));
        check(&[("HTTP_PROXY", "http://p:1")], https, None);
        check(&[("HTTPS_PROXY", "p:1")], https, Some("http://p:1"));
        check(&[("https_proxy", "http://q:1/x"), ("HTTPS_PROXY", "http://p:1")], https, Some("http://q:1"));
        check(&[("https_proxy", ""), ("HTTPS_PROXY", "http://p:1")], https, None);
        check(&[("ALL_PROXY", "socks5h://p")], http, Some("socks5h://p:1080"));
        check(&[("ALL_PROXY", "socks5h://p"), ("http_proxy", "http://q")], https, Some("socks5h://p:1080"));
        let with_exceptions =
            [("ALL_PROXY", "http://p"), ("NO_PROXY", "localhost, .example:8443,10.0.0.0/8")];
        check(&with_exceptions, http, Some("http://p:80"));
        check(&with_exceptions, (Scheme::Https, "a.example:8443"), None);
        check(&with_exceptions, (Scheme::Http, "10.1.1.1"), None);
        check(&[("ALL_PROXY", "http://p"), ("NO_PROXY", "*")], https, None);
    }

    #[test]
    fn faults() {
        let (name, error) = read(&[("HTTP_PROXY", "socks4://u:secret@p")]).unwrap_err();
        assert!(name == "HTTP_PROXY" && !error.to_string().contains("secret"), "{error}");
        let (_, ignored) = read(&[("NO_PROXY", "a,http://b")]).unwrap();
        assert!(ignored.len() == 1 && ignored[0].contains("http://b"), "{ignored:?}");
    }
}
