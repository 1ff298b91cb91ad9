//! Warnings at the start about listeners that other machines can reach: what is open to whom.

use std::net::IpAddr;

use dashcam_proxy::{AccessConfig, ListenerConfig, Network};

/// Returns whether a listener on `address` is reached from other machines.
pub(crate) fn is_exposed(address: IpAddr) -> bool {
    !address.to_canonical().is_loopback()
}

/// A warning for each option that the operator may believe to guard `listeners`, and that is for others.
pub(crate) fn without_effect(listeners: &[ListenerConfig], access: &AccessConfig) -> Vec<&'static str> {
    let (forward, reverse) = (
        listeners.iter().any(|listener| listener.mode.asks_password()),
        listeners.iter().any(|listener| listener.mode.upstream.is_some()),
    );
    let password =
        "--proxyauth has no effect: only forward and socks5 listeners ask for a password, and there is none";
    let trusted = "--trust-forwarded has no effect: only reverse listeners use it, and there is none";
    [
        (!access.credentials.is_empty() && !forward).then_some(password),
        (!access.trust_forwarded.is_empty() && !reverse).then_some(trusted),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A warning for each of the proxy's `listeners` that other machines can reach. `certificate` says that clients of reverse
/// listeners must have one.
pub(crate) fn of_listeners(
    listeners: &[ListenerConfig],
    access: &AccessConfig,
    certificate: bool,
) -> Vec<String> {
    let exposed = listeners.iter().filter(|listener| is_exposed(listener.address.ip()));
    let warning = |listener: &ListenerConfig| {
        let is_reverse = listener.mode.upstream.is_some();
        let rest = if is_reverse {
            reverse(access, certificate)
        } else {
            forward(access, listener.mode.asks_password())
        };
        let named = if takes_any_header(listener) { ANY_HEADER } else { "" };
        format!("other machines reach {listener} on {}: {rest}{named}", listener.address)
    };
    exposed.map(warning).collect()
}

/// A warning for listeners that believe everybody's header.
const ANY_HEADER: &str = ". Everybody may claim to be any client (proxy-protocol=all): name the load balancers' networks \
    with proxy-protocol=CIDR";

fn takes_any_header(listener: &ListenerConfig) -> bool {
    listener.proxy_protocol.as_ref().is_some_and(|protocol| protocol.from.contains(&Network::ALL))
}

fn forward(access: &AccessConfig, asks_password: bool) -> String {
    let who = match &access.clients {
        Some(networks) => of(networks),
        None => "clients in private networks".to_owned(),
    };
    let password = asks_password && !access.credentials.is_empty();
    let showing = if password { "with a password" } else { "without a password" };
    let whereto = if access.deny_private {
        "to the internet"
    } else {
        "to every destination that this machine reaches, its own services among them"
    };
    let advice: Vec<_> = [
        (asks_password && !password).then_some("--proxyauth asks for a password"),
        access.clients.is_none().then_some("--allow-client restricts the clients"),
        (!access.deny_private).then_some("--deny-private keeps them from private networks and this machine"),
        Some("--listen-host 127.0.0.1 keeps it to this machine"),
    ]
    .into_iter()
    .flatten()
    .collect();
    format!("{who} may send traffic through it {showing}, {whereto}. {}", advice.join("; "))
}

fn reverse(access: &AccessConfig, certificate: bool) -> String {
    let who = access.clients.as_deref().map_or_else(|| "everybody who reaches it".to_owned(), of);
    let showing = if certificate { " with a certificate (--client-ca)" } else { "" };
    let trusted = match access.trust_forwarded.as_slice() {
        [] => "dashcam replaces their X-Forwarded-For and the like".to_owned(),
        networks => format!("dashcam accepts X-Forwarded-For and the like from {}", of(networks)),
    };
    let advice = if access.clients.is_none() { ". --allow-client restricts the clients" } else { "" };
    format!("{who}{showing} may send requests to its service, and {trusted}{advice}")
}

fn of(networks: &[Network]) -> String {
    let names: Vec<_> = networks.iter().map(ToString::to_string).collect();
    format!("clients of {}", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(mode: &str, address: &str, access: &AccessConfig, expect: &[&str], not: &[&str]) {
        let listener = ListenerConfig::parse(mode, [127, 0, 0, 1].into(), 0).unwrap();
        let listeners = [ListenerConfig { address: address.parse().unwrap(), ..listener }];
        let warnings = of_listeners(&listeners, access, false);
        let text = warnings.join("\n");
        assert_eq!(warnings.is_empty(), expect.is_empty(), "{text}");
        assert!(expect.iter().all(|expect| text.contains(expect)), "{text}");
        assert!(!not.iter().any(|not| text.contains(not)), "{text}");
    }

    #[test]
    fn an_option_for_other_listeners_is_warned_of() {
        let access = AccessConfig {
            credentials: vec!["a:secret".parse().unwrap()],
            trust_forwarded: vec!["10.0.0.1".parse().unwrap()],
            ..AccessConfig::default()
        };
        let check = |modes: &[&str], expect: &[&str]| {
            let listeners: Vec<_> = modes
                .iter()
                .map(|mode| ListenerConfig::parse(mode, [127, 0, 0, 1].into(), 1).unwrap())
                .collect();
            let options: Vec<_> = without_effect(&listeners, &access)
                .into_iter()
                .map(|warning| warning.split(' ').next().unwrap_or_default())
                .collect();
            assert_eq!(options, expect);
        };
        check(&["forward"], &["--trust-forwarded"]);
        check(&["reverse:http://a"], &["--proxyauth"]);
        check(&["socks5"], &["--trust-forwarded"]);
        check(&["transparent"], &["--proxyauth", "--trust-forwarded"]);
        check(&["forward", "reverse:http://a"], &[]);
    }

    #[test]
    fn what_is_open_to_whom() {
        let open = AccessConfig::default();
        check("forward", "127.0.0.1:8080", &open, &[], &[]);
        check("forward", "[::1]:8080", &open, &[], &[]);
        check("transparent", "0.0.0.0:1", &open, &["without a password", "--allow-client"], &["--proxyauth"]);
        check("forward,proxy-protocol=all", "10.0.0.5:1", &open, &["claim to be any client"], &[]);
        check("forward,proxy-protocol", "10.0.0.5:1", &open, &["without a password"], &["claim"]);
        check(
            "forward",
            "0.0.0.0:8080",
            &open,
            &[
                "forward on 0.0.0.0:8080",
                "private networks",
                "without a password",
                "--proxyauth",
                "--deny-private",
            ],
            &[],
        );
        check(
            "reverse:http://a",
            "[::]:8443",
            &open,
            &["everybody", "replaces their X-Forwarded-For", "--allow-client"],
            &["password"],
        );
        let narrow = AccessConfig {
            credentials: vec!["a:secret".parse().unwrap()],
            clients: Some(vec!["10.0.0.0/8".parse().unwrap()]),
            deny_private: true,
            trust_forwarded: vec!["10.0.0.1".parse().unwrap()],
            ..AccessConfig::default()
        };
        let not = ["--proxyauth", "--allow-client", "--deny-private", "secret"];
        check("forward", "10.0.0.5:8080", &narrow, &["clients of 10.0.0.0/8", "with a password"], &not);
        check(
            "reverse:http://a",
            "0.0.0.0:1",
            &narrow,
            &["accepts X-Forwarded-For and the like from clients of 10.0.0.1/32"],
            &not,
        );
    }
}
