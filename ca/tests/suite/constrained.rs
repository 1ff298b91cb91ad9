//! A root that may only issue for some hosts: what it issues, and what verifiers make of what it should not have.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use dashcam_ca::{Authority, CaError, NewRoot, RootCertificate};
use tempfile::{TempDir, tempdir};

fn home_with(permitted: &str) -> (TempDir, Authority) {
    let home = tempdir().unwrap();
    let wanted = NewRoot { permitted: permitted.parse().unwrap(), days: 30, ..NewRoot::default() };
    dashcam_ca::create(home.path(), &wanted).unwrap();
    let (authority, _) = Authority::open_or_create(home.path()).unwrap();
    (home, authority)
}

fn openssl(folder: &Path, line: &str) -> Output {
    let words = line.split_whitespace();
    Command::new("openssl").args(words).current_dir(folder).output().expect("openssl is installed")
}

fn pem(der: &[u8], folder: &Path, name: &str) {
    fs::write(folder.join("leaf.der"), der).unwrap();
    assert!(openssl(folder, &format!("x509 -inform der -in leaf.der -out {name}")).status.success());
}

async fn assert_issued(permitted: &str, hosts: &[&str], refused: &[&str]) {
    let (home, authority) = home_with(permitted);
    for host in hosts {
        assert!(authority.permits(host), "{permitted}: {host}");
        let leaf = authority.leaf(host).await.unwrap();
        pem(&leaf.cert[0], home.path(), "leaf.pem");
        let kind = if host.parse::<std::net::IpAddr>().is_ok() { "ip" } else { "hostname" };
        let verified = openssl(home.path(), &format!("verify -verify_{kind} {host} -CAfile ca.pem leaf.pem"));
        assert!(verified.status.success(), "{permitted}: {host}: {verified:?}");
    }
    for host in refused {
        assert!(!authority.permits(host), "{permitted}: {host}");
        let error = authority.leaf(host).await.unwrap_err();
        assert!(matches!(error, CaError::NotPermitted { .. }), "{error}");
        assert!(error.to_string().contains("--permit"), "{error}");
        // Somebody who has the key issues it all the same: nobody who heeds the constraints takes it.
        let kind = if host.parse::<std::net::IpAddr>().is_ok() { "IP" } else { "DNS" };
        let request = format!(
            "req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout k.pem -out r.pem -subj /O=x -addext \
             subjectAltName=critical,{kind}:{host}"
        );
        assert!(openssl(home.path(), &request).status.success());
        let sign =
            "x509 -req -in r.pem -CA ca.pem -CAkey ca-key.pem -days 9 -copy_extensions copy -out e.pem";
        assert!(openssl(home.path(), sign).status.success());
        let verified = openssl(home.path(), "verify -CAfile ca.pem e.pem");
        let said = String::from_utf8_lossy(&verified.stderr);
        assert!(
            !verified.status.success() && said.contains("subtree violation"),
            "{permitted}: {host}: {said}"
        );
    }
}

#[tokio::test]
async fn domains_alone_permit_no_address() {
    let hosts = ["example.com", "a.b.example.com"];
    assert_issued("example.com", &hosts, &["example.org", "badexample.com", "127.0.0.1", "::1"]).await;
}

#[tokio::test]
async fn networks_alone_permit_no_domain() {
    let hosts = ["10.1.2.3", "fd00::1"];
    assert_issued("10.0.0.0/8,fd00::/8", &hosts, &["11.0.0.1", "fe80::1", "example.com"]).await;
}

#[tokio::test]
async fn both() {
    let refused = ["192.0.2.1", "example.org"];
    assert_issued("example.com,10.0.0.0/8,localhost", &["10.0.0.1", "x.example.com", "localhost"], &refused)
        .await;
}

#[test]
fn the_certificate_says_what_was_asked_for() {
    let (home, _authority) = home_with("example.com,10.0.0.0/8");
    let root = RootCertificate::read(home.path()).unwrap().unwrap();
    assert_eq!(root.permitted().as_deref(), Some("example.com, 10.0.0.0/8"));
    let shown = openssl(home.path(), "x509 -noout -text -in ca.pem");
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains("X509v3 Name Constraints: critical"), "{shown}");
    let lasts = |seconds: u32| openssl(home.path(), &format!("x509 -noout -checkend {seconds} -in ca.pem"));
    assert!(lasts(29 * 86_400).status.success() && !lasts(31 * 86_400).status.success());
    assert_eq!(root.last_day().len(), "2036-11-27".len());
}

#[test]
fn without_constraints_all_is_permitted() {
    let home = tempdir().unwrap();
    let (authority, _) = Authority::open_or_create(home.path()).unwrap();
    assert!(authority.permits("example.com") && authority.permits("127.0.0.1"));
    assert_eq!(authority.certificate().permitted(), None);
}
