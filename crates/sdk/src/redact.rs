//! Openids as they appear in logs: enough to follow a conversation, too little to write to anybody.

use std::fmt;

/// The first four and the last four characters of an openid.
pub struct Short<'o>(pub &'o str);

impl fmt::Display for Short<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let safe = |c: char| if c.is_ascii_graphic() { c } else { '?' };
        let count = self.0.chars().count();
        if count < 12 {
            return f.write_str("…");
        }
        self.0.chars().take(4).try_for_each(|c| write!(f, "{}", safe(c)))?;
        f.write_str("…")?;
        self.0.chars().skip(count - 4).try_for_each(|c| write!(f, "{}", safe(c)))
    }
}

/// A text in which openids may be, shown with those shortened.
pub struct ShortOpenids<'t>(pub &'t str);

impl fmt::Display for ShortOpenids<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in self.0.split_inclusive(|c| !is_of_openid(c)) {
            let word = part.trim_end_matches(|c| !is_of_openid(c));
            match looks_like_openid(word) {
                true => write!(f, "{}{}", Short(word), &part[word.len()..])?,
                false => f.write_str(part)?,
            }
        }
        Ok(())
    }
}

fn is_of_openid(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

/// An openid has 28 characters of Base64, and names that people choose are in small letters.
fn looks_like_openid(word: &str) -> bool {
    word.len() >= 20 && word.bytes().any(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn openids_in_a_text_are_shortened_and_nothing_else_is() {
        for (text, shown) in [
            ("main/oVjE-nho01jw5B6cJb1cjVnyzB8o/7", "main/oVjE…zB8o/7"),
            (
                "oVjE-nho01jw5B6cJb1cjVnyzB8o, oVjE_nho01jw5B6cJb1cjVnyzB8p。",
                "oVjE…zB8o, oVjE…zB8p。",
            ),
            ("weekly-report-for-all-managers", "weekly-report-for-all-managers"),
            ("每天 Tea", "每天 Tea"),
            ("", ""),
        ] {
            assert_eq!(ShortOpenids(text).to_string(), shown);
        }
    }
}
