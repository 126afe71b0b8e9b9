//! Proxies between WeChat and a bot, each broken in a way of its own.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection};
use wxbot_tests::http::{self, Response};

/// A request as it arrives at a proxy.
pub(super) struct Incoming {
    pub(super) method: String,
    /// With its query.
    pub(super) target: String,
    pub(super) body: Vec<u8>,
}

impl Incoming {
    /// Passes it on to the bot, as it is or changed.
    pub(super) fn forward(&self, bot: SocketAddr) -> Response {
        let headers = format!("Content-Type: text/xml\r\nContent-Length: {}\r\n", self.body.len());
        http::request(bot, &self.method, &self.target, &headers, &self.body)
    }
}

/// The bytes of an answer.
pub(super) fn answer(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// The bot's answer, passed back with another body.
pub(super) fn with_body(response: &Response, body: impl AsRef<[u8]>) -> Vec<u8> {
    answer(&format!("{} x", response.status), "Content-Type: text/plain\r\n", body)
}

/// A listener that answers each request with these bytes, until the tests end; with none it hangs up.
pub(super) fn proxy(behave: impl Fn(Incoming) -> Vec<u8> + Send + 'static) -> SocketAddr {
    listener(move |stream| serve(stream, &behave))
}

fn listener(serve: impl Fn(TcpStream) + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
    let address = listener.local_addr().expect("it is bound");
    thread::spawn(move || listener.incoming().flatten().for_each(serve));
    address
}

/// A port that speaks HTTP alone, whatever it is asked in.
pub(super) fn no_tls() -> SocketAddr {
    listener(|mut stream| {
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(&answer("400 Bad Request", "", "plain HTTP alone"));
    })
}

/// A port with a certificate that nobody vouches for.
pub(super) fn self_signed() -> SocketAddr {
    let certificate = CertificateDer::from(&include_bytes!("self_signed.der")[..]);
    let key = PrivateKeyDer::try_from(&include_bytes!("self_signed.key.der")[..]);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring has them")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key.expect("it is PKCS #8"));
    let config = Arc::new(config.expect("the key is the certificate's"));
    listener(move |mut stream| {
        let mut tls = ServerConnection::new(Arc::clone(&config)).expect("the settings are good");
        let _ = tls.complete_io(&mut stream);
    })
}

fn serve(mut stream: TcpStream, behave: &impl Fn(Incoming) -> Vec<u8>) {
    let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
    let Some(incoming) = read(&mut stream) else { return };
    let _ = stream.write_all(&behave(incoming));
}

fn read(stream: &mut TcpStream) -> Option<Incoming> {
    let (mut bytes, mut chunk) = (Vec::new(), [0; 4096]);
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        let read = stream.read(&mut chunk).ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&chunk[..read]);
    };
    let head = String::from_utf8_lossy(&bytes[..head_end]).into_owned();
    let mut body = bytes.split_off(head_end);
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    while body.len() < length.unwrap_or(0) {
        let read = stream.read(&mut chunk).ok().filter(|read| *read > 0)?;
        body.extend_from_slice(&chunk[..read]);
    }
    let mut words = head.split(' ').map(str::to_owned);
    Some(Incoming { method: words.next()?, target: words.next()?, body })
}
