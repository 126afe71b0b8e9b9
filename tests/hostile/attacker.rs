//! One hostile connection.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use rustix::net::sockopt::set_socket_recv_buffer_size;
use wxbot_tests::http::{self, Response};
use wxbot_tests::wechat::Sender;

use crate::target::SOON;

/// A connection that waits no longer than [`SOON`] for anything.
pub(crate) struct Attacker(pub(crate) TcpStream);

impl Attacker {
    pub(crate) fn connect(to: SocketAddr) -> Self {
        let stream = http::connect(to).expect("the bot listens");
        stream.set_read_timeout(Some(SOON)).expect("it is not 0");
        stream.set_write_timeout(Some(SOON)).expect("it is not 0");
        Self(stream)
    }

    /// One that stops to take answers after a few of them.
    pub(crate) fn connect_with_little_room(to: SocketAddr) -> Self {
        let attacker = Self::connect(to);
        set_socket_recv_buffer_size(&attacker.0, 4096).expect("it is a socket");
        attacker
    }

    /// Sends this; says whether the other side still takes it.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.0.write_all(bytes.as_ref()).is_ok()
    }

    /// Reads one response.
    pub(crate) fn response(&mut self) -> Response {
        http::read_response(&mut self.0).expect("there is an answer")
    }

    /// Whether the other side ends the connection, in one way or the other, while nothing is sent.
    pub(crate) fn is_closed(&mut self) -> bool {
        let mut rest = [0; 16 * 1024];
        loop {
            match self.0.read(&mut rest) {
                Ok(0) => return true,
                Ok(_) => {}
                Err(error) => return !is_timeout(error.kind()),
            }
        }
    }

    /// Sends the same again and again until the other side takes no more; how much it took, and
    /// whether it ended the connection. `most` is more than it can be expected to take.
    pub(crate) fn send_flat_out(&mut self, bytes: &[u8], most: usize) -> (usize, bool) {
        let mut sent = 0;
        while sent < most {
            match self.0.write(bytes) {
                Ok(written) => sent += written,
                Err(error) => return (sent, !is_timeout(error.kind())),
            }
        }
        (sent, false)
    }

    /// Sends these bytes one by one, with a pause behind each; whether the other side ended the
    /// connection before they were all sent or within [`SOON`] after that.
    pub(crate) fn dribble(&mut self, bytes: &[u8], pause: Duration) -> bool {
        for byte in bytes {
            if !self.send([*byte]) {
                return true;
            }
            std::thread::sleep(pause);
        }
        self.is_closed()
    }
}

fn is_timeout(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

/// The first line of a POST that the endpoint takes.
pub(crate) fn signed_post() -> String {
    format!("POST /wechat?{} HTTP/1.1\r\nHost: a\r\n", Sender::default().query())
}

/// A whole GET that is answered.
pub(crate) fn handshake() -> String {
    let query = Sender::default().query();
    format!("GET /wechat?{query}&echostr=4242 HTTP/1.1\r\nHost: a\r\n\r\n")
}
