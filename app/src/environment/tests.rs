//! The variables and files, for given users.

use std::collections::HashMap;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::Path;

use super::*;
use crate::home::Home;

fn pointers(proxy: SocketAddr) -> Pointers<'static> {
    Pointers {
        proxy,
        credential: None,
        root: Path::new("/h/ca.pem"),
        bundle: Path::new("/h/bundle.pem"),
        java_store: None,
        lasting: Path::new("/h/clients"),
        passing: Path::new("/t"),
    }
}

fn set(proxy: &str, current: &[(&str, &str)]) -> HashMap<&'static str, String> {
    let java_store = Some(Path::new("/my home/java.p12"));
    let pointers = Pointers { java_store, ..pointers(proxy.parse().unwrap()) };
    let current: HashMap<_, _> = current.iter().copied().collect();
    let variables = variables(&pointers, |name| current.get(name).map(OsString::from));
    variables.into_iter().map(|(name, value)| (name, value.into_string().unwrap())).collect()
}

#[test]
fn every_program_finds_the_proxy_and_the_roots() {
    let set = set("127.0.0.1:8080", &[]);
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        assert_eq!(set[name], "http://127.0.0.1:8080", "{name}");
    }
    for name in ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "PIP_CERT"] {
        assert_eq!(set[name], "/h/bundle.pem", "{name}");
    }
    assert_eq!((set["NODE_EXTRA_CA_CERTS"].as_str(), set["NODE_USE_ENV_PROXY"].as_str()), ("/h/ca.pem", "1"));
}

#[test]
fn a_password_is_in_the_url() {
    let credential = Some(("me", "a:b@c/"));
    let pointers = Pointers { credential, ..pointers("127.0.0.1:8080".parse().unwrap()) };
    let variables = variables(&pointers, |_| None);
    let url = variables.iter().find(|(name, _)| *name == "HTTPS_PROXY").map(|(_, url)| url.to_str().unwrap());
    assert_eq!(url, Some("http://me:a%3Ab%40c%2F@127.0.0.1:8080"));
}

#[test]
fn loopback_is_recorded_unless_the_user_excludes_it() {
    let free = set("127.0.0.1:8080", &[]);
    assert_eq!((free["NO_PROXY"].as_str(), free["no_proxy"].as_str()), ("127.0.0.1:8080", "127.0.0.1:8080"));
    let kept = set("127.0.0.1:8080", &[("no_proxy", "localhost, a")]);
    assert_eq!(
        (kept["NO_PROXY"].as_str(), kept["no_proxy"].as_str()),
        ("localhost, a,127.0.0.1:8080", "localhost, a,127.0.0.1:8080")
    );
    assert!(kept["JAVA_TOOL_OPTIONS"].contains("-Dhttp.nonProxyHosts=localhost|a "));
}

#[test]
fn a_listener_on_all_addresses_is_reached_on_loopback() {
    assert_eq!(set("0.0.0.0:1", &[])["HTTP_PROXY"], "http://127.0.0.1:1");
    assert_eq!(set("[::]:1", &[])["HTTP_PROXY"], "http://[::1]:1");
}

#[test]
fn java_options_are_added_to_the_users() {
    let options =
        set("127.0.0.1:8080", &[("JAVA_TOOL_OPTIONS", "-Xmx1g")]).remove("JAVA_TOOL_OPTIONS").unwrap();
    assert!(options.starts_with("-Xmx1g -Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort=8080 "), "{options}");
    assert!(options.contains(r#"-Djavax.net.ssl.trustStore="/my home/java.p12" "#), "{options}");
}

#[test]
fn the_users_own_stays_in_force() {
    let own = [
        ("NODE_OPTIONS", "--no-warnings"),
        ("PYTHONPATH", "/mine"),
        ("RUBYOPT", "-W0"),
        ("HGRCPATH", "/my.rc"),
        ("PHP_INI_SCAN_DIR", "/ini"),
    ];
    let set = set("127.0.0.1:8080", &own);
    assert_eq!(set["NODE_OPTIONS"], "--no-warnings --require=/h/clients/node.cjs");
    assert_eq!(set["PYTHONPATH"], "/h/clients/python:/mine");
    assert_eq!(set["RUBYOPT"], "-W0 -r/h/clients/ruby.rb");
    assert_eq!(set["HGRCPATH"], "/my.rc:/t/hgrc");
    assert_eq!(set["PHP_INI_SCAN_DIR"], "/t/php:/ini");
}

#[test]
fn a_list_that_would_hide_the_programs_default_has_it() {
    let set = set("127.0.0.1:8080", &[("HOME", "/root")]);
    assert!(set["HGRCPATH"].contains(":/root/.hgrc:") && set["HGRCPATH"].ends_with(":/t/hgrc"));
    assert_eq!(set["PHP_INI_SCAN_DIR"], "/t/php:");
    assert_eq!(set["PYTHONPATH"], "/h/clients/python");
}

#[test]
fn a_word_with_a_space_is_quoted_or_left_out() {
    let lasting = Path::new("/my home/clients");
    let pointers = Pointers { lasting, ..pointers("127.0.0.1:8080".parse().unwrap()) };
    let set: HashMap<_, _> = variables(&pointers, |_| None).into_iter().collect();
    assert_eq!(set["NODE_OPTIONS"], r#""--require=/my home/clients/node.cjs""#);
    assert!(!set.contains_key("RUBYOPT"));
}

#[test]
fn everything_excluded_stays_so() {
    assert_eq!(set("127.0.0.1:8080", &[("NO_PROXY", "*")])["no_proxy"], "*");
}

#[test]
fn files_begin_with_the_users_own() {
    let directory = tempfile::tempdir().unwrap();
    let home = Home::new(Some(directory.path().into())).unwrap();
    std::fs::write(directory.path().join(".wgetrc"), "tries = 3").unwrap();
    let files = ClientFiles::new(&home).unwrap();
    let passing = files.passing().to_owned();
    let pointers = Pointers {
        lasting: files.lasting(),
        passing: files.passing(),
        ..pointers("127.0.0.1:8080".parse().unwrap())
    };
    let current = |name: &str| (name == "HOME").then(|| directory.path().into());
    files.write(&home, &pointers, &current).unwrap();
    let wgetrc = std::fs::read_to_string(passing.join("wgetrc")).unwrap();
    assert_eq!(wgetrc, "tries = 3\nca_certificate = /h/bundle.pem\n");
    assert!(directory.path().join("clients/node.cjs").is_file());
    drop(files);
    assert!(!passing.exists(), "the copy of the user's settings is gone");
    assert!(directory.path().join("clients/python/sitecustomize.py").is_file());
}

/// The cures of clients that do not trust the root (`dashcam_ca::trust`) name variables that `dashcam run` sets.
#[test]
fn cures_name_variables_that_are_set() {
    let set = set("127.0.0.1:8080", &[]);
    let mut named = 0;
    for runtime in dashcam_exchange::Runtime::ALL {
        let cure = dashcam_ca::trust::cure(Some(runtime.as_str()), Path::new("/h/ca.pem"));
        let is_variable =
            |word: &&str| word.contains('_') && word.bytes().all(|b| b == b'_' || b.is_ascii_uppercase());
        for name in cure.split(|c: char| c != '_' && !c.is_ascii_alphanumeric()).filter(is_variable) {
            assert!(set.contains_key(name), "{runtime}: {name}");
            named += 1;
        }
    }
    assert!(named >= 6, "{named}");
}
