//! What customer-service messages say, as JSON.

use serde_json::{Map, Value, json};

use crate::reply::{Article, ChoiceMenu, MiniProgramPage, Music, Video};

pub(super) fn video_body(video: &Video, thumb_media_id: Option<&str>) -> Value {
    object([
        ("media_id", Some(video.media_id.as_str())),
        ("thumb_media_id", thumb_media_id),
        ("title", video.title.as_deref()),
        ("description", video.description.as_deref()),
    ])
}

pub(super) fn music_body(music: &Music) -> Value {
    // Players take the one where the other is missing; WeChat's page asks for both.
    let better = music.hq_music_url.as_deref().unwrap_or(&music.music_url);
    object([
        ("title", music.title.as_deref()),
        ("description", music.description.as_deref()),
        ("musicurl", Some(music.music_url.as_str())),
        ("hqmusicurl", Some(better)),
        ("thumb_media_id", music.thumb_media_id.as_deref()),
    ])
}

pub(super) fn article_body(article: &Article) -> Value {
    object([
        ("title", Some(article.title.as_str())),
        ("description", article.description.as_deref()),
        ("url", article.url.as_deref()),
        ("picurl", article.pic_url.as_deref()),
    ])
}

pub(super) fn menu_body(menu: &ChoiceMenu) -> Value {
    let list =
        menu.choices.iter().map(|choice| json!({"id": choice.id, "content": choice.content}));
    let list: Vec<_> = list.collect();
    json!({"head_content": menu.head, "list": list, "tail_content": menu.tail})
}

pub(super) fn page_body(page: &MiniProgramPage) -> Value {
    let MiniProgramPage { title, app_id, page_path, thumb_media_id } = page;
    json!({"title": title, "appid": app_id, "pagepath": page_path, "thumb_media_id": thumb_media_id})
}

/// What is not there is left out.
fn object<const N: usize>(fields: [(&str, Option<&str>); N]) -> Value {
    let there =
        fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into())));
    Value::Object(there.collect::<Map<_, _>>())
}

/// One line for each card.
pub(super) fn links(articles: &[Article]) -> String {
    let lines: Vec<_> = articles.iter().map(link).collect();
    lines.join("\n")
}

fn link(article: &Article) -> String {
    match &article.url {
        Some(url) => format!(r#"<a href="{}">{}</a>"#, url.replace('"', "%22"), article.title),
        None => article.title.clone(),
    }
}
