//! The API on a real socket: answers, ends searches nobody waits for, shuts down.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::{parts, state};
use crate::{AuthConfig, serve};

fn connect(address: SocketAddr, request: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = "Host: localhost\r\nConnection: close\r\n\r\n";
    stream
        .write_all(format!("{request} HTTP/1.1\r\n{head}").as_bytes())
        .unwrap();
    stream
}

async fn until(what: &str, is_so: impl Fn() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_secs(5), "{what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_connection_ends_its_searches() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(serve(listener, state(AuthConfig::default()), async {
        let _ = stopped.await;
    }));

    let mut answer = String::new();
    connect(address, "GET /healthz")
        .read_to_string(&mut answer)
        .unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.ends_with("ok\n"),
        "{answer}"
    );

    let endless = || parts::ENDLESS.load(Ordering::SeqCst);
    let waiting = connect(address, "GET /endless/_search");
    until("search runs", || endless() == 1).await;
    drop(waiting);
    until("search is dropped", || endless() == 0).await;

    stop.send(()).unwrap();
    server.await.unwrap().unwrap();
}
