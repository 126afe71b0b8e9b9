//! A follower's picture, as a model takes it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use wxbot_sdk::api::Download;
use wxbot_sdk::context::Context;

use crate::conversation::Picture;

/// More than this no model takes.
const MAX_BYTES: usize = 10 << 20;

/// The picture itself, fetched through WeChat's API; where that is not possible, the link that
/// WeChat gave. Nothing else is fetched.
pub(crate) async fn url(ctx: &Context, picture: Option<&Picture>) -> Option<String> {
    let picture = picture?;
    match ctx.api().download(&picture.media_id).await {
        Ok(Download::File { content_type, bytes, .. }) if bytes.len() <= MAX_BYTES => {
            let kind = content_type.split(';').next().unwrap_or_default().trim();
            let kind = if kind.starts_with("image/") { kind } else { "image/jpeg" };
            return Some(format!("data:{kind};base64,{}", STANDARD.encode(&bytes)));
        }
        Ok(_) => tracing::info!("a picture is too large, or none; trying its link"),
        Err(error) => tracing::info!(%error, "a picture can't be fetched; trying its link"),
    }
    picture.url.starts_with("http").then(|| picture.url.clone())
}
