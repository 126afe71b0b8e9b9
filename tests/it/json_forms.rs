//! What others read and write as JSON: the form of each is held by a file under `fixtures/json`.

use wxbot_sdk::reply::{Article, Music, Reply, Video};

/// The lines of a file, one JSON each.
fn lines(name: &str) -> Vec<String> {
    let path = format!("{}/fixtures/json/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    text.lines().map(str::to_owned).collect()
}

/// One of each, in the order of the file.
fn replies() -> Vec<Reply> {
    let music = Music::new("https://example.com/a.mp3");
    let article = Article::new("标题二").description("摘要").pic_url("https://example.com/p.jpg");
    vec![
        Reply::text("你好\n<a href=\"https://example.com/\">点我</a> 😀"),
        Reply::image("imgMEDIA_0001"),
        Reply::voice("voiMEDIA_0001"),
        Reply::video("vidMEDIA_0001"),
        Video::new("vidMEDIA_0001").title("标题").description("说明").into(),
        music.clone().into(),
        music
            .title("歌")
            .description("谁")
            .hq_music_url("https://example.com/b.mp3")
            .thumb_media_id("thuMEDIA_0001")
            .into(),
        Reply::news([Article::new("标题"), article.url("https://example.com/x")]),
        Reply::transfer(),
        Reply::transfer_to("alice@demo_acct"),
        Reply::several([Reply::text("先说这个"), Reply::image("imgMEDIA_0001")]),
    ]
}

#[test]
fn a_reply_is_written_as_in_a_rule_of_keywords() {
    let replies = replies();
    let written = replies.iter().map(|reply| serde_json::to_string(reply).unwrap());
    assert_eq!(written.collect::<Vec<_>>(), lines("replies.jsonl"));
}

#[test]
fn a_reply_is_read_as_it_is_written() {
    let read = |json: &str| serde_json::from_str::<Reply>(json).unwrap();
    let lines = lines("replies.jsonl");
    assert_eq!(lines.iter().map(|line| read(line)).collect::<Vec<_>>(), replies());
    assert_eq!(read(r#"{"text":"hi"}"#), Reply::text("hi"), "a text in a table");
    assert_eq!(read("[]"), Reply::Several(vec![]), "none at all");
}

#[test]
fn what_is_no_reply_says_what_one_is() {
    let table = [
        ("1", "expected a text, a table such as { image = \"MEDIA_ID\" }, or a list of them"),
        ("{}", "a reply is exactly one of text, image"),
        (r#"{"image":"M","text":"hi"}"#, "a reply is exactly one of text, image"),
        (r#"{"picture":"M"}"#, "unknown field `picture`, expected one of `text`, `image`"),
        (r#"{"news":[{"url":"https://example.com/"}]}"#, "missing field `title`"),
        (r#"{"Text":"hi"}"#, "unknown field `Text`"),
    ];
    for (json, expected) in table {
        let error = serde_json::from_str::<Reply>(json).unwrap_err().to_string();
        assert!(error.contains(expected), "{json}: {error}");
    }
}
