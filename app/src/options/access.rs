//! Access to the listeners: by whom, and for what.

use anyhow::{Context as _, Result, anyhow};
use dashcam_proxy::{AccessConfig, Credential};

use super::said;
use crate::cli::ServeArgs;
use crate::config::Config;

pub(super) fn access(args: &ServeArgs, config: &Config) -> Result<AccessConfig> {
    let clients = said(&args.allow_client, config.allow_client.as_ref());
    Ok(AccessConfig {
        credentials: credentials(&said(&args.proxyauth, config.proxyauth.as_ref()))?,
        clients: (!clients.is_empty()).then_some(clients),
        connect_ports: args.connect_ports.clone().or_else(|| config.connect_ports.clone()),
        deny_private: args.deny_private || config.deny_private.unwrap_or_default(),
        trust_forwarded: said(&args.trust_forwarded, config.trust_forwarded.as_ref()),
    })
}

fn credentials(texts: &[String]) -> Result<Vec<Credential>> {
    let mut credentials = Vec::new();
    for text in texts {
        match text.strip_prefix('@') {
            Some(file) => credentials.extend(users(file)?),
            None => credentials.push(text.parse().context("--proxyauth (proxyauth)")?),
        }
    }
    Ok(credentials)
}

fn users(file: &str) -> Result<Vec<Credential>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("--proxyauth (proxyauth): {file}"))?;
    let users =
        Credential::htpasswd(&text).map_err(|(line, error)| anyhow!("{file}, line {line}: {error}"))?;
    // Without a user nobody would be asked for a password.
    if users.is_empty() {
        return Err(anyhow!("{file} has no user: add one with `htpasswd -B {file} USER`"));
    }
    Ok(users)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxyauth(text: &str) -> Result<AccessConfig> {
        access(&ServeArgs { proxyauth: vec![text.to_owned()], ..ServeArgs::default() }, &Config::default())
    }

    #[test]
    fn users_and_files_of_them() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("users");
        let check = |content: &str, expect: Result<usize, &str>| {
            std::fs::write(&file, content).unwrap();
            let found = proxyauth(&format!("@{}", file.display()));
            match (found, expect) {
                (Ok(access), Ok(count)) => assert_eq!(access.credentials.len(), count),
                (Err(error), Err(expect)) => assert!(format!("{error:#}").contains(expect), "{error:#}"),
                (found, _) => panic!("{content}: {found:?}"),
            }
        };
        check("a:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n# b\n", Ok(1));
        check("a:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\nb:plain\n", Err("line 2: the password of b"));
        check("# nobody\n", Err("has no user"));
        assert_eq!(proxyauth("a:b:c").unwrap().credentials[0].plain(), Some(("a", "b:c")));
        for (text, expect) in
            [("a", "USER:PASSWORD"), (":b", "USER:PASSWORD"), ("@/no/such/file", "/no/such/file")]
        {
            let error = format!("{:#}", proxyauth(text).unwrap_err());
            assert!(error.contains("--proxyauth") && error.contains(expect), "{error}");
        }
    }
}
