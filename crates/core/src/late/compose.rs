//! One passive reply of an answer and of what waited before it, as far as WeChat's limits allow.

use wxbot_sdk::reply::Reply;

use super::next_message::NextMessage;
use crate::reply::limits::{TEXT_BYTES, split};

/// What is said now, and what is left for later.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Composed {
    pub(crate) first: Reply,
    /// Of the answer.
    pub(crate) rest: Vec<Reply>,
    pub(crate) kept: Vec<NextMessage>,
}

/// Puts an answer and what waits together, as far as it fits into one passive reply. `None` when
/// there is nothing to say. Of the answer's parts only the first is taken unless `joins`. `more` is
/// said when something is left, and `label` says to which question a kept answer belongs.
pub(crate) fn compose(
    answer: Vec<Reply>,
    kept: Vec<NextMessage>,
    joins: bool,
    more: &str,
    label: Label<'_>,
) -> Option<Composed> {
    let pulled = answer.is_empty();
    let labelled = !pulled || kept.len() > 1;
    let mut rest = Pieces::new(answer, kept, labelled.then_some(label));
    let first = rest.next()?;
    let Reply::Text(mut text) = first else { return Some(rest.into_composed(first)) };
    let more = format!("\n{more}");
    let room = TEXT_BYTES.saturating_sub(more.len());
    while let Some(next) = rest.next_text(joins).filter(|next| text.len() + 2 + next.len() <= room)
    {
        text.push_str("\n\n");
        text.push_str(&next);
        rest.next();
    }
    if rest.is_left(joins) {
        if text.len() > room {
            let mut pieces = split(&text, room).into_iter();
            text = pieces.next().unwrap_or_default();
            rest.push_front(pieces.map(Reply::text).collect());
        }
        text.push_str(&more);
    }
    Some(rest.into_composed(Reply::Text(text)))
}

/// What stands in front of an answer to this question.
type Label<'l> = &'l dyn Fn(&str) -> String;

/// The parts of the answer, then those that wait.
struct Pieces<'l> {
    answer: Vec<Reply>,
    kept: Vec<NextMessage>,
    label: Option<Label<'l>>,
    /// Whether the first part of the first kept answer was given already.
    begun: bool,
}

impl<'l> Pieces<'l> {
    fn new(answer: Vec<Reply>, mut kept: Vec<NextMessage>, label: Option<Label<'l>>) -> Self {
        kept.retain(|kept| !kept.parts.is_empty());
        Self { answer, kept, label, begun: false }
    }

    fn peek(&self) -> Option<Reply> {
        if let Some(reply) = self.answer.first() {
            return Some(reply.clone());
        }
        let kept = self.kept.first()?;
        match (kept.parts.first()?, self.label) {
            (Reply::Text(text), Some(label)) if !self.begun && !kept.question.is_empty() => {
                Some(Reply::Text(format!("{}{text}", label(&kept.question))))
            }
            (part, _) => Some(part.passive().clone()),
        }
    }

    fn next(&mut self) -> Option<Reply> {
        let next = self.peek()?;
        if !self.answer.is_empty() {
            self.answer.remove(0);
            return Some(next);
        }
        self.begun = true;
        self.kept[0].parts.remove(0);
        if self.kept[0].parts.is_empty() {
            self.kept.remove(0);
            self.begun = false;
        }
        Some(next)
    }

    /// The next one, if it is a text that may stand in the same reply.
    fn next_text(&self, joins: bool) -> Option<String> {
        if !self.answer.is_empty() && !joins {
            return None;
        }
        match self.peek()? {
            Reply::Text(text) => Some(text),
            _ => None,
        }
    }

    fn is_left(&self, joins: bool) -> bool {
        (joins && !self.answer.is_empty()) || !self.kept.is_empty()
    }

    fn push_front(&mut self, parts: Vec<Reply>) {
        self.answer.splice(0..0, parts);
    }

    fn into_composed(self, first: Reply) -> Composed {
        Composed { first, rest: self.answer, kept: self.kept }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(question: &str, parts: &[&str]) -> NextMessage {
        NextMessage {
            id: question.into(),
            question: question.into(),
            parts: parts.iter().map(|text| Reply::text(*text)).collect(),
            until: u64::MAX,
            is_being_sent: false,
        }
    }

    fn composed(answer: Vec<Reply>, kept: Vec<NextMessage>, joins: bool) -> Option<Composed> {
        let label = |question: &str| format!("「{question}」：");
        compose(answer, kept, joins, "（发送「1」继续看）", &label)
    }

    /// What is said, how many parts of the answer are left, and how many answers wait.
    #[track_caller]
    fn check(
        answer: &[&str],
        kept: Vec<NextMessage>,
        joins: bool,
        said: &str,
        left: (usize, usize),
    ) {
        let answer = answer.iter().map(|text| Reply::text(*text)).collect();
        let composed = composed(answer, kept, joins).expect("there is one");
        assert_eq!(composed.first, Reply::text(said));
        assert_eq!((composed.rest.len(), composed.kept.len()), left);
    }

    #[test]
    fn an_answer_comes_first_and_what_waits_behind_it() {
        check(&["42"], vec![], true, "42", (0, 0));
        check(&["42"], vec![waiting("why?", &["so"])], true, "42\n\n「why?」：so", (0, 0));
        check(&["42", "43"], vec![], true, "42\n\n43", (0, 0));
        check(&["42", "43"], vec![], false, "42", (1, 0));
        check(
            &["42", "43"],
            vec![waiting("why?", &["so"])],
            false,
            "42\n（发送「1」继续看）",
            (1, 1),
        );
    }

    #[test]
    fn one_answer_that_is_asked_for_needs_no_label() {
        check(&[], vec![waiting("why?", &["so"])], true, "so", (0, 0));
        let two = vec![waiting("why?", &["so"]), waiting("who?", &["me"])];
        check(&[], two, true, "「why?」：so\n\n「who?」：me", (0, 0));
    }

    #[test]
    fn what_does_not_fit_waits_on() {
        let long = "a".repeat(1500);
        let kept = || vec![waiting("why?", &[&long, "so"])];
        check(&[&long], kept(), true, &format!("{long}\n（发送「1」继续看）"), (0, 1));
        let full = "a".repeat(2048);
        let composed = composed(vec![Reply::text(&*full)], kept(), true).expect("there is one");
        let Reply::Text(text) = &composed.first else { panic!("{composed:?}") };
        assert!(text.len() <= 2048 && text.ends_with("（发送「1」继续看）"), "{}", text.len());
        let Reply::Text(tail) = &composed.rest[0] else { panic!("{composed:?}") };
        assert_eq!(text.matches('a').count() + tail.len(), 2048, "nothing is lost");
    }

    #[test]
    fn a_picture_takes_no_text_with_it() {
        let answer = vec![Reply::image("M")];
        let kept = vec![waiting("why?", &["so"])];
        let composed_reply = composed(answer, kept.clone(), true).unwrap();
        assert_eq!(composed_reply, Composed { first: Reply::image("M"), rest: vec![], kept });
        assert_eq!(composed(vec![], vec![], true), None);
    }
}
