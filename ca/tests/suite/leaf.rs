//! Leaves: what they say, and that each is issued once.

use std::collections::HashSet;
use std::net::IpAddr;
use std::process::Command;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use dashcam_ca::{Authority, CaError};
use tempfile::{TempDir, tempdir};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::parse_x509_certificate;

const DAY: i64 = 24 * 60 * 60;

fn authority() -> (TempDir, Authority) {
    let home = tempdir().unwrap();
    let (authority, _) = Authority::open_or_create(home.path()).unwrap();
    (home, authority)
}

fn common_name(certificate: &X509Certificate<'_>) -> Option<String> {
    certificate.subject().iter_common_name().next().map(|name| name.as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_leaf_says_what_clients_want_to_read() {
    let (_home, authority) = authority();
    let leaf = authority.leaf("Example.com").await.unwrap();
    let (_, root) = parse_x509_certificate(&leaf.cert[1]).unwrap();
    let (_, parsed) = parse_x509_certificate(&leaf.cert[0]).unwrap();
    assert_eq!(leaf.cert.len(), 2);
    assert!(parsed.verify_signature(Some(root.public_key())).is_ok());
    assert_eq!(parsed.issuer(), root.subject());
    assert_eq!(common_name(&parsed).as_deref(), Some("example.com"));
    let names = parsed.subject_alternative_name().unwrap().unwrap();
    assert_eq!(names.value.general_names, [GeneralName::DNSName("example.com")]);
    let usage = parsed.key_usage().unwrap().unwrap().value;
    assert!(usage.digital_signature() && !usage.key_cert_sign());
    let extended = parsed.extended_key_usage().unwrap().unwrap().value;
    assert!(extended.server_auth && !extended.client_auth && !extended.any);
    assert!(!parsed.is_ca());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64;
    assert!((now - parsed.validity().not_before.timestamp() - 2 * DAY).abs() < 60);
    assert!((parsed.validity().not_after.timestamp() - now - 90 * DAY).abs() < 60);
    assert!(parsed.raw_serial().len() <= 20 && parsed.raw_serial()[0] < 0x80);
    assert_eq!(authority_key_id(&parsed), subject_key_id(&root));
}

fn authority_key_id(certificate: &X509Certificate<'_>) -> Option<Vec<u8>> {
    certificate.extensions().iter().find_map(|extension| match extension.parsed_extension() {
        ParsedExtension::AuthorityKeyIdentifier(id) => id.key_identifier.as_ref().map(|id| id.0.to_vec()),
        _ => None,
    })
}

fn subject_key_id(certificate: &X509Certificate<'_>) -> Option<Vec<u8>> {
    certificate.extensions().iter().find_map(|extension| match extension.parsed_extension() {
        ParsedExtension::SubjectKeyIdentifier(id) => Some(id.0.to_vec()),
        _ => None,
    })
}

#[tokio::test]
async fn addresses_are_addresses_in_the_certificate() {
    let (_home, authority) = authority();
    for text in ["192.0.2.7", "2001:db8::1"] {
        let leaf = authority.leaf(text).await.unwrap();
        let (_, parsed) = parse_x509_certificate(&leaf.cert[0]).unwrap();
        let octets = match text.parse().unwrap() {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets().to_vec(),
        };
        let names = &parsed.subject_alternative_name().unwrap().unwrap().value.general_names;
        assert_eq!(*names, [GeneralName::IPAddress(&octets)]);
    }
}

#[tokio::test]
async fn a_name_too_long_for_the_subject_stands_in_the_alternative_names_alone() {
    let (_home, authority) = authority();
    let host = format!("{}.{}.example", "a".repeat(40), "b".repeat(40));
    let leaf = authority.leaf(&host).await.unwrap();
    let (_, parsed) = parse_x509_certificate(&leaf.cert[0]).unwrap();
    assert_eq!(common_name(&parsed), None);
    let names = parsed.subject_alternative_name().unwrap().unwrap();
    assert!(names.critical, "without a subject it must be");
    assert_eq!(names.value.general_names, [GeneralName::DNSName(&host)]);
}

#[tokio::test]
async fn no_two_leaves_share_a_number() {
    let (_home, authority) = authority();
    let mut numbers = HashSet::new();
    for host in 0..100 {
        let leaf = authority.leaf(&format!("h{host}.example")).await.unwrap();
        let (_, parsed) = parse_x509_certificate(&leaf.cert[0]).unwrap();
        assert!(numbers.insert(parsed.raw_serial().to_vec()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_who_ask_at_once_get_one_leaf() {
    let (_home, authority) = authority();
    let mut asking = tokio::task::JoinSet::new();
    for number in 0..64 {
        let authority = authority.clone();
        // Other spellings of the same host are the same host.
        let host = ["new.example", "NEW.example", "new.example."][number % 3];
        asking.spawn(async move { authority.leaf(host).await.unwrap() });
    }
    let leaves = asking.join_all().await;
    assert!(leaves.iter().all(|leaf| Arc::ptr_eq(leaf, &leaves[0])));
}

#[tokio::test]
async fn what_is_no_host_gets_none() {
    let (_home, authority) = authority();
    for host in ["", "*.example.com", "[::1]", "a b"] {
        assert!(matches!(authority.leaf(host).await, Err(CaError::InvalidHost { .. })), "{host}");
    }
}

#[tokio::test]
async fn openssl_accepts_the_chain_strictly() {
    let (home, authority) = authority();
    for (host, kind) in [("a_b.example.com", "-verify_hostname"), ("2001:db8::1", "-verify_ip")] {
        let leaf = authority.leaf(host).await.unwrap();
        let der = home.path().join("leaf.der");
        std::fs::write(&der, &leaf.cert[0]).unwrap();
        let verify = Command::new("openssl")
            .args(["verify", "-x509_strict", "-purpose", "sslserver", kind, host, "-CAfile"])
            .arg(authority.root_path())
            .arg(&der)
            .output();
        let Ok(verify) = verify else { return eprintln!("skipped: no openssl here") };
        assert!(verify.status.success(), "{host}: {}", String::from_utf8_lossy(&verify.stderr));
    }
}
