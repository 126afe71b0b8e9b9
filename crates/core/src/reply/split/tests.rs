//! Where a text is cut, and where never.

use proptest::prelude::*;
use unicode_segmentation::GraphemeCursor;

use super::*;

#[track_caller]
fn check(text: &str, lengths: &[usize], why: &str) {
    let parts = split(text, 2048);
    let found: Vec<_> = parts.iter().map(String::len).collect();
    assert_eq!(found, lengths, "{why}: {parts:?}");
}

#[test]
fn a_text_is_split_where_it_hurts_least() {
    let a = |count| "a".repeat(count);
    check(&a(2048), &[2048], "just right");
    check(&a(2049), &[2048, 1], "no place to split");
    check(&format!("{}\n\n{}\n{}", a(1100), a(400), a(900)), &[1100, 1301], "a paragraph");
    check(&format!("{}\n{} {}", a(1100), a(400), a(900)), &[1100, 1301], "a line");
    check(&format!("{}\n{}", a(900), a(1500)), &[2048, 353], "too far in front");
    check(&format!("{}。{}", a(1500), a(900)), &[1503, 900], "a sentence");
    check(&format!("{} {}", a(1500), a(900)), &[1500, 900], "a blank");
    check(&"你".repeat(683), &[2046, 3], "between two characters");
    check(&a(5000), &[2048, 2048, 904], "more than once");
    let link = format!("{}<a href=\"https://example.com/\">b c d</a>", a(2020));
    check(&link, &[2020, 40], "a link stays whole");
    check(&format!("{}a", "\u{1}".repeat(4000)), &[1], "what is not seen is not counted");
}

/// Parts of 40 bytes at most.
#[track_caller]
fn check_parts(text: &str, expected: &[&str], why: &str) {
    assert_eq!(split(text, 40), expected, "{why}");
}

#[test]
fn what_a_reader_sees_as_one_stays_whole() {
    let a = |count| "a".repeat(count);
    let wide = |count| "你".repeat(count);
    let url = "https://e.com/?a=1&b=%E4%BD%A0#c";
    check_parts(
        &format!("{}{url}{}", wide(4), wide(4)),
        &[&wide(4), &format!("{url}{}", wide(2)), &wide(2)],
        "a URL among Chinese, in the first half",
    );
    check_parts(
        &format!("{}, {url}.", a(20)),
        &[&format!("{},", a(20)), &format!("{url}.")],
        "a URL",
    );
    for scheme in ["http", "HTTPS", "weixin"] {
        let url = format!("{scheme}://{}", a(30));
        check_parts(&format!("{}{url}", wide(3)), &[&wide(3), &url], "each scheme");
    }
    let link = "<a href=\"https://e.com/\">点 我。</a>";
    check_parts(&format!("你好。{link}"), &["你好。", link], "a link with a sentence in it");
    let upper = "<A\nhref='https://e.com/'>。</A>";
    check_parts(
        &format!("<a {}{upper}", wide(5)),
        &[&format!("<a {}", wide(5)), upper],
        "a link, and an open one",
    );
    let long = format!("<a title=\"{}\" href=\"{url}\">", wide(9));
    let parts = split(&long, 40);
    assert!(parts.iter().any(|part| part.contains(url)), "a URL in too long a link: {parts:?}");
    check_parts(
        &format!("{}order-2026.10@e.com", wide(9)),
        &[&wide(9), "order-2026.10@e.com"],
        "an address",
    );
    check_parts(
        &format!("a{}", "👨\u{200d}👩\u{200d}👧".repeat(3)),
        &["a👨\u{200d}👩\u{200d}👧👨\u{200d}👩\u{200d}👧", "👨\u{200d}👩\u{200d}👧"],
        "a family",
    );
    check_parts(&format!("ab{}", "🇨🇳".repeat(5)), &["ab🇨🇳🇨🇳🇨🇳🇨🇳", "🇨🇳"], "a flag");
    check_parts(&format!("{}👍🏽", wide(11)), &[&wide(11), "👍🏽"], "a thumb with its colour");
    check_parts(
        &format!("{}1\u{fe0f}\u{20e3}", wide(12)),
        &[&wide(12), "1\u{fe0f}\u{20e3}"],
        "a key",
    );
    check_parts(&format!("{}e\u{301}", wide(13)), &[&wide(13), "e\u{301}"], "an accent");
    check_parts(&format!("{} \u{301}b", wide(13)), &[&wide(13), " \u{301}b"], "even on a blank");
}

#[test]
fn only_what_is_longer_than_a_part_is_cut_inside() {
    let url = format!("https://e.com/{}", "a".repeat(60));
    check_parts(&url, &[&url[..40], &url[40..]], "a URL");
    let letter = format!("e{}", "\u{301}".repeat(30));
    check_parts(&letter, &[&letter[..39], &letter[39..]], "a letter");
    assert_eq!(split("你好", 2), ["你", "好"], "a character");
    assert_eq!(split("你好", 0), ["你", "好"], "no room at all");
}

/// All of these would take a minute if each byte had to be looked at once for each part.
#[test]
fn hostile_texts_take_no_longer_than_others() {
    let mebibyte = |piece: &str| piece.repeat((1 << 20) / piece.len());
    let hostile = [
        mebibyte("\u{301}"),
        mebibyte("👩\u{200d}"),
        mebibyte("🇨"),
        mebibyte("<a "),
        mebibyte("</a>"),
        mebibyte("<a ></a>"),
        mebibyte("http://"),
        mebibyte(":// "),
        mebibyte("a https://e.com/ "),
        format!("https://e.com/{}", mebibyte("a")),
        format!("<a href=\"{}\">a</a>", mebibyte("a")),
        mebibyte("\r\n"),
        mebibyte("\r"),
        mebibyte("a\u{1}"),
        mebibyte(&format!("你https://e.com/{}", "a".repeat(1940))),
    ];
    for text in hostile {
        check_pieces(&text, 1960);
    }
}

/// No part is too long, and together they are the text, but for blanks where it was cut.
/// Returns where each part begins and ends.
#[track_caller]
fn check_pieces(text: &str, most: usize) -> Vec<std::ops::Range<usize>> {
    let text = allowed(text);
    let mut end = 0;
    let place = |part: String| {
        assert!(part.len() <= most && !part.is_empty(), "{part:?}");
        let blanks = text[end..].len() - text[end..].trim_start().len();
        let starts = (end..=end + blanks).filter(|at| text.is_char_boundary(*at));
        let start = starts.clone().find(|at| text[*at..].starts_with(&part));
        let start = start.unwrap_or_else(|| panic!("{part:?} is not at {end}"));
        end = start + part.len();
        start..end
    };
    let places = split(&text, most).into_iter().map(place).collect();
    assert_eq!(text[end..].trim(), "", "nothing is lost");
    places
}

/// Something that stays whole, or not.
fn piece() -> impl Strategy<Value = (String, bool)> {
    let whole = prop_oneof![
        "(https?|weixin)://[a-z0-9./?&=%#]{0,60}",
        "<a href=\"https://[a-z]{1,9}\">[^<]{0,9}</a>",
        prop::sample::select(
            &["👨\u{200d}👩\u{200d}👧\u{200d}👦", "🇨🇳", "👍🏽", "e\u{301}\u{302}", "한", "\r\n"][..]
        )
        .prop_map(String::from),
    ];
    let other = prop_oneof![".{0,20}", "[你好。！，\n ]{1,30}", "[a-z. \n]{0,60}"];
    prop_oneof![
        1 => whole.prop_map(|text| (text, true)),
        1 => other.prop_map(|text| (text, false)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_part_begins_or_ends_inside_what_is_whole(
        pieces in prop::collection::vec(piece(), 0..60),
        most in 150..400_usize,
    ) {
        let (mut text, mut whole) = (String::new(), Vec::new());
        for (piece, is_whole) in pieces {
            let start = text.len();
            text += &allowed(&piece);
            whole.extend(is_whole.then_some(start..text.len()));
            text += "，"; // or two URLs would be one
        }
        for part in check_pieces(&text, most) {
            for at in [part.start, part.end] {
                let is_boundary = GraphemeCursor::new(at, text.len(), true).is_boundary(&text, 0);
                prop_assert!(is_boundary.unwrap(), "{at} in {text:?}");
                let inside = whole.iter().find(|whole| whole.start < at && at < whole.end);
                prop_assert!(inside.is_none(), "{at} is inside {inside:?} in {text:?}");
            }
        }
    }

    #[test]
    fn any_text_is_split_into_all_of_it(text in ".{0,300}", most in 4..60_usize) {
        check_pieces(&text, most);
    }
}
