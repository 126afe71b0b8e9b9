//! Why WeChat refuses a call, in both languages. The English is the table of errcodes; the Chinese
//! is here, for what an operator meets on the first day.

use wxbot_sdk::api::{ApiError, ApiRefusal};

/// What was seen, what it means, what to do: each in Chinese and in English.
pub(super) struct Explained {
    pub(super) seen: (String, String),
    pub(super) meaning: (String, String),
    pub(super) cure: (String, String),
}

/// Explains a call that failed.
pub(super) fn explain(error: &ApiError) -> Explained {
    match refusal(error) {
        Some(refusal) => explain_refusal(refusal),
        None => unreachable(error),
    }
}

/// What WeChat said, of the call or of the call for a token.
pub(super) fn refusal(error: &ApiError) -> Option<&ApiRefusal> {
    match error {
        ApiError::Refused { refusal, .. } => Some(refusal),
        ApiError::NoToken { cause, .. } => refusal(cause),
        _ => None,
    }
}

fn explain_refusal(refusal: &ApiRefusal) -> Explained {
    let seen = format!("errcode {}: {}", refusal.code, refusal.message);
    let (meaning, cure) = in_chinese(refusal);
    let english = |text: &str, otherwise: &str| match text {
        "" => otherwise.to_owned(),
        text => text.to_owned(),
    };
    Explained {
        seen: (seen.clone(), seen),
        meaning: (meaning, english(refusal.meaning, "see WeChat's list of codes")),
        cure: (cure, english(&refusal.cure, "see WeChat's list of codes")),
    }
}

fn in_chinese(refusal: &ApiRefusal) -> (String, String) {
    let (meaning, cure) = match refusal.code {
        40164 | 61004 => {
            // The English cure names the address that WeChat saw.
            let words = refusal.cure.split(' ');
            let mut addresses = words.filter(|word| word.parse::<std::net::IpAddr>().is_ok());
            let cure = match addresses.next() {
                Some(address) => format!(
                    "把 {address} 加到 IP 白名单：微信开发者平台 → 我的业务 → 基础信息 → 开发密钥 → IP白名单"
                ),
                None => {
                    "把这台机器的出口 IP 加到 IP 白名单（微信开发者平台 → 基础信息 → 开发密钥）"
                        .into()
                }
            };
            return ("这台机器的出口 IP 不在白名单里".into(), cure);
        }
        40125 | 40001 => (
            "AppSecret 不对，可能被重置过",
            "在微信开发者平台 → 基础信息 → 开发密钥 重置 AppSecret，填到 wxbot.env 的 WXBOT_APP_SECRET",
        ),
        40013 | 41002 => {
            ("AppID 不对", "核对 bot.toml 的 app_id（wx 开头，不是 gh_ 开头的原始ID）")
        }
        41004 => ("没有 AppSecret", "在 bot.toml 填 app_secret"),
        40243 => ("AppSecret 被冻结", "在微信开发者平台解冻"),
        89503 | 89501 | 89506 | 89507 => ("这个 IP 要管理员确认", "请管理员在微信里确认，再试一次"),
        48001 | 40200 => ("这个账号没有这个接口的权限", "认证后才有，或在微信平台查看接口权限"),
        48004 => ("接口被封禁", "在微信平台查看通知"),
        45009 => ("今天的调用次数用完了", "等到零点，或 wxbot api POST /cgi-bin/clear_quota"),
        45011 => ("调用太频繁", "等一分钟再试"),
        50002 | 50007 => ("账号被冻结", "在微信平台查看通知"),
        40201 => {
            ("微信平台上还没有填服务器地址", "在微信开发者平台 → 域名与消息推送配置 填 URL 并启用")
        }
        -1 => ("微信系统繁忙", "稍后再试"),
        _ => ("见微信的错误码说明", "按错误信息处理"),
    };
    (meaning.to_owned(), cure.to_owned())
}

fn unreachable(error: &ApiError) -> Explained {
    let causes =
        std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source());
    let seen = causes.map(ToString::to_string).collect::<Vec<_>>().join(": ");
    Explained {
        seen: (seen.clone(), seen),
        meaning: ("没有得到微信接口的回答".into(), "WeChat's API gave no answer".into()),
        cure: (
            "检查这台机器能否访问 https://api.weixin.qq.com（防火墙、DNS、proxy）".into(),
            "see whether this machine reaches https://api.weixin.qq.com (firewall, DNS, `proxy`)"
                .into(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_for_the_white_list_is_named_in_both_languages() {
        let message = "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist rid: 1-2";
        let error =
            ApiError::Refused { path: "/x".into(), refusal: ApiRefusal::new(40164, message) };
        let Explained { cure, .. } =
            explain(&ApiError::NoToken { path: "/y".into(), cause: Box::new(error) });
        assert!(cure.0.contains("203.0.113.7") && cure.1.contains("203.0.113.7"), "{cure:?}");
    }
}
