//! A name that is nearly a command's: one letter too many, too few, or another.

use crate::command::CommandSet;

/// No more of them are named.
const MAX_NAMED: usize = 3;

/// The names of this set that are so near that they were probably meant, with a slash before them;
/// `None` where there is none, or others have a nearer one.
pub(super) fn nearest<'d>(
    name: &str,
    set: &CommandSet,
    others: impl Iterator<Item = &'d str>,
) -> Option<Vec<String>> {
    let distance = |known: &str| strsim::damerau_levenshtein(name, &known.to_lowercase());
    let shortest = set.names().map(distance).min()?;
    let length = name.chars().count();
    let is_near = shortest <= 1 + length / 4 && shortest < length;
    let of_others = others.map(distance).min();
    if !is_near || of_others.is_some_and(|other| other < shortest) {
        return None;
    }
    let near = set.names().filter(|known| distance(known) == shortest).take(MAX_NAMED);
    Some(near.map(|known| format!("/{known}")).collect())
}
