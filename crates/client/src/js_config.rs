//! The signature of a web page for the JS-SDK (section 7.12).

use sha1::{Digest, Sha1};
use wxbot_sdk::api::JsConfig;

/// Signs the URL of a page, as of a time, with a nonce of a visitor's own.
pub(crate) fn sign(
    app_id: &str,
    ticket: &str,
    url: &str,
    timestamp: u64,
    nonce: String,
) -> JsConfig {
    let url = url.split('#').next().unwrap_or_default();
    let text = format!("jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={url}");
    let signature = hex::encode(Sha1::digest(text));
    JsConfig { app_id: app_id.to_owned(), timestamp, nonce_str: nonce, signature }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of WeChat's own page.
    #[test]
    fn a_known_page_has_the_known_signature() {
        let ticket = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl\
                      -HhTdfl2fzFy1AOcHKP7qg";
        for url in
            ["http://mp.weixin.qq.com?params=value", "http://mp.weixin.qq.com?params=value#/a"]
        {
            let config = sign("wx1", ticket, url, 1_414_587_457, "Wm3WZYTPz0wzccnW".into());
            assert_eq!(config.signature, "0f9de62fce790f9a083d5c99e95740ceb90c27ed", "{url}");
        }
    }
}
