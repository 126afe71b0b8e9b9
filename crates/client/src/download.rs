//! What `media/get` and `get_material` answer: a file, or JSON about one (section 7.7).

use serde_json::Value;
use wxbot_sdk::api::{ApiError, Download};

use crate::answer::{self, About};
use crate::transport::HttpResponse;

/// The first byte decides, as no file of WeChat's begins with `{`; then the Content-Type.
pub(crate) fn read(about: About<'_>, response: &HttpResponse) -> Result<Download, ApiError> {
    answer::check_status(about, response)?;
    let is_json = response.body.first() == Some(&b'{') || response.content_type.contains("json");
    if is_json { video(about, response) } else { file(about, response) }
}

fn video(about: About<'_>, response: &HttpResponse) -> Result<Download, ApiError> {
    let value = answer::read(about, response)?;
    // Temporary and permanent ones.
    let mut urls = ["video_url", "down_url"].iter().filter_map(|name| value.get(*name));
    let url = urls.find_map(Value::as_str);
    let url = url.ok_or_else(|| about.unclear("the answer has no `video_url` or `down_url`"))?;
    Ok(Download::Video { url: url.to_owned() })
}

fn file(about: About<'_>, response: &HttpResponse) -> Result<Download, ApiError> {
    if response.body.is_empty() {
        return Err(about.unclear("the file is empty"));
    }
    Ok(Download::File {
        content_type: response.content_type.clone(),
        filename: filename(&response.content_disposition),
        bytes: response.body.clone(),
    })
}

/// The last part of the name only: it comes from outside.
fn filename(disposition: &str) -> Option<String> {
    let (_, name) = disposition.split_once("filename=")?;
    let name = match name.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => name.split(';').next()?.trim(),
    };
    let name = name.rsplit(['/', '\\']).next()?;
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(content_type: &str, body: &'static str) -> Result<Download, ApiError> {
        let response = HttpResponse {
            status: 200,
            content_type: content_type.into(),
            content_disposition: r#"attachment; filename="a.jpg""#.into(),
            body: body.into(),
            ..HttpResponse::default()
        };
        read(About { path: "/cgi-bin/media/get", secrets: ["", ""] }, &response)
    }

    #[test]
    fn a_file_comes_with_its_name_and_type() {
        let Ok(Download::File { content_type, filename, bytes }) = answer("image/jpeg", "JPG")
        else {
            panic!("it is a file")
        };
        assert_eq!((content_type.as_str(), filename.as_deref()), ("image/jpeg", Some("a.jpg")));
        assert_eq!(bytes, "JPG");
    }

    #[test]
    fn a_video_is_somewhere_else() {
        for content_type in ["application/json", "text/plain", ""] {
            let video = answer(content_type, r#"{"video_url":"http://e.com/v.mp4"}"#).unwrap();
            assert_eq!(video, Download::Video { url: "http://e.com/v.mp4".into() });
        }
    }

    #[test]
    fn a_refusal_is_seen_whatever_its_content_type() {
        for content_type in ["application/json; encoding=utf-8", "text/plain", "image/jpeg"] {
            let error = answer(content_type, r#"{"errcode":40007,"errmsg":"x"}"#).unwrap_err();
            assert_eq!(error.code(), Some(40007), "{content_type}");
        }
    }

    #[test]
    fn what_is_neither_is_unclear() {
        for (content_type, body) in [("application/json", "<"), ("", ""), ("text/plain", "{}")] {
            let error = answer(content_type, body).expect_err(body);
            assert!(error.may_be_done(), "{error}");
        }
    }

    #[test]
    fn a_name_never_leads_into_a_folder() {
        let names = [
            (r#"attachment; filename="../../x.jpg""#, Some("x.jpg")),
            (r#"attachment; filename="a\b.jpg""#, Some("b.jpg")),
            ("attachment; filename=a.jpg; x=y", Some("a.jpg")),
            (r#"attachment; filename="""#, None),
            ("attachment", None),
        ];
        for (disposition, expected) in names {
            assert_eq!(filename(disposition).as_deref(), expected, "{disposition}");
        }
    }
}
