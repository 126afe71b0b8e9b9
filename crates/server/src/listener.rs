//! A port of this machine.

use std::io;
use std::net::{SocketAddr, TcpListener};

/// A port that can't be had: which one, and why not.
#[derive(Debug, thiserror::Error)]
#[error("can't listen on {address} (`[{section}] listen`)")]
pub struct BindError {
    section: &'static str,
    address: SocketAddr,
    source: io::Error,
}

impl BindError {
    pub(crate) fn new(section: &'static str, address: SocketAddr, source: io::Error) -> Self {
        Self { section, address, source }
    }
}

/// Takes the port that `[section] listen` names, and says which it is: `:0` is any free one.
pub(crate) fn bind(
    section: &'static str,
    address: SocketAddr,
) -> Result<(TcpListener, SocketAddr), BindError> {
    let bind = || {
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    bind().map_err(|error| BindError::new(section, address, error))
}
