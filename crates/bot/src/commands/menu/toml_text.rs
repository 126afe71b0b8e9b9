//! TOML for bot.toml, from what WeChat says.

/// A text in quotes, of which bot.toml takes nothing for a variable.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.replace("${", "$${").chars() {
        match character {
            '"' => quoted += "\\\"",
            '\\' => quoted += "\\\\",
            '\n' => quoted += "\\n",
            '\t' => quoted += "\\t",
            control if control.is_control() => quoted += &format!("\\u{:04X}", control as u32),
            other => quoted.push(other),
        }
    }
    quoted + "\""
}

/// A list of texts, or the only one.
pub(super) fn one_or_many(texts: &[String]) -> String {
    match texts {
        [one] => one.clone(),
        many => format!("[{}]", many.join(", ")),
    }
}

/// A comment of one line.
pub(super) fn comment(text: &str) -> String {
    let one_line = text.replace(|c: char| c.is_control(), " ");
    format!("# {one_line}\n")
}
