//! Where the root's key may be: under a passphrase, or outside; and how a root takes another's place.

use std::fs;
use std::path::Path;
use std::process::Command;

use dashcam_ca::{Authority, CaError, KeySource, NewRoot, RootCertificate, create};
use tempfile::{TempDir, tempdir};

fn secret(passphrase: &str) -> KeySource {
    KeySource::Encrypted(passphrase.to_owned())
}

/// Runs a shell command line in `folder`.
fn sh(folder: &Path, line: &str) -> bool {
    Command::new("sh").args(["-c", line]).current_dir(folder).output().unwrap().status.success()
}

#[test]
fn a_passphrase_opens_the_key_and_nothing_else_does() {
    let home = tempdir().unwrap();
    create(home.path(), &NewRoot { key: secret("correct horse"), ..NewRoot::default() }).unwrap();
    assert!(dashcam_ca::is_encrypted(home.path()).unwrap());
    let open = |source: &KeySource| Authority::open_or_create_with(home.path(), source);
    let (authority, _) = open(&secret("correct horse")).unwrap();
    assert_eq!(authority.fingerprint(), RootCertificate::read(home.path()).unwrap().unwrap().fingerprint());
    assert!(matches!(open(&secret("wrong")), Err(CaError::WrongPassphrase { .. })));
    let locked = open(&KeySource::File).unwrap_err();
    assert!(matches!(locked, CaError::Locked { .. }) && locked.to_string().contains("--ca-passphrase-file"));
    assert!(sh(home.path(), "openssl pkey -in ca-key.pem -passin 'pass:correct horse' -noout"));
    assert!(!sh(home.path(), "openssl pkey -in ca-key.pem -passin pass:wrong -noout"));
}

#[test]
fn a_key_that_openssl_encrypted_opens_too() {
    let home = tempdir().unwrap();
    Authority::open_or_create(home.path()).unwrap();
    let encrypt =
        "openssl pkcs8 -topk8 -v2 aes-256-cbc -in ca-key.pem -passout pass:x -out k && cat k > ca-key.pem";
    assert!(sh(home.path(), encrypt));
    Authority::open_or_create_with(home.path(), &secret("x")).unwrap();
}

/// A home whose root's key is in another folder, and the command that signs with it.
fn outside(kind: &str) -> (TempDir, TempDir, NewRoot) {
    let (home, place) = (tempdir().unwrap(), tempdir().unwrap());
    assert!(sh(
        place.path(),
        &format!("openssl genpkey {kind} -out k.pem && openssl pkey -in k.pem -pubout -out p.pem")
    ));
    let command = format!("openssl dgst -sha256 -sign '{}'", place.path().join("k.pem").display());
    let public_key = Some(fs::read_to_string(place.path().join("p.pem")).unwrap());
    let wanted = NewRoot { key: KeySource::Command(command), public_key, ..NewRoot::default() };
    (home, place, wanted)
}

#[tokio::test]
async fn a_key_outside_signs_roots_and_leaves() {
    for kind in
        ["-algorithm EC -pkeyopt ec_paramgen_curve:P-256", "-algorithm RSA -pkeyopt rsa_keygen_bits:2048"]
    {
        let (home, _place, wanted) = outside(kind);
        create(home.path(), &wanted).unwrap();
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1, "the key is elsewhere");
        let (authority, _) = Authority::open_or_create_with(home.path(), &wanted.key).unwrap();
        let leaf = authority.leaf("example.com").await.unwrap();
        fs::write(home.path().join("leaf.der"), &leaf.cert[0]).unwrap();
        let verify =
            "openssl x509 -inform der -in leaf.der -out leaf.pem && openssl verify -CAfile ca.pem leaf.pem";
        assert!(sh(home.path(), verify), "{kind}");
    }
}

#[test]
fn a_command_that_signs_with_another_key_or_not_at_all_is_refused() {
    let (home, place, wanted) = outside("-algorithm EC -pkeyopt ec_paramgen_curve:P-256");
    let create_with = |command: &str| {
        create(home.path(), &NewRoot { key: KeySource::Command(command.to_owned()), ..wanted.clone() })
    };
    assert!(sh(
        place.path(),
        "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out other.pem"
    ));
    let other = format!("openssl dgst -sha256 -sign '{}'", place.path().join("other.pem").display());
    for command in [other.as_str(), "cat", "false"] {
        assert!(create_with(command).is_err(), "{command}");
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0, "nothing is left of {command}");
    }
    create(home.path(), &wanted).unwrap();
    let open = |command: &str| {
        Authority::open_or_create_with(home.path(), &KeySource::Command(command.to_owned())).map(drop)
    };
    for command in [other.as_str(), "false"] {
        let error = open(command).unwrap_err();
        assert!(matches!(error, CaError::Signer { .. }), "{command}: {error}");
    }
    let none = Authority::open_or_create_with(place.path(), &wanted.key).map(drop).unwrap_err();
    assert!(matches!(none, CaError::NoRoot { .. }));
}

#[test]
fn a_root_is_replaced_only_when_that_is_said_and_the_old_one_is_kept() {
    let home = tempdir().unwrap();
    let old = create(home.path(), &NewRoot::default()).unwrap().certificate.fingerprint();
    let refused = create(home.path(), &NewRoot::default()).unwrap_err();
    assert!(matches!(refused, CaError::RootThere { .. }) && refused.to_string().contains("--replace"));
    let old_key = fs::read(home.path().join("ca-key.pem")).unwrap();
    let made = create(home.path(), &NewRoot { replace: true, ..NewRoot::default() }).unwrap();
    assert_ne!(made.certificate.fingerprint(), old);
    let kept: Vec<_> = made.kept.iter().map(|file| fs::read(file).unwrap()).collect();
    assert!(kept.contains(&old_key) && kept.len() == 2, "{:?}", made.kept);
    let (authority, _) = Authority::open_or_create(home.path()).unwrap();
    assert_eq!(authority.fingerprint(), made.certificate.fingerprint());
}

#[test]
fn a_life_that_makes_no_sense_is_refused() {
    let home = tempdir().unwrap();
    for days in [0, 36_526] {
        let error = create(home.path(), &NewRoot { days, ..NewRoot::default() }).unwrap_err();
        assert!(matches!(error, CaError::Days { .. }), "{error}");
    }
}

/// Another user's key file is refused, where the test may make one.
#[test]
fn a_key_of_another_user_is_refused() {
    let home = tempdir().unwrap();
    Authority::open_or_create(home.path()).unwrap();
    let key = home.path().join("ca-key.pem");
    if let Err(error) = std::os::unix::fs::chown(&key, Some(65_534), None) {
        return eprintln!("SKIPPED, only root gives files away: {error}");
    }
    let error = Authority::open_or_create(home.path()).unwrap_err();
    assert!(matches!(error, CaError::KeyNotOurs { owner: 65_534, .. }), "{error}");
    assert!(error.to_string().contains("run dashcam as user 65534"), "{error}");
}
