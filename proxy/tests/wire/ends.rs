//! Responses that broke off look broken, also where only the connection's end says that a body is whole.

use std::io;

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::{DEADLINE, Running, bind, read_until, send, start, upstream};

const UNTIL_CLOSE: &str = "HTTP/1.1 200 OK\r\n\r\nhello";
const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n";

/// How `client`'s connection ends.
async fn end(client: &mut TcpStream) -> io::Result<usize> {
    timeout(DEADLINE, client.read_to_end(&mut Vec::new())).await.expect("it ends")
}

async fn connect(proxy: &Running, request: &str) -> TcpStream {
    let mut client = TcpStream::connect(proxy.address).await.unwrap();
    send(&mut client, request).await;
    client
}

fn is_reset(end: &io::Result<usize>) -> bool {
    end.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::ConnectionReset)
}

#[tokio::test]
async fn a_stop_inside_a_body_until_close_is_a_reset() {
    for (answer, version) in [(UNTIL_CLOSE, "1.1"), (UNTIL_CLOSE, "1.0"), (CHUNKED, "1.0")] {
        let to = upstream(move |_, _| answer.to_owned()).await;
        let proxy = start(&format!("reverse:http://{to}")).await;
        let mut client = connect(&proxy, &format!("GET / HTTP/{version}\r\nHost: a\r\n\r\n")).await;
        read_until(&mut client, "hello").await;
        proxy.stop.notify_one();
        let end = end(&mut client).await;
        assert!(is_reset(&end), "HTTP/{version}, {answer:?}: {end:?}");
    }
}

/// The body of the request has the connection's other half then.
#[tokio::test]
async fn a_cut_response_is_a_reset_while_its_request_goes_on() {
    for answer in [UNTIL_CLOSE, CHUNKED] {
        let (listener, to) = bind().await;
        let proxy = start(&format!("reverse:http://{to}")).await;
        let request = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf";
        let mut client = connect(&proxy, request).await;
        let (mut server, _) = timeout(DEADLINE, listener.accept()).await.unwrap().unwrap();
        read_until(&mut server, "half").await;
        send(&mut server, answer).await;
        read_until(&mut client, "hello").await;
        server.set_zero_linger().unwrap();
        drop(server);
        let end = end(&mut client).await;
        assert!(is_reset(&end), "{answer:?}: {end:?}");
    }
}

#[tokio::test]
async fn a_whole_body_until_close_ends_cleanly() {
    const SIZE: usize = 4 << 20;
    let (listener, to) = bind().await;
    let proxy = start(&format!("reverse:http://{to}")).await;
    let mut client = connect(&proxy, "GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    let (mut server, _) = timeout(DEADLINE, listener.accept()).await.unwrap().unwrap();
    read_until(&mut server, "\r\n\r\n").await;
    let mut all = Vec::new();
    tokio::spawn(async move { send(&mut server, &format!("{UNTIL_CLOSE}{}", "x".repeat(SIZE))).await });
    timeout(DEADLINE, client.read_to_end(&mut all)).await.unwrap().unwrap();
    assert_eq!(all.iter().filter(|byte| **byte == b'x').count(), SIZE);
}
