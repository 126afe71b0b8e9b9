//! What a model thinks aloud, taken out of what it says.
//!
//! Some servers leave `<think>…</think>` in the text, some only its end, as its beginning stands in
//! the prompt; Dify folds it into `<details>`. In a code block such a tag is part of the answer.

/// Tags around thoughts.
const TAGS: [(&str, &str); 4] = [
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<details>", "</details>"),
    ("<details ", "</details>"),
];
/// Ends that may come without a beginning.
const ORPHANS: [&str; 2] = ["</think>", "</thinking>"];
const FENCE: &str = "```";

/// The answer alone. Thoughts that do not end are all there is.
pub(crate) fn without_thinking(text: &str) -> String {
    let mut said = String::new();
    let (mut rest, mut in_code) = (text, false);
    while let Some((at, found)) = next_mark(rest, in_code) {
        let behind = &rest[at..];
        match found {
            Mark::Fence => {
                said.push_str(&rest[..at + FENCE.len()]);
                (rest, in_code) = (&behind[FENCE.len()..], !in_code);
            }
            Mark::Begin(end) => {
                said.push_str(&rest[..at]);
                rest = match behind.find(end) {
                    Some(at) => &behind[at + end.len()..],
                    None => "",
                };
            }
            Mark::Orphan(end) => {
                said.clear();
                rest = &behind[end.len()..];
            }
        }
    }
    said.push_str(rest);
    said.trim().to_owned()
}

enum Mark {
    Fence,
    /// With the tag that ends it.
    Begin(&'static str),
    Orphan(&'static str),
}

/// The first of them; in a code block only its end counts.
fn next_mark(text: &str, in_code: bool) -> Option<(usize, Mark)> {
    let fence = text.find(FENCE).map(|at| (at, Mark::Fence));
    if in_code {
        return fence;
    }
    let begins = TAGS.iter().filter_map(|(tag, end)| Some((text.find(tag)?, Mark::Begin(end))));
    let orphans = ORPHANS.iter().filter_map(|end| Some((text.find(end)?, Mark::Orphan(end))));
    fence.into_iter().chain(begins).chain(orphans).min_by_key(|(at, _)| *at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(without_thinking(text), expected, "{text:?}");
    }

    #[test]
    fn thoughts_are_taken_out() {
        check("hello", "hello");
        check("<think>\nhm\n</think>\n\nhello", "hello");
        check("<think></think>hello", "hello");
        check("a <thinking>hm</thinking>b", "a b");
        check(
            "<details style=\"color:gray\" open> <summary> Thinking... </summary>hm</details>\nhello",
            "hello",
        );
        check("<details><summary>s</summary>hm</details>hello", "hello");
        check("<think>a</think>b<think>c</think>d", "bd");
    }

    #[test]
    fn an_end_without_a_beginning_ends_thoughts() {
        check("hm, well\n</think>\n\nhello", "hello");
        check("```\nhm\n```\n</think>hello", "hello");
    }

    #[test]
    fn thoughts_that_do_not_end_are_no_answer() {
        check("<think>hm", "");
        check("well <think>hm", "well");
        check("", "");
    }

    #[test]
    fn code_stays_as_it_is() {
        let code = "```html\n<details><summary>s</summary>x</details>\n```\n<think> is a tag";
        check(code, "```html\n<details><summary>s</summary>x</details>\n```");
        check("<think>```</think>```\n<think>\n```", "```\n<think>\n```");
    }
}
