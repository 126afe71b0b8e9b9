//! `[audience.NAME]`: followers who are named together.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::sync::Arc;

use regex::Regex;
use schemars::JsonSchema;
use serde::Deserialize;

use super::when::{MatcherError, any, compile, glob, is_exact};
use crate::settings::OneOrMany;

/// `[audience.staff]`: who is named by either is one of them.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AudienceSettings {
    /// The followers' openids; `*` and `?` stand for any characters and any one.
    openid: Option<OneOrMany>,
    /// The names of tags that the account gave to followers.
    tag: Option<OneOrMany>,
}

/// Every audience there is, by name.
#[derive(Clone, Default)]
pub struct Audiences(BTreeMap<String, Arc<Audience>>);

/// Some followers.
pub struct Audience {
    exact: HashSet<String>,
    patterns: Vec<Regex>,
    tags: Vec<String>,
}

impl Audiences {
    /// Adds one.
    pub fn insert(&mut self, name: &str, audience: Audience) {
        self.0.insert(name.to_owned(), Arc::new(audience));
    }

    /// What they are called.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Those of these names.
    pub fn named(&self, names: &[String]) -> Result<Vec<Arc<Audience>>, MatcherError> {
        let named = names.iter().map(|name| {
            self.0.get(name).cloned().ok_or_else(|| MatcherError::Audience(name.clone()))
        });
        named.collect()
    }
}

impl Audience {
    /// Makes one ready.
    pub fn new(settings: AudienceSettings) -> Result<Self, MatcherError> {
        let AudienceSettings { openid, tag } = settings;
        if openid.is_none() && tag.is_none() {
            return Err(MatcherError::Nobody);
        }
        let openids = openid.unwrap_or_default().0.into_iter();
        let (exact, globs): (Vec<_>, Vec<_>) = openids.partition(|openid| is_exact(openid));
        let patterns = compile(&Some(OneOrMany(globs)), glob)?;
        let tags = tag.unwrap_or_default().0;
        Ok(Self { exact: exact.into_iter().collect(), patterns, tags })
    }

    /// Whether a follower who has these tags is one of them.
    pub fn has(&self, openid: &str, tags: &[String]) -> bool {
        self.exact.contains(openid)
            || (!self.patterns.is_empty() && any(&self.patterns, openid))
            || self.tags.iter().any(|tag| tags.contains(tag))
    }

    /// Whether the followers' tags have to be known to say who is one of them.
    pub fn asks_for_tags(&self) -> bool {
        !self.tags.is_empty()
    }

    /// All of them, in no order, where they can be listed: without patterns and tags.
    pub fn openids(&self) -> Option<impl Iterator<Item = &String>> {
        (self.patterns.is_empty() && self.tags.is_empty()).then(|| self.exact.iter())
    }
}

/// Who they are is nobody's business.
impl fmt::Debug for Audiences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl fmt::Debug for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (exact, patterns) = (self.exact.len(), self.patterns.len());
        let mut audience = f.debug_struct("Audience");
        audience.field("exact", &exact).field("patterns", &patterns).field("tags", &self.tags);
        audience.finish()
    }
}
