//! Doc comments, which followers read as help.

use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// The first paragraph, and the others.
pub(super) fn paragraphs(attributes: &[Attribute]) -> (String, String) {
    let lines: Vec<_> = attributes.iter().filter_map(line).collect();
    let mut paragraphs = lines.split(|line| line.is_empty()).map(joined);
    let first = paragraphs.next().unwrap_or_default();
    let others: Vec<_> = paragraphs.filter(|paragraph| !paragraph.is_empty()).collect();
    (first, others.join("\n"))
}

fn line(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(meta) = &attribute.meta else { return None };
    match &meta.value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) if meta.path.is_ident("doc") => {
            Some(text.value().trim().to_owned())
        }
        _ => None,
    }
}

/// Lines of Chinese are put together without a blank.
fn joined(lines: &[String]) -> String {
    let mut text = String::new();
    for line in lines {
        let blank = text.ends_with(|end: char| end.is_ascii())
            && line.starts_with(|start: char| start.is_ascii());
        if blank {
            text.push(' ');
        }
        text += line;
    }
    text
}
