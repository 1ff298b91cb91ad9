//! The ways out: parent proxies, given addresses, PROXY headers.

use anyhow::{Context as _, Result, anyhow};
use dashcam_proxy::{Credential, EnvironmentProxies, OutboundConfig, ParentChoice, ParentRule};

use super::said;
use crate::cli::ServeArgs;
use crate::config::Config;

pub(super) fn outbound(args: &ServeArgs, config: &Config) -> Result<OutboundConfig> {
    let args = &args.outbound;
    let parsed = args.upstream_proxy.iter().map(|text| text.parse::<ParentRule>());
    let parsed = parsed.collect::<Result<Vec<_>, _>>().context("--upstream-proxy")?;
    let parents = said(&parsed, config.upstream_proxy.as_ref());
    let variable = |name: &str| std::env::var(name).ok();
    Ok(OutboundConfig {
        environment: environment(&parents, variable)?,
        parents,
        no_proxy: said(&args.no_proxy, config.no_proxy.as_ref()),
        credential: credential(args.upstream_auth.as_ref().or(config.upstream_auth.as_ref()))?,
        resolve: said(&args.resolve, config.resolve.as_ref()),
        send_proxy: said(&args.send_proxy, config.send_proxy.as_ref()),
    })
}

/// The parents that the environment names, if a rule asks for them.
fn environment(
    rules: &[ParentRule],
    variable: impl Fn(&str) -> Option<String>,
) -> Result<EnvironmentProxies> {
    if !rules.iter().any(|rule| rule.via == ParentChoice::Environment) {
        return Ok(EnvironmentProxies::default());
    }
    let read = EnvironmentProxies::read(variable);
    let (proxies, ignored) =
        read.map_err(|(name, error)| anyhow!("${name}, for --upstream-proxy env: {error}"))?;
    for entry in ignored {
        tracing::warn!("$NO_PROXY: {entry}; dashcam ignores it");
    }
    Ok(proxies)
}

fn credential(text: Option<&String>) -> Result<Option<Credential>> {
    let Some(text) = text else { return Ok(None) };
    let parsed = match text.strip_prefix('@') {
        None => text.parse(),
        Some(file) => {
            let text = std::fs::read_to_string(file)
                .with_context(|| format!("--upstream-auth (upstream_auth): {file}"))?;
            text.lines().next().unwrap_or_default().trim_end().parse()
        }
    };
    parsed
        .map(Some)
        .map_err(|_| anyhow!("--upstream-auth (upstream_auth): expected USER:PASSWORD, or @FILE with it"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_may_be_in_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("auth");
        std::fs::write(&file, "u:p:q\r\nmore\n").unwrap();
        let from_file = credential(Some(&format!("@{}", file.display()))).unwrap().unwrap();
        assert_eq!(from_file.plain(), Some(("u", "p:q")));
        assert_eq!(credential(Some(&"u:".to_owned())).unwrap().unwrap().plain(), Some(("u", "")));
        assert!(credential(None).unwrap().is_none());
        for text in ["secret", "@/no/such/file"] {
            let error = format!("{:#}", credential(Some(&text.to_owned())).unwrap_err());
            assert!(error.contains("--upstream-auth") && !error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn the_environment_is_read_where_it_is_asked_for() {
        let variable = |name: &str| (name == "HTTPS_PROXY").then(|| "socks4://u:secret@p".to_owned());
        let rules = |text: &str| vec![text.parse().unwrap()];
        assert_eq!(environment(&rules("http://p"), variable).unwrap(), EnvironmentProxies::default());
        let error = environment(&rules("a=env"), variable).unwrap_err().to_string();
        assert!(error.starts_with("$HTTPS_PROXY, for") && !error.contains("secret"), "{error}");
    }
}
