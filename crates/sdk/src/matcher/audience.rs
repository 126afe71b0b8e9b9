//! `[audience.NAME]`: followers who are named together.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::sync::Arc;

use regex::Regex;
use schemars::JsonSchema;
use serde::Deserialize;

use super::when::{MatcherError, any, compile, glob, is_exact};
use crate::settings::OneOrMany;

/// `[audience.staff]`: followers who are named together.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AudienceSettings {
    /// The followers' openids; `*` and `?` stand for any characters and any one.
    openid: OneOrMany,
}

/// Every audience there is, by name.
#[derive(Clone, Default)]
pub struct Audiences(BTreeMap<String, Arc<Audience>>);

/// Some followers.
pub struct Audience {
    exact: HashSet<String>,
    patterns: Vec<Regex>,
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
        let openids = settings.openid.0.into_iter();
        let (exact, globs): (Vec<_>, Vec<_>) = openids.partition(|openid| is_exact(openid));
        let patterns = compile(&Some(OneOrMany(globs)), glob)?;
        Ok(Self { exact: exact.into_iter().collect(), patterns })
    }

    /// Whether a follower is one of them.
    pub fn has(&self, openid: &str) -> bool {
        self.exact.contains(openid) || (!self.patterns.is_empty() && any(&self.patterns, openid))
    }

    /// All of them, in no order; `None` where there are patterns among them.
    pub fn openids(&self) -> Option<impl Iterator<Item = &String>> {
        self.patterns.is_empty().then(|| self.exact.iter())
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
        f.debug_struct("Audience").field("exact", &exact).field("patterns", &patterns).finish()
    }
}
