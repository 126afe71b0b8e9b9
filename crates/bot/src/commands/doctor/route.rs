//! The way to the URL: its name, and its port.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::finding::Findings;
use crate::config::PublicUrl;

const PATIENCE: Duration = Duration::from_secs(5);

/// Whether somebody listens there.
pub(super) async fn check(url: &PublicUrl, findings: &mut Findings) -> bool {
    let found = timeout(PATIENCE, lookup_host((url.host.as_str(), url.port))).await;
    let addresses: Vec<SocketAddr> = match found {
        Ok(Ok(found)) => found.collect(),
        _ => Vec::new(),
    };
    if addresses.is_empty() {
        not_found(&url.host, findings);
        return false;
    }
    name(url, &addresses, findings);
    port(url, &addresses, findings).await
}

fn not_found(host: &str, findings: &mut Findings) {
    findings.fault(
        "dns",
        (&format!("域名 {host} 解析不出地址"), &format!("the name {host} has no address")),
        ("微信找不到这台服务器", "WeChat can't find the server"),
        (
            "在域名服务商处添加 A 记录，指向服务器的公网 IP；刚添加的要等几分钟",
            "add an A record with the server's public address at the domain's registrar; a new one takes minutes",
        ),
    );
}

fn name(url: &PublicUrl, addresses: &[SocketAddr], findings: &mut Findings) {
    let shown: Vec<String> = addresses.iter().map(|address| address.ip().to_string()).collect();
    let (host, shown) = (&url.host, shown.join(", "));
    let seen = (&*format!("{host} → {shown}"), &*format!("{host} → {shown}"));
    if url.is_local() {
        return findings.warn(
            "dns",
            seen,
            (
                "这是本机地址，微信访问不到（wxbot sim 可以）",
                "it is on this machine, where WeChat can't get; `wxbot sim` can",
            ),
            ("真实账号请用公网域名或 IP", "a real account needs a public name or address"),
        );
    }
    if addresses.iter().all(|address| is_private(address.ip())) {
        return findings.fault(
            "dns",
            seen,
            ("这是内网地址，微信访问不到", "it is a private address, which WeChat can't reach"),
            ("让域名解析到公网 IP", "let the name lead to a public address"),
        );
    }
    if !addresses.iter().any(SocketAddr::is_ipv4) {
        return findings.warn(
            "dns",
            seen,
            ("只有 IPv6 地址，微信可能访问不到", "it has IPv6 only, where WeChat may not get"),
            ("添加 IPv4 的 A 记录", "add an A record, for IPv4"),
        );
    }
    findings.good("dns", seen);
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_unspecified()
        }
        IpAddr::V6(v6) => {
            v6.is_loopback()
                || v6.is_unspecified()
                || v6.is_unique_local()
                || v6.is_unicast_link_local()
        }
    }
}

async fn port(url: &PublicUrl, addresses: &[SocketAddr], findings: &mut Findings) -> bool {
    let mut is_silent = false;
    for address in addresses {
        match timeout(PATIENCE, TcpStream::connect(address)).await {
            Ok(Ok(_)) => {
                let port = url.port;
                let seen = (&*format!("端口 {port} 可以连接"), &*format!("port {port} is open"));
                findings.good("port", seen);
                return true;
            }
            Ok(Err(_)) => {}
            Err(_) => is_silent = true,
        }
    }
    unreachable(url.port, is_silent, findings);
    false
}

fn unreachable(port: u16, is_silent: bool, findings: &mut Findings) {
    let seen = match is_silent {
        true => (format!("端口 {port} 没有回应"), format!("port {port} does not answer")),
        false => (format!("端口 {port} 拒绝连接"), format!("port {port} refuses connections")),
    };
    let meaning = match is_silent {
        true => (
            "防火墙或云服务商的安全组挡住了；有些云主机也不能从内部访问自己的公网地址",
            "a firewall or the cloud's security group is in the way; some clouds let no machine reach its own public address",
        ),
        false => (
            "没有程序在那里监听：代理或 wxbot 没有启动",
            "nobody listens: neither a proxy nor wxbot",
        ),
    };
    findings.fault(
        "port",
        (&seen.0, &seen.1),
        meaning,
        (
            &format!("在安全组和防火墙里放行 TCP {port}，并启动 nginx、Caddy 或 wxbot"),
            &format!("open TCP {port} in the security group and the firewall, and start nginx, Caddy or wxbot"),
        ),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_wechat_can_not_get_is_private() {
        for address in ["10.0.0.1", "192.168.1.1", "127.0.0.1", "169.254.1.1", "fd00::1", "::1"] {
            assert!(is_private(address.parse().unwrap()), "{address}");
        }
        for address in ["203.0.113.7", "2001:db8::1"] {
            assert!(!is_private(address.parse().unwrap()), "{address}");
        }
    }
}
