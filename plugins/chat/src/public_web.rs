//! The public web, for URLs that nobody trusts: HTTPS, and no address of a private network.

use std::error::Error;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::lookup_host;

use crate::wire::{Body, Http, Wire};

/// Sends requests there alone: what a name resolves to is looked at before it is connected to, and
/// nothing else is connected to. No redirects, no proxy.
pub(crate) struct PublicWeb(Http);

impl PublicWeb {
    pub(crate) fn new() -> Result<Self, String> {
        let builder = Http::builder(HeaderMap::new())
            .dns_resolver(Arc::new(PublicAddresses))
            .https_only(true)
            .connect_timeout(Duration::from_secs(3));
        Http::of(builder).map(Self)
    }
}

#[async_trait]
impl Wire for PublicWeb {
    async fn send(&self, request: Request<Bytes>) -> io::Result<Response<Body>> {
        if !is_public(&request.uri().to_string()) {
            return Err(io::Error::other("not of the public web"));
        }
        self.0.send(request).await
    }
}

/// Whether a URL may lead there, as far as it says itself: HTTPS on its port, without a password, and
/// not by a private address. A name may still resolve to one.
pub(crate) fn is_public(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    let Some(host) = url.host_str() else { return false };
    let is_plain = url.scheme() == "https"
        && url.port().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    is_plain && (is_name(host) || address.is_ok_and(is_public_address))
}

/// A name with a dot in it; others are of this machine, or of the network around it.
fn is_name(host: &str) -> bool {
    let name = host.trim_end_matches('.');
    let is_local = ["localhost", "local", "internal", "localdomain"]
        .iter()
        .any(|end| name.rsplit('.').next().is_some_and(|last| last.eq_ignore_ascii_case(end)));
    name.contains('.') && name.parse::<IpAddr>().is_err() && !host.starts_with('[') && !is_local
}

/// Resolves a name to public addresses, or not at all.
struct PublicAddresses;

impl Resolve for PublicAddresses {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = lookup_host((name.as_str(), 0)).await?.collect();
            match found.iter().all(|address| is_public_address(address.ip())) {
                true => Ok(Box::new(found.into_iter()) as Addrs),
                false => Err(Box::<dyn Error + Send + Sync>::from("a private address")),
            }
        })
    }
}

fn is_public_address(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// By IANA's registry of special addresses.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast()
        || a == 0
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (18..20).contains(&b))
        || a >= 240;
    !is_special
}

/// Global unicast, without what carries an IPv4 address in it.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let is_global = a & 0xe000 == 0x2000;
    let is_special = (a == 0x2001 && (b < 0x200 || b == 0xdb8)) || a == 0x2002 || a >= 0x3ff0;
    is_global && !is_special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_not_public() {
        let private = [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "ff02::1",
        ];
        for address in private {
            assert!(!is_public_address(address.parse().unwrap()), "{address}");
        }
        for address in ["1.1.1.1", "223.5.5.5", "172.15.0.1", "2400:3200::1", "2606:4700::1111"] {
            assert!(is_public_address(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn a_url_says_where_it_leads() {
        let private = [
            "http://example.com/a.png",
            "https://example.com:8443/a.png",
            "https://localhost/a.png",
            "https://router/a.png",
            "https://printer.local/a.png",
            "https://a.internal/a.png",
            "https://127.0.0.1/a.png",
            "https://2130706433/a.png",
            "https://0x7f.1/a.png",
            "https://[::1]/a.png",
            "https://[::ffff:7f00:1]/",
            "https://user:pw@example.com/a.png",
            "https://user@example.com/",
            "file:///etc/passwd",
            "data:image/png;base64,AAAA",
            "a.png",
            "//example.com/a.png",
            "https://",
            "https://localhost./a.png",
        ];
        for url in private {
            assert!(!is_public(url), "{url}");
        }
        for url in
            ["https://example.com/a.png", "https://1.1.1.1/a.png?b", "https://例子.中国/图.png"]
        {
            assert!(is_public(url), "{url}");
        }
    }

    #[tokio::test]
    async fn a_name_of_this_machine_is_not_resolved() {
        let resolved = PublicAddresses.resolve("localhost".parse().unwrap()).await;
        assert!(resolved.is_err_and(|error| error.to_string() == "a private address"));
    }

    #[tokio::test]
    async fn nothing_private_is_asked() {
        let web = PublicWeb::new().unwrap();
        for url in
            ["https://127.0.0.1/a.png", "http://example.com/a.png", "https://localhost/a.png"]
        {
            let error =
                web.send(Request::get(url).body(Bytes::new()).unwrap()).await.err().unwrap();
            assert_eq!(error.to_string(), "not of the public web", "{url}");
        }
    }
}
