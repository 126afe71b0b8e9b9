//! Reads typed values out of a tree of fields: what is missing or broken is empty or `None`.

use std::str::FromStr;

use super::Element;

/// Put by WeChat in front of the scene of a `subscribe`, and only there (section 4.1).
pub(crate) const SCENE_PREFIX: &str = "qrscene_";

/// A field's text without the blanks around it; empty when it is not there. `|` stands between
/// spellings of a path.
pub(crate) fn text(at: Element<'_>, paths: &str) -> String {
    find(at, paths).unwrap_or_default().to_owned()
}

/// Like [`text`], `None` when it is not there or empty.
pub(crate) fn optional(at: Element<'_>, paths: &str) -> Option<String> {
    find(at, paths).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A number; `None` when it is not there or none.
pub(crate) fn number<N: FromStr>(at: Element<'_>, paths: &str) -> Option<N> {
    find(at, paths)?.parse().ok()
}

/// A yes or no, written `1`/`0` or `true`/`false`.
pub(crate) fn flag(at: Element<'_>, paths: &str) -> Option<bool> {
    match find(at, paths)? {
        "1" | "true" => Some(true),
        "0" | "false" => Some(false),
        _ => None,
    }
}

/// All elements at a path, each read into a record.
pub(crate) fn list<'f, R: From<Element<'f>>>(at: Element<'f>, paths: &str) -> Vec<R> {
    let mut paths = paths.split('|').map(|path| at.all(path));
    let found = paths.find(|elements| !elements.is_empty()).unwrap_or_default();
    found.into_iter().map(R::from).collect()
}

/// The numbers among the elements at a path.
pub(crate) fn numbers<N: FromStr>(at: Element<'_>, path: &str) -> Vec<N> {
    at.all(path).iter().filter_map(|element| element.text().trim().parse().ok()).collect()
}

/// The first element at a path as a record; `None` when it is not there.
pub(crate) fn one<'f, R: From<Element<'f>>>(at: Element<'f>, path: &str) -> Option<R> {
    at.element(path).map(R::from)
}

/// The scene of a `subscribe` by QR code: the EventKey without its prefix, once.
pub(crate) fn scene(at: Element<'_>, path: &str) -> Option<String> {
    find(at, path)?.strip_prefix(SCENE_PREFIX).map(str::to_owned)
}

fn find<'f>(at: Element<'f>, paths: &str) -> Option<&'f str> {
    paths.split('|').find_map(|path| at.get(path)).map(str::trim)
}
