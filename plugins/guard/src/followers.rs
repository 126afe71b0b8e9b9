//! Who is on a list: openids, some with `*` and `?`.

use std::collections::HashSet;
use std::path::PathBuf;

use wxbot_sdk::context::Context;
use wxbot_sdk::matcher::{Matcher, When};
use wxbot_sdk::plugin::{BuildEnv, BuildError};
use wxbot_sdk::settings::OneOrMany;

use crate::list;

/// Followers by their openids. However many they are, a look costs the same.
pub(crate) struct Followers {
    exact: HashSet<String>,
    patterns: Option<Matcher>,
}

impl Followers {
    pub(crate) fn new(
        openids: &[String],
        files: &[PathBuf],
        env: &BuildEnv,
    ) -> Result<Self, BuildError> {
        let openids = list::with_files(openids, files, env, list::before_comment)?;
        let (patterns, exact): (Vec<_>, Vec<_>) =
            openids.into_iter().partition(|openid| openid.contains(['*', '?']));
        let when = When { openid: Some(OneOrMany(patterns)), ..When::default() };
        let has_patterns = when.openid.as_ref().is_some_and(|patterns| !patterns.0.is_empty());
        let patterns = has_patterns.then(|| Matcher::new(when)).transpose()?;
        Ok(Self { exact: exact.into_iter().collect(), patterns })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.exact.is_empty() && self.patterns.is_none()
    }

    pub(crate) fn include(&self, ctx: &Context) -> bool {
        let fits = |patterns: &Matcher| patterns.holds_for_follower(ctx.subject());
        self.exact.contains(ctx.openid()) || self.patterns.as_ref().is_some_and(fits)
    }
}
