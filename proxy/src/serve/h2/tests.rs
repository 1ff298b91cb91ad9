//! A client on the other end of a pipe.

use std::sync::Arc;

use crate::config::{Config, ListenerConfig};
use crate::exchange::route::Route;
use crate::exchange::route::RouteKind;
use crate::net::io::Io;
use crate::proxy::Proxy;
use crate::serve::client_record::ClientRecord;
use crate::serve::h2::server::serve;
use crate::serve::server::Server;
use bytes::Bytes;
use dashcam_ca::Authority;
use dashcam_control::{Control, Settings};
use dashcam_exchange::{Destination, LastIds, Scheme};
use h2::client::SendRequest;
use tokio::task::JoinSet;

async fn server() -> Arc<Server> {
    let home = std::env::temp_dir().join(format!("dashcam-http-h2-{}", std::process::id()));
    std::fs::create_dir_all(&home).unwrap();
    let (authority, _) = Authority::open_or_create(&home).unwrap();
    std::fs::remove_dir_all(&home).unwrap();
    let (recorder, _) = dashcam_recorder::recorder(dashcam_recorder::Limits::default(), LastIds::default());
    let control = Arc::new(Control::new(Settings::default()));
    let proxy = Proxy::bind(Config::default(), control, authority, recorder).await.unwrap();
    proxy.replayer().server
}

/// A client whose requests go to a destination that nobody listens on.
async fn client(tasks: &mut JoinSet<()>) -> SendRequest<Bytes> {
    let dead = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let destination = Destination { scheme: Scheme::Http, host: dead.ip().to_string(), port: dead.port() };
    let route = Route { destination: Some(destination), ..Route::new(RouteKind::Forward) };
    let server = server().await;
    let (near, far) = tokio::io::duplex(64 << 10);
    tasks.spawn(async move {
        let mut log =
            ClientRecord::new(&server.service, ([192, 0, 2, 1], 1).into(), &ListenerConfig::default());
        serve(Io::from(near), Arc::new(route), &server, &mut log).await;
    });
    let (client, connection) = h2::client::handshake(far).await.unwrap();
    tasks.spawn(async move { connection.await.unwrap() });
    client
}

async fn ask(client: &SendRequest<Bytes>, method: http::Method) -> (u16, Bytes) {
    let uri = if method == http::Method::CONNECT { "a:443" } else { "http://a/" };
    let request = http::Request::builder().method(method).uri(uri).body(()).unwrap();
    let mut client = client.clone().ready().await.unwrap();
    let (response, _) = client.send_request(request, true).unwrap();
    let response = response.await.unwrap();
    let status = response.status().as_u16();
    let mut text = Vec::new();
    let mut body = response.into_body();
    while let Some(data) = body.data().await {
        text.extend_from_slice(&data.unwrap());
    }
    (status, text.into())
}

#[tokio::test]
async fn our_own_errors_fit_the_method() {
    let mut tasks = JoinSet::new();
    let client = client(&mut tasks).await;
    let (status, text) = ask(&client, http::Method::GET).await;
    assert!(status == 502 && !text.is_empty());
    assert_eq!(ask(&client, http::Method::HEAD).await, (502, Bytes::new()));
    let (status, text) = ask(&client, http::Method::CONNECT).await;
    assert!(status == 400 && String::from_utf8_lossy(&text).contains("CONNECT is for a proxy"), "{text:?}");
}
