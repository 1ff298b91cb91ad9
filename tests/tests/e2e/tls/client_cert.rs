//! Upstreams that want a certificate of ours: `--client-cert`.

use anyhow::Result;
use dashcam_tests::clients::{Ask, ask};
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::origin::Origin;
use dashcam_tests::test_ca::{self, TestCa};

use super::{assert_handshake_fails, curl, demanding, origin, write};
use crate::same::through;

/// An upstream that demands a certificate of `ca`, with one version of TLS.
async fn guarded(ca: &TestCa, version: &'static rustls::SupportedProtocolVersion) -> Result<Origin> {
    let own = test_ca::shared()?.issue_with(&["localhost", "127.0.0.1"], |_| {})?;
    origin(demanding(&own, ca, &[version])?).await
}

const VERSIONS: [(&rustls::SupportedProtocolVersion, &str); 2] =
    [(&rustls::version::TLS12, "1.2"), (&rustls::version::TLS13, "1.3")];

#[tokio::test]
async fn it_is_shown_to_those_who_ask() -> Result<()> {
    let (folder, ca) = (tempfile::tempdir()?, TestCa::create("clients")?);
    let file =
        write(folder.path(), "client.pem", &ca.issue_client("dashcam.test")?.pem())?.display().to_string();
    for (version, name) in VERSIONS {
        let origin = guarded(&ca, version).await?;
        let open = Origin::https1().await?;
        for argument in [file.clone(), format!("localhost={file}")] {
            let dashcam = Dashcam::start(&["--client-cert", &argument]).await?;
            for path in ["/json?1", "/json?2"] {
                let (status, text) = curl("", &through(&dashcam), origin.url(path)).await?;
                assert_eq!(status, 200, "{name} {argument}: {text}");
            }
            assert_eq!(curl("", &through(&dashcam), open.url("/json?open")).await?.0, 200);
        }
    }
    Ok(())
}

/// HTTP/2's server speaks at once: nothing of that is lost while its judgement is waited for.
#[tokio::test]
async fn it_is_shown_over_http2() -> Result<()> {
    let (folder, ca) = (tempfile::tempdir()?, TestCa::create("clients")?);
    let file =
        write(folder.path(), "client.pem", &ca.issue_client("dashcam.test")?.pem())?.display().to_string();
    let own = test_ca::shared()?.issue_with(&["localhost"], |_| {})?;
    for tickets in [0, 2] {
        let mut config = demanding(&own, &ca, rustls::ALL_VERSIONS)?;
        config.alpn_protocols = vec![b"h2".to_vec()];
        config.send_tls13_tickets = tickets;
        let origin = origin(config).await?;
        let dashcam = Dashcam::start(&["--client-cert", &file]).await?;
        let got = ask("curl --http2", &through(&dashcam), &[Ask::get(origin.url("/bytes/100000"))])
            .await?
            .remove(0);
        assert_eq!((got.status, got.body.len()), (200, 100_000), "{tickets}");
        let none = Dashcam::start(&[]).await?;
        let got = ask("curl --http2", &through(&none), &[Ask::get(origin.url("/none"))]).await?.remove(0);
        let text = String::from_utf8_lossy(&got.body).into_owned();
        assert!(got.status == 502 && text.contains("--client-cert localhost=FILE"), "{tickets}: {text}");
    }
    Ok(())
}

/// Without one, or with one for other hosts, or with a stranger's.
#[tokio::test]
async fn refusals_name_the_option() -> Result<()> {
    let (folder, ca) = (tempfile::tempdir()?, TestCa::create("clients")?);
    let good = write(folder.path(), "good.pem", &ca.issue_client("dashcam.test")?.pem())?;
    let stranger = TestCa::create("strangers")?.issue_client("dashcam.test")?;
    let stranger = write(folder.path(), "stranger.pem", &stranger.pem())?.display().to_string();
    let elsewhere = format!("*.localhost={}", good.display());
    for (version, name) in VERSIONS {
        let origin = guarded(&ca, version).await?;
        let none = ["client certificate", "none is configured", "--client-cert localhost=FILE"];
        for (case, arguments, expect) in [
            ("none", &[][..], &none[..]),
            ("elsewhere", &["--client-cert", &elsewhere], &none),
            (
                "stranger",
                &["--client-cert", &stranger],
                &["refused the client certificate", &stranger, "--client-cert localhost=FILE"],
            ),
        ] {
            let dashcam = Dashcam::start(arguments).await?;
            let path = format!("/demands-{case}-{name}");
            assert_handshake_fails(&dashcam, &origin.url(&path), expect).await?;
            assert!(origin.site().seen().is_empty());
        }
    }
    Ok(())
}

/// The closest host's is shown.
#[tokio::test]
async fn each_host_has_its_own() -> Result<()> {
    let (folder, one, other) = (tempfile::tempdir()?, TestCa::create("one")?, TestCa::create("other")?);
    let one_file = write(folder.path(), "one.pem", &one.issue_client("dashcam.test")?.pem())?;
    let other_file = write(folder.path(), "other.pem", &other.issue_client("dashcam.test")?.pem())?;
    let for_address = format!("127.0.0.1={}", other_file.display());
    let dashcam =
        Dashcam::start(&["--client-cert", &one_file.display().to_string(), "--client-cert", &for_address])
            .await?;
    for (ca, host) in [(&one, "localhost"), (&other, "127.0.0.1")] {
        let origin = guarded(ca, &rustls::version::TLS13).await?;
        let url = format!("https://{host}:{}/json", origin.port());
        let (status, text) = curl("", &through(&dashcam), url).await?;
        assert_eq!(status, 200, "{host}: {text}");
    }
    Ok(())
}

/// An upstream that asks without demanding serves those who have none, and is not kept waiting.
#[tokio::test]
async fn asking_is_not_demanding() -> Result<()> {
    let (certificate, key) = test_ca::shared()?.write("asks", &["localhost"])?;
    let dashcam = Dashcam::start(&[]).await?;
    for options in ["-verify 1 -tls1_2", "-verify 1 -tls1_3", "-verify 1 -tls1_3 -num_tickets 0"] {
        let server = super::openssl::server((&certificate, &key), options).await?;
        let url = format!("https://localhost:{}/asks", server.port);
        let (status, text) = curl("", &through(&dashcam), url).await?;
        assert_eq!(status, 200, "{options}: {text}");
    }
    Ok(())
}

/// Keys of all kinds, as OpenSSL writes them.
#[tokio::test]
async fn keys_of_all_kinds() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let at = folder.path();
    for (kind, make) in [
        ("pkcs8", "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out pkcs8.key"),
        ("pkcs1", "genrsa -traditional -out pkcs1.key 2048"),
        ("sec1", "ecparam -name prime256v1 -genkey -out sec1.key"),
        ("ed25519", "genpkey -algorithm ed25519 -out ed25519.key"),
    ] {
        super::openssl::run(at, make).await?;
        let request = format!("req -x509 -key {kind}.key -out {kind}.crt -subj /CN={kind} -days 9");
        super::openssl::run(at, &request).await?;
        let read = |end: &str| std::fs::read_to_string(at.join(format!("{kind}.{end}")));
        let file = write(at, kind, &(read("key")? + &read("crt")?))?;
        Dashcam::start(&["--client-cert", &file.display().to_string()]).await?;
    }
    Ok(())
}

/// Unusable files are reported at the start, with the remedy.
#[tokio::test]
async fn bad_files() -> Result<()> {
    let (folder, ca) = (tempfile::tempdir()?, test_ca::shared()?);
    let at = folder.path();
    let (one, other) = (ca.issue_client("one.test")?, ca.issue_client("other.test")?);
    let good = write(at, "good.pem", &one.pem())?;
    write(at, "no-key.pem", &one.certificate.pem())?;
    write(at, "no-certificate.pem", &one.key.serialize_pem())?;
    write(at, "mixed.pem", &(one.certificate.pem() + &other.key.serialize_pem()))?;
    write(at, "text.pem", "hello")?;
    write(at, "broken.pem", "-----BEGIN CERTIFICATE-----\n????\n-----END CERTIFICATE-----\n")?;
    write(at, "plain.key", &one.key.serialize_pem())?;
    super::openssl::run(at, "pkey -in plain.key -aes128 -passout pass:secret -out encrypted.key").await?;
    let encrypted = one.certificate.pem() + &std::fs::read_to_string(at.join("encrypted.key"))?;
    write(at, "encrypted.pem", &encrypted)?;
    let twice = format!("*.a.test={}", good.display());
    for (file, expect) in [
        ("missing.pem", "No such file"),
        ("no-key.pem", "no private key"),
        ("no-certificate.pem", "no certificate"),
        ("text.pem", "no certificate"),
        ("mixed.pem", "does not belong to its first certificate"),
        ("broken.pem", "PEM"),
        ("encrypted.pem", "passphrase"),
        ("good.pem", "only one of them"),
    ] {
        let file = format!("*.a.test={}", at.join(file).display());
        let arguments =
            ["serve", "-p", "0", "--web-port", "0", "--client-cert", &twice, "--client-cert", &file];
        let arguments =
            if file == twice { &arguments[..] } else { &[&arguments[..5], &arguments[7..]].concat() };
        let output = cli(&at.join("home"))?.args(arguments).output().await?;
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{file}");
        assert!(said.contains(expect) && said.contains("--client-cert"), "{file}: {said}");
        assert!(said.contains(file.trim_start_matches("*.a.test=")), "{file}: {said}");
    }
    Ok(())
}
