//! A proxy that decrypts, passes on, and keeps nothing: `PORT FOLDER`, the folder with `cert.pem` and `key.pem` of its authority.

mod trusting;

use std::net::SocketAddr;
use std::sync::Arc;
use std::{env, error, fs};

use hudsucker::Proxy;
use hudsucker::certificate_authority::RcgenAuthority;
use hudsucker::rcgen::{Issuer, KeyPair};
use hudsucker::rustls::ClientConfig;
use hudsucker::rustls::crypto::aws_lc_rs;
use hudsucker::tokio_tungstenite::Connector;
use hyper_rustls::HttpsConnectorBuilder;

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Box<dyn error::Error>> {
    let words: Vec<String> = env::args().skip(1).collect();
    let [port, folder] = words.as_slice() else { return Err("usage: PORT FOLDER".into()) };
    let key = KeyPair::from_pem(&fs::read_to_string(format!("{folder}/key.pem"))?)?;
    let issuer = Issuer::from_ca_cert_pem(&fs::read_to_string(format!("{folder}/cert.pem"))?, key)?;
    let provider = aws_lc_rs::default_provider();
    let tls = ClientConfig::builder_with_provider(Arc::new(provider.clone()))
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(trusting::Trusting(provider.clone())))
        .with_no_client_auth();
    let connector =
        HttpsConnectorBuilder::new().with_tls_config(tls.clone()).https_or_http().enable_http1().build();
    Proxy::builder()
        .with_addr(SocketAddr::from(([127, 0, 0, 1], port.parse()?)))
        .with_ca(RcgenAuthority::new(issuer, 2_000, provider))
        .with_http_connector(connector)
        .with_websocket_connector(Connector::Rustls(Arc::new(tls)))
        .build()?
        .start()
        .await?;
    Ok(())
}
