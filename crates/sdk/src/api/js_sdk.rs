//! What a web page hands to `wx.config` before it uses the JS-SDK (protocol section 7.12).

use serde::Serialize;

/// Where the ticket comes from that a signature is made with.
pub(super) const TICKET: &str = "/cgi-bin/ticket/getticket";

/// What a page hands to `wx.config`; as JSON it has the names of that. From
/// [`Api::js_config`](super::Api::js_config).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JsConfig {
    /// The account's.
    pub app_id: String,
    /// In Unix seconds.
    pub timestamp: u64,
    /// Random.
    pub nonce_str: String,
    /// Holds for one URL.
    pub signature: String,
}
