//! URLs as they may be shown.

/// A URL without what may be a user and a password: whatever is before the last `@`, and in
/// arguments with `password` in their name.
pub(crate) fn redacted(url: &str) -> String {
    let (scheme, rest) = match url.find("//") {
        Some(at) => url.split_at(at + 2),
        None => ("", url),
    };
    let rest = match rest.rsplit_once('@') {
        Some((_, rest)) => format!("***@{rest}"),
        None => rest.to_owned(),
    };
    let Some((place, query)) = rest.split_once('?') else { return format!("{scheme}{rest}") };
    let hidden = |pair: &str| match pair.split_once('=') {
        Some((name, _)) if name.contains("password") => format!("{name}=***"),
        _ => pair.to_owned(),
    };
    let query: Vec<_> = query.split('&').map(hidden).collect();
    format!("{scheme}{place}?{}", query.join("&"))
}
