//! Upstreams whose certificates are not to be trusted: each is told apart, and the message says what to do.

use std::time::{Duration, SystemTime};

use anyhow::Result;
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::origin::Origin;
use dashcam_tests::test_ca::{self, Issued, TestCa};
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose};

use super::openssl::{run, server};
use super::{assert_handshake_fails, curl, origin};
use crate::same::through;

const DAY: Duration = Duration::from_secs(86_400);

async fn of_the_test_ca(change: impl FnOnce(&mut CertificateParams)) -> Result<Origin> {
    origin(test_ca::shared()?.issue_with(&["localhost"], change)?.server(&[])?).await
}

#[tokio::test]
async fn what_is_wrong_with_a_certificate_is_said() -> Result<()> {
    let dashcam = Dashcam::start(&[]).await?;
    let now = SystemTime::now();
    let expired = of_the_test_ca(|params| {
        params.not_before = (now - 9 * DAY).into();
        params.not_after = (now - 3 * DAY).into();
    });
    let future = of_the_test_ca(|params| params.not_before = (now + 3 * DAY + DAY / 2).into());
    let for_clients =
        of_the_test_ca(|params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]);
    let other_names = test_ca::shared()?.issue_with(&["other.test", "*.more.test", "192.0.2.1"], |_| {})?;
    let stranger = TestCa::create("a stranger")?.issue_with(&["localhost"], |_| {})?;
    let self_signed = Issued::self_signed(&["localhost"])?;
    for (origin, path, expect) in [
        (expired.await?, "/expired", &["localhost", "expired 3 days ago", "Renew"][..]),
        (future.await?, "/future", &["localhost", "only in 3 days", "clock"]),
        (for_clients.await?, "/for-clients", &["localhost", "serverAuth"]),
        (
            origin(other_names.server(&[])?).await?,
            "/other-names",
            &["is for other.test, *.more.test, 192.0.2.1, not for localhost"],
        ),
        (
            origin(stranger.server(&[])?).await?,
            "/stranger",
            &["issuer that is not trusted", "--upstream-ca", "intermediate"],
        ),
        (origin(self_signed.server(&[])?).await?, "/self-signed", &["self-signed", "--upstream-ca", "-k"]),
    ] {
        assert_handshake_fails(&dashcam, &origin.url(path), expect).await?;
        assert!(origin.site().seen().is_empty(), "a request reached {path}");
    }
    Ok(())
}

/// With `-k` all of these are accepted, as with curl's.
#[tokio::test]
async fn insecure_accepts_them() -> Result<()> {
    let dashcam = Dashcam::start(&["-k"]).await?;
    let expired = of_the_test_ca(|params| params.not_after = (SystemTime::now() - DAY).into()).await?;
    let self_signed = origin(Issued::self_signed(&["other.test"])?.server(&[])?).await?;
    for origin in [expired, self_signed] {
        assert_eq!(curl("", &through(&dashcam), origin.url("/json")).await?.0, 200);
    }
    Ok(())
}

/// A self-signed certificate that is listed is trusted, for its names.
#[tokio::test]
async fn a_listed_self_signed_certificate() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let own = Issued::self_signed(&["localhost"])?;
    let other = Issued::self_signed(&["other.test"])?;
    let listed = super::write(folder.path(), "own.pem", &(own.certificate.pem() + &other.certificate.pem()))?;
    let dashcam = Dashcam::start(&["--upstream-ca", &listed.display().to_string()]).await?;
    let (own, other) = (origin(own.server(&[])?).await?, origin(other.server(&[])?).await?);
    assert_eq!(curl("", &through(&dashcam), own.url("/json")).await?.0, 200);
    assert_handshake_fails(&dashcam, &other.url("/listed"), &["not for localhost"]).await
}

/// Signatures of old: SHA-1, and keys that are too short, be they the server's or the issuer's.
#[tokio::test]
async fn weak_signatures() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let at = folder.path();
    super::write(at, "names.cnf", "subjectAltName=DNS:localhost\n")?;
    for (name, bits) in [("good", 2048), ("weak", 1024)] {
        run(at, &format!("req -x509 -newkey rsa:{bits} -nodes -keyout {name}-key.pem -out {name}.pem -subj /CN={name} -days 9")).await?;
    }
    for (name, ca, bits, digest) in
        [("sha1", "good", 2048, "sha1"), ("short", "good", 1024, "sha256"), ("below", "weak", 2048, "sha256")]
    {
        run(
            at,
            &format!(
                "req -newkey rsa:{bits} -nodes -keyout {name}-key.pem -out {name}.csr -subj /CN=localhost"
            ),
        )
        .await?;
        run(at, &format!("x509 -req -{digest} -in {name}.csr -CA {ca}.pem -CAkey {ca}-key.pem -CAcreateserial -days 9 -extfile names.cnf -out {name}.pem")).await?;
    }
    let ca = |name: &str| at.join(format!("{name}.pem")).display().to_string();
    let dashcam = Dashcam::start(&["--upstream-ca", &ca("good"), "--upstream-ca", &ca("weak")]).await?;
    for (name, expect) in [("sha1", "SHA-1"), ("short", "2048 bits"), ("below", "2048 bits")] {
        let files = (at.join(format!("{name}.pem")), at.join(format!("{name}-key.pem")));
        let server = server((&files.0, &files.1), "-cipher ALL:@SECLEVEL=0").await?;
        let url = format!("https://localhost:{}/weak-{name}", server.port);
        assert_handshake_fails(&dashcam, &url, &["localhost", expect]).await?;
    }
    Ok(())
}
