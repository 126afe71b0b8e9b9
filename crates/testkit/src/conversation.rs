//! A conversation as it is written in a test: what a follower does, and what is seen then.

use std::time::Duration;

use wxbot_sdk::settings::parse_duration;

/// One line of what a follower does, with the lines below it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Turn {
    pub(crate) act: TurnAct,
    /// The text that is seen; `None` for nothing.
    pub(crate) sees: Option<String>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum TurnAct {
    /// `> words`
    Says(String),
    /// `* label`
    Taps(String),
    /// `(10m later)`
    Waits(Duration),
}

/// The turns of a script. Panics where it does not begin with what the follower does.
#[track_caller]
pub(crate) fn turns(script: &str) -> Vec<Turn> {
    let mut turns: Vec<Turn> = Vec::new();
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
        match act(line) {
            Some(act) => turns.push(Turn { act, sees: None }),
            None => {
                let last = turns.last_mut();
                let last = last.unwrap_or_else(|| panic!("nobody did anything before {line:?}"));
                match &mut last.sees {
                    Some(seen) => *seen = format!("{seen}\n{line}"),
                    None => last.sees = Some(line.to_owned()),
                }
            }
        }
    }
    turns
}

fn act(line: &str) -> Option<TurnAct> {
    if let Some(words) = line.strip_prefix("> ") {
        return Some(TurnAct::Says(words.to_owned()));
    }
    if let Some(label) = line.strip_prefix("* ") {
        return Some(TurnAct::Taps(label.to_owned()));
    }
    let time = line.strip_prefix('(')?.strip_suffix(" later)")?;
    parse_duration(time).ok().map(TurnAct::Waits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_read_line_by_line() {
        let script = "
            > 预约
            多大的？
            1. 小杯

            (10m later)
            * 小杯
            > (ok)
            (ok)
        ";
        let turn = |act, sees: Option<&str>| Turn { act, sees: sees.map(str::to_owned) };
        let expected = [
            turn(TurnAct::Says("预约".into()), Some("多大的？\n1. 小杯")),
            turn(TurnAct::Waits(Duration::from_secs(600)), None),
            turn(TurnAct::Taps("小杯".into()), None),
            turn(TurnAct::Says("(ok)".into()), Some("(ok)")),
        ];
        assert_eq!(turns(script), expected);
    }

    #[test]
    #[should_panic(expected = "nobody did anything before \"您好\"")]
    fn somebody_has_to_begin() {
        turns("您好");
    }
}
