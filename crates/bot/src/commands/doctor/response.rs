//! What became of an answer on its way: what a proxy, a CDN or a framework does to it.

use wxbot_client::{Visit, VisitError};

/// Why an answer is not the bot's, or not as the bot gave it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Sent elsewhere, which WeChat does not follow.
    Redirected { status: u16, to: String },
    /// A gateway that finds no bot, or gives up.
    Gateway(u16),
    /// Any other status, and how the body begins.
    Status(u16, String),
    /// `EF BB BF` in front.
    ByteOrderMark,
    /// In quotes, as a JSON serializer writes it.
    Quoted,
    /// Blanks or line ends around it.
    Blanks,
    /// Compressed although nobody asked for that.
    Encoded(String),
    /// Something else, or with something else around it.
    Changed(String),
    /// Nobody listens.
    Refused,
    /// No answer within WeChat's patience, and more.
    TimedOut,
    /// No safe connection.
    Tls(String),
    /// The connection broke.
    Broken(String),
}

/// The body of an answer with the status 200 that is exactly this, or what is wrong with it.
pub(super) fn expect(answer: &Result<Visit, VisitError>, body: &str) -> Result<(), Fault> {
    let visit = taken(answer)?;
    if visit.body == body.as_bytes() {
        return Ok(());
    }
    let got = String::from_utf8_lossy(&visit.body);
    let coding = visit.header("content-encoding").filter(|coding| *coding != "identity");
    Err(match (coding, got.strip_prefix('\u{feff}')) {
        (Some(coding), _) => Fault::Encoded(coding.to_owned()),
        (_, Some(rest)) if rest.trim() == body => Fault::ByteOrderMark,
        _ if got.trim() == body => Fault::Blanks,
        _ if got.trim().trim_matches(['"', '\'']) == body => Fault::Quoted,
        _ => Fault::Changed(beginning(&got)),
    })
}

/// An answer with the status 200.
pub(super) fn taken(answer: &Result<Visit, VisitError>) -> Result<&Visit, Fault> {
    let visit = answer.as_ref().map_err(|error| match error.clone() {
        VisitError::Refused => Fault::Refused,
        VisitError::TimedOut => Fault::TimedOut,
        VisitError::Tls(what) => Fault::Tls(what),
        VisitError::Broken(what) => Fault::Broken(what),
    })?;
    match visit.status {
        200 => Ok(visit),
        status @ (301 | 302 | 303 | 307 | 308) => {
            let to = visit.header("location").unwrap_or_default();
            // Its query is signed.
            let to = to.split('?').next().unwrap_or_default().to_owned();
            Err(Fault::Redirected { status, to })
        }
        status @ (502..=504) => Err(Fault::Gateway(status)),
        status => Err(Fault::Status(status, beginning(&String::from_utf8_lossy(&visit.body)))),
    }
}

/// In one line. A page may repeat the URL, whose signature is good for five minutes.
pub(super) fn beginning(body: &str) -> String {
    let is_signature = |part: &str| part.len() >= 32 && part.bytes().all(|b| b.is_ascii_hexdigit());
    let parts = body.split_inclusive(is_no_letter);
    let parts = parts.map(|part| match is_signature(part.trim_end_matches(is_no_letter)) {
        true => "… ",
        false => part,
    });
    let unsigned = parts.collect::<String>();
    let one_line = unsigned.split_whitespace().collect::<Vec<_>>().join(" ");
    one_line.chars().filter(|c| !c.is_control()).take(80).collect()
}

fn is_no_letter(character: char) -> bool {
    !character.is_ascii_alphanumeric()
}

/// In Chinese and in English: what was seen, what it means, what to do.
pub(super) struct Told {
    pub(super) seen: (String, String),
    pub(super) meaning: (&'static str, &'static str),
    pub(super) cure: (&'static str, &'static str),
}

impl Fault {
    pub(super) fn told(&self) -> Told {
        let seen = self.seen();
        let [meaning, cure] = self.meaning_and_cure();
        Told { seen, meaning, cure }
    }

    fn seen(&self) -> (String, String) {
        match self {
            Self::Redirected { status, to } => {
                (format!("状态 {status}，转到 {to}"), format!("status {status}, sent on to {to}"))
            }
            Self::Gateway(status) => {
                (format!("状态 {status}，来自代理"), format!("status {status}, from a proxy"))
            }
            Self::Status(status, body) => {
                (format!("状态 {status}：{body}"), format!("status {status}: {body}"))
            }
            Self::ByteOrderMark => (
                "正文前面多了 BOM（EF BB BF）".into(),
                "a BOM (EF BB BF) in front of the body".into(),
            ),
            Self::Quoted => ("正文被加上了引号".into(), "the body is in quotes".into()),
            Self::Blanks => {
                ("正文前后多了空白或换行".into(), "blanks or line ends around the body".into())
            }
            Self::Encoded(coding) => {
                (format!("正文被压缩（{coding}）"), format!("the body is compressed ({coding})"))
            }
            Self::Changed(body) => (
                format!("正文不是 wxbot 的回答：{body}"),
                format!("the body is not what wxbot answers: {body}"),
            ),
            Self::Refused => ("连接被拒绝".into(), "the connection is refused".into()),
            Self::TimedOut => ("8 秒内没有回应".into(), "no answer within 8 s".into()),
            Self::Tls(what) => (format!("HTTPS 连不上：{what}"), format!("no HTTPS: {what}")),
            Self::Broken(what) => {
                (format!("连接中断：{what}"), format!("the connection broke: {what}"))
            }
        }
    }

    fn meaning_and_cure(&self) -> [(&'static str, &'static str); 2] {
        match self {
            Self::Redirected { .. } => [
                (
                    "微信不跟随跳转，会报 token 校验失败",
                    "WeChat follows no redirect, and reports a token failure",
                ),
                (
                    "在微信平台填跳转后的地址，或取消这个路径上的跳转（http→https、加斜杠、www）",
                    "enter the final URL at WeChat, or switch the redirect (to https, to a slash, to www) off for this path",
                ),
            ],
            Self::Gateway(_) => [
                (
                    "代理连不到 wxbot，或等不及",
                    "the proxy does not reach wxbot, or does not wait for it",
                ),
                (
                    "确认 wxbot 在运行，代理转发的端口与 [server] listen 一致，proxy_read_timeout 不少于 7 秒",
                    "see that wxbot runs, that the proxy goes to the port of [server] listen, and that proxy_read_timeout is 7 s or more",
                ),
            ],
            Self::Status(403, _) => [
                (
                    "签名对不上：运行中的 wxbot 可能用的不是这份 bot.toml（Token 不同），或代理去掉了参数、防火墙拦截",
                    "the signature is refused: the wxbot that runs may be that of another bot.toml, with another Token, or something drops the query or blocks it",
                ),
                (
                    "看端口上运行的是不是这个 wxbot；改过 Token 后要重启；看它的日志里拒绝的原因；检查 WAF 和 CDN",
                    "see whether it is this wxbot that has the port; restart it after a change of the Token; its log names the reason; look at WAF and CDN",
                ),
            ],
            Self::Status(404, _) => [
                (
                    "请求没有到达 wxbot 的这个路径",
                    "the request does not arrive at this path of wxbot",
                ),
                (
                    "让代理把这个路径原样转给 wxbot，与 [[account]] path 一致",
                    "have the proxy pass the path on as it is; it is the `path` of the [[account]]",
                ),
            ],
            Self::Status(405, _) => [
                ("这里只接受 GET 或只接受 POST", "only GET, or only POST, is taken"),
                ("让代理和 CDN 放行 GET 和 POST", "have proxy and CDN pass GET and POST on"),
            ],
            Self::Status(413, _) => [
                ("代理不接受这么大的正文", "the proxy takes no body of this size"),
                ("把 client_max_body_size 设为 1m", "set client_max_body_size to 1m"),
            ],
            Self::Status(..) => [
                ("回答的不是 wxbot", "it is not wxbot that answers"),
                ("检查代理把这个路径转到了哪里", "see where the proxy sends this path"),
            ],
            Self::ByteOrderMark
            | Self::Quoted
            | Self::Blanks
            | Self::Encoded(_)
            | Self::Changed(_) => [
                (
                    "微信逐字节比较，多一个字节就报 token 校验失败",
                    "WeChat compares byte by byte: one more is a token failure",
                ),
                (
                    "去掉改写正文的代理、CDN 功能或中间程序，原样转发",
                    "take out what rewrites bodies (a CDN's feature, a script in between): pass them on as they are",
                ),
            ],
            Self::Refused => [
                ("没有程序在监听", "nobody listens"),
                ("启动代理和 wxbot", "start the proxy and wxbot"),
            ],
            Self::TimedOut => [
                ("微信只等 5 秒", "WeChat waits for 5 s"),
                (
                    "看代理是否缓冲请求或等待别的后端，看 wxbot 日志",
                    "see whether the proxy buffers or waits for another backend; see wxbot's log",
                ),
            ],
            Self::Tls(_) => [
                (
                    "微信验证证书：过期、域名不符、缺中间证书，或那个端口根本不是 HTTPS，都会失败",
                    "WeChat verifies the certificate: expired, for another name, without its intermediate, or no HTTPS at all",
                ),
                (
                    "用 Caddy 或 certbot 申请证书，nginx 的 ssl_certificate 用 fullchain.pem",
                    "have Caddy or certbot get one; nginx's ssl_certificate is fullchain.pem",
                ),
            ],
            Self::Broken(_) => [
                ("对方没有说 HTTP，或中途断开", "the other side speaks no HTTP, or hung up"),
                (
                    "确认端口后面是 HTTP 服务；https 网址不要指向只说 http 的端口",
                    "see that an HTTP server is behind the port, and that an https URL leads to one with TLS",
                ),
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_repeats_the_url_shows_no_signature() {
        let signature = "f464b24fc39322e44b38aa78f5edd27bd1441696";
        let shown = beginning(&format!("<p>\n/wechat?signature={signature}&nonce=1</p>"));
        assert_eq!(shown, "<p> /wechat?signature=… nonce=1</p>");
    }
}
