//! The root: what it says of itself, how it is kept, and what is refused.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use dashcam_ca::{Authority, CaError, Created};
use tempfile::{TempDir, tempdir};
use x509_parser::extensions::{BasicConstraints, ParsedExtension};
use x509_parser::pem::parse_x509_pem;

fn home_with_root() -> (TempDir, Authority) {
    let home = tempdir().unwrap();
    let (authority, created) = Authority::open_or_create(home.path()).unwrap();
    assert_eq!(created, Created::New);
    (home, authority)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn refusal(home: &TempDir) -> CaError {
    Authority::open_or_create(home.path()).unwrap_err()
}

#[test]
fn the_root_says_what_a_root_must() {
    let (_home, authority) = home_with_root();
    let (_, pem) = parse_x509_pem(authority.root_pem().as_bytes()).unwrap();
    let root = pem.parse_x509().unwrap();
    let name = root.subject().iter_common_name().next().unwrap().as_str().unwrap().to_owned();
    assert!(name.starts_with("dashcam on ") && name.len() > "dashcam on ".len(), "{name}");
    assert_eq!(root.subject(), root.issuer());
    let constraints = root.basic_constraints().unwrap().unwrap();
    assert!(constraints.critical);
    assert_eq!(*constraints.value, BasicConstraints { ca: true, path_len_constraint: Some(0) });
    let usage = root.key_usage().unwrap().unwrap();
    assert!(usage.critical && usage.value.key_cert_sign() && usage.value.crl_sign());
    assert!(!usage.value.digital_signature());
    let has_id = |found: &ParsedExtension<'_>| matches!(found, ParsedExtension::SubjectKeyIdentifier(_));
    assert!(root.extensions().iter().any(|extension| has_id(extension.parsed_extension())));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64;
    let years = (root.validity().not_after.timestamp() - now) / (365 * 24 * 60 * 60);
    assert_eq!(years, 10);
    assert!(root.validity().not_before.timestamp() < now);
    assert!(root.verify_signature(None).is_ok());
}

#[test]
fn the_files_are_kept_and_found_again() {
    let (home, authority) = home_with_root();
    let key_path = home.path().join("ca-key.pem");
    let key = fs::read(&key_path).unwrap();
    assert_eq!((mode(authority.root_path()), mode(&key_path)), (0o644, 0o600));
    let (again, created) = Authority::open_or_create(home.path()).unwrap();
    assert_eq!(created, Created::Existing);
    assert_eq!((again.root_pem(), again.fingerprint()), (authority.root_pem(), authority.fingerprint()));
    assert_eq!(fs::read(&key_path).unwrap(), key);
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 2, "nothing else is left in home");
}

#[test]
fn a_key_without_a_certificate_is_an_unfinished_start() {
    let (home, authority) = home_with_root();
    let key = fs::read(home.path().join("ca-key.pem")).unwrap();
    fs::remove_file(authority.root_path()).unwrap();
    let (_, created) = Authority::open_or_create(home.path()).unwrap();
    assert_eq!(created, Created::New);
    assert_eq!(fs::read(home.path().join("ca-key.pem")).unwrap(), key);
}

#[test]
fn two_first_starts_at_once_agree() {
    let home = tempdir().unwrap();
    let start = || Authority::open_or_create(home.path()).unwrap().0.fingerprint();
    let prints: Vec<_> = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
        starts.into_iter().map(|start| start.join().unwrap()).collect()
    });
    assert!(prints.iter().all(|print| *print == prints[0]), "{prints:?}");
}

#[test]
fn a_key_that_others_may_read_is_refused() {
    let (home, _) = home_with_root();
    let key_path = home.path().join("ca-key.pem");
    fs::set_permissions(&key_path, fs::Permissions::from_mode(0o640)).unwrap();
    let error = refusal(&home);
    assert!(matches!(error, CaError::KeyExposed { mode: 0o640, .. }));
    assert!(error.to_string().contains(&format!("chmod 600 {}", key_path.display())), "{error}");
}

#[test]
fn damage_is_refused_and_left_as_it_is() {
    let (home, authority) = home_with_root();
    let certificate = authority.root_pem().to_owned();
    for damaged in ["", "no pem", &certificate[..certificate.len() / 2]] {
        fs::write(authority.root_path(), damaged).unwrap();
        let error = refusal(&home);
        assert!(matches!(error, CaError::DamagedCertificate { .. }), "{error}");
        assert!(error.to_string().contains("move ca.pem and ca-key.pem away"), "{error}");
        assert_eq!(fs::read_to_string(authority.root_path()).unwrap(), damaged);
    }
    fs::write(authority.root_path(), &certificate).unwrap();
    fs::write(home.path().join("ca-key.pem"), "no key").unwrap();
    assert!(matches!(refusal(&home), CaError::DamagedKey { .. }));
}

#[test]
fn files_that_do_not_belong_together_are_refused() {
    let ((home, _), (other, _)) = (home_with_root(), home_with_root());
    fs::copy(other.path().join("ca-key.pem"), home.path().join("ca-key.pem")).unwrap();
    assert!(matches!(refusal(&home), CaError::Mismatch { .. }));
    fs::remove_file(home.path().join("ca-key.pem")).unwrap();
    assert!(matches!(refusal(&home), CaError::KeyMissing { .. }));
}

#[tokio::test]
async fn a_leaf_is_no_root() {
    let (home, authority) = home_with_root();
    let leaf = authority.leaf("example.com").await.unwrap();
    assert_ne!(leaf.cert[0], leaf.cert[1]);
    // The leaf's key is not the root's: a signature by the one does not pass for the other's.
    let (_, root) = x509_parser::parse_x509_certificate(&leaf.cert[1]).unwrap();
    let (_, parsed) = x509_parser::parse_x509_certificate(&leaf.cert[0]).unwrap();
    assert_ne!(root.public_key().raw, parsed.public_key().raw);
    drop(home);
}

#[test]
fn the_fingerprint_is_what_openssl_shows() {
    let (_home, authority) = home_with_root();
    let shown = Command::new("openssl")
        .args(["x509", "-noout", "-fingerprint", "-sha256", "-in"])
        .arg(authority.root_path())
        .output();
    let Ok(shown) = shown else { return eprintln!("skipped: no openssl here") };
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert_eq!(shown.trim().split_once('=').unwrap().1, authority.fingerprint());
}
