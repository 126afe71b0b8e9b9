//! The settings of `help`.

use schemars::JsonSchema;
use serde::Deserialize;
use wxbot_sdk::template::Template;
use wxbot_sdk::template::variables::{Variable, Variables};

/// `[chain.config]` of `help`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Above the list. Default: 您可以发送：
    pub(crate) title: Template,
    /// Lines on a page, 1 to 50. Default: 12
    pub(crate) lines: usize,
    /// Below a page when there are more; {page} of {pages}, then comes {next}.
    /// Default: （第 {page}/{pages} 页，发送「帮助 {next}」看下一页）
    pub(crate) more: Template<Pages>,
    /// Said where there is nothing to use. Default: 暂时没有可以使用的功能。
    pub(crate) nothing: Template,
}

/// Of the text below a page: which one it is, of how many, and the next one.
#[derive(Debug)]
pub(crate) enum Pages {}

impl Variables for Pages {
    const OWN: &'static [Variable] =
        &[Variable::plain("page"), Variable::plain("pages"), Variable::plain("next")];
}

impl Default for Config {
    fn default() -> Self {
        Self {
            title: "您可以发送：".into(),
            lines: 12,
            more: "（第 {page}/{pages} 页，发送「帮助 {next}」看下一页）".into(),
            nothing: "暂时没有可以使用的功能。".into(),
        }
    }
}
