//! What WeChat does when the server configuration is saved: a signed GET, whose echostr comes back.

use super::finding::Findings;
use super::response::{Fault, expect};
use super::visits::Visits;

/// What the endpoint says to a request that has nothing of a signature.
const FOR_A_BROWSER: &str = "This is a WeChat endpoint";

/// Whether the echostr comes back as it was sent.
pub(super) async fn check(visits: &Visits, findings: &mut Findings) -> bool {
    let path = &visits.url.path;
    let (echostr, answer) = visits.handshake(path).await;
    match expect(&answer, &echostr) {
        Ok(()) => {
            let seen = ("echostr 原样返回", "the echostr comes back as it was sent");
            findings.good("handshake", seen);
        }
        Err(fault) => {
            tell(visits, &fault, findings).await;
            return false;
        }
    }
    let (echostr, answer) = visits.forged_handshake().await;
    let is_echoed =
        answer.is_ok_and(|visit| String::from_utf8_lossy(&visit.body).contains(&echostr));
    if is_echoed {
        findings.fault(
            "forged-handshake",
            ("签名错误的请求也被接受", "a request with a wrong signature is taken"),
            (
                "那里的程序不验证签名，任何人都能冒充微信",
                "what answers there verifies nothing: anybody is WeChat",
            ),
            ("让这个路径直接转到 wxbot", "have the path lead to wxbot"),
        );
    }
    true
}

async fn tell(visits: &Visits, fault: &Fault, findings: &mut Findings) {
    let told = fault.told();
    let seen = (&*told.seen.0, &*told.seen.1);
    let path = &visits.url.path;
    let (meaning, cure) = match fault {
        Fault::Status(404, _) => match rewriting(visits).await {
            Some(rewriting) => rewriting.told(path),
            None => owned(told.meaning, told.cure),
        },
        Fault::Redirected { to, .. } if to.ends_with(&format!("{path}/")) => owned(
            (
                "代理在路径后面加斜杠，微信不跟随",
                "the proxy adds a slash, and WeChat follows no redirect",
            ),
            (
                "nginx 里写 location = 路径（不带斜杠结尾的目录），或在微信填带斜杠的网址",
                "in nginx write `location = PATH`, or enter the URL with the slash at WeChat",
            ),
        ),
        Fault::Status(403, body) if body.starts_with(FOR_A_BROWSER) => owned(
            (
                "请求到了 wxbot，但 ? 后面的参数丢了",
                "the request arrives without what stands behind the `?`",
            ),
            (
                "让代理保留查询参数（nginx 的 proxy_pass 不要自己拼 URI）",
                "have the proxy keep the query",
            ),
        ),
        _ => owned(told.meaning, told.cure),
    };
    findings.fault("handshake", seen, (&meaning.0, &meaning.1), (&cure.0, &cure.1));
}

type Owned = (String, String);

fn owned(meaning: (&str, &str), cure: (&str, &str)) -> (Owned, Owned) {
    let owned = |(chinese, english): (&str, &str)| (chinese.to_owned(), english.to_owned());
    (owned(meaning), owned(cure))
}

/// What a proxy does to the path.
enum Rewriting {
    Strips,
    Prepends,
}

/// Where the bot is found by another path, the proxy rewrites it.
async fn rewriting(visits: &Visits) -> Option<Rewriting> {
    let path = visits.url.path.trim_end_matches('/');
    for (other, rewriting) in
        [(format!("{path}{path}"), Rewriting::Strips), ("/".to_owned(), Rewriting::Prepends)]
    {
        let (echostr, answer) = visits.handshake(&other).await;
        if expect(&answer, &echostr).is_ok() {
            return Some(rewriting);
        }
    }
    None
}

impl Rewriting {
    fn told(&self, path: &str) -> (Owned, Owned) {
        match self {
            Self::Strips => (
                (
                    format!("代理去掉了 {path}，wxbot 收到的是 /"),
                    format!("the proxy strips {path}: wxbot gets /"),
                ),
                (
                    "nginx 的 proxy_pass 后面不要带斜杠；或把 [[account]] path 改成 \"/\""
                        .to_owned(),
                    "no slash at the end of nginx's proxy_pass; or make the account's `path` \"/\""
                        .to_owned(),
                ),
            ),
            Self::Prepends => (
                (
                    format!("代理又加了一次 {path}，wxbot 收到的是 {path}{path}"),
                    format!("the proxy adds {path} once more: wxbot gets {path}{path}"),
                ),
                (
                    "proxy_pass 里只写主机和端口，不写路径".to_owned(),
                    "name host and port in proxy_pass, and no path".to_owned(),
                ),
            ),
        }
    }
}
