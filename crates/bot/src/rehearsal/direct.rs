//! The bot's calls of WeChat's API, handed to a simulated WeChat.

use async_trait::async_trait;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use wxbot_client::{HttpRequest, HttpResponse, Method, Transport, TransportError};
use wxbot_sim::{ApiRequest, Broken, WeChat};

/// Calls the API of a simulated WeChat.
pub struct Direct {
    wechat: WeChat,
}

impl Direct {
    /// Of this WeChat.
    pub fn new(wechat: &WeChat) -> Self {
        Self { wechat: wechat.clone() }
    }
}

#[async_trait]
impl Transport for Direct {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let (content_type, body) = match &request.body {
            Some(body) => (Some(body.content_type.clone()), body.whole().await?.to_vec()),
            None => (None, Vec::new()),
        };
        let request = ApiRequest {
            method: match request.method {
                Method::Get => "GET".into(),
                Method::Post => "POST".into(),
            },
            path: request.path,
            query: encoded(&request.query),
            content_type,
            body,
            remote_ip: None,
        };
        match self.wechat.api(request).await {
            Ok(response) => Ok(HttpResponse {
                status: response.status,
                content_type: response.content_type,
                content_disposition: disposition(response.file_name),
                retry_after: None,
                body: response.body,
            }),
            Err(Broken::Refused) => Err(TransportError::NotSent("refused".into())),
            Err(broken) => Err(TransportError::Unclear(broken.into())),
        }
    }
}

/// What a query need not encode is readable there.
const IN_QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn encoded(query: &[(String, String)]) -> String {
    let encode = |text| utf8_percent_encode(text, IN_QUERY);
    let pairs = query.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn disposition(file_name: Option<String>) -> String {
    file_name.map(|name| format!("attachment; filename=\"{name}\"")).unwrap_or_default()
}
