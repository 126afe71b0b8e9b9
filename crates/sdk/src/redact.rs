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
