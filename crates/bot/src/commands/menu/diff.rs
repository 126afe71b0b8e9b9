//! Two menus, line by line.

use crate::config::menu::{Button, Menu};

/// What changes between them: `-` goes, `+` comes, and what stays around it. Empty where nothing
/// changes.
pub(super) fn between(live: Option<&Menu>, wanted: &Menu) -> String {
    let (old, new) = (live.map(lines).unwrap_or_default(), lines(wanted));
    if old == new {
        return String::new();
    }
    let mut text = String::new();
    for (mark, line) in edits(&old, &new) {
        text.push(mark);
        text.push(' ');
        text += line;
        text.push('\n');
    }
    text
}

/// A line for each menu and each button.
fn lines(menu: &Menu) -> Vec<String> {
    let mut lines = vec!["menu".to_owned()];
    menu.button.iter().for_each(|button| write(button, 1, &mut lines));
    for conditional in &menu.conditional {
        lines.push(format!("conditional menu for {}", conditional.matchrule.shown()));
        conditional.button.iter().for_each(|button| write(button, 1, &mut lines));
    }
    lines
}

fn write(button: &Button, depth: usize, lines: &mut Vec<String>) {
    let Button { name, kind, key, url, appid, pagepath, media_id, article_id, .. } = button;
    let does = [kind, key, appid, pagepath, url, media_id, article_id];
    let does = does.into_iter().flatten().map(|value| format!(" {value}")).collect::<String>();
    lines.push(format!("{}{name}{}", "  ".repeat(depth), does.replace('\n', " ")));
    button.sub_button.iter().for_each(|below| write(below, depth + 1, lines));
}

/// The shortest way from one to the other, by the longest common subsequence.
fn edits<'l>(old: &'l [String], new: &'l [String]) -> Vec<(char, &'l str)> {
    let mut common = vec![vec![0; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i][j] = match old[i] == new[j] {
                true => common[i + 1][j + 1] + 1,
                false => common[i + 1][j].max(common[i][j + 1]),
            };
        }
    }
    let (mut i, mut j, mut edits) = (0, 0, Vec::new());
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            edits.push((' ', old[i].as_str()));
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || i < old.len() && common[i + 1][j] >= common[i][j + 1] {
            edits.push(('-', old[i].as_str()));
            i += 1;
        } else {
            edits.push(('+', new[j].as_str()));
            j += 1;
        }
    }
    edits
}
