//! Whole bots to begin with: those of `docs/examples`, for an account of one's own.

use wxbot_sim::Kind;

use crate::cli::Example;

/// The key of a language model, where an example asks one.
const MODEL_KEY: &str = "${LLM_KEY}";

impl Example {
    /// The account that it is for.
    pub(super) fn kind(self) -> Kind {
        match self {
            Self::Shop => Kind::VerifiedService,
            Self::School => Kind::VerifiedSubscription,
            Self::Personal => Kind::Personal,
        }
    }

    fn bot_toml(self) -> &'static str {
        match self {
            Self::Shop => include_str!("../../../../../docs/examples/shop/bot.toml"),
            Self::School => include_str!("../../../../../docs/examples/school/bot.toml"),
            Self::Personal => include_str!("../../../../../docs/examples/personal/bot.toml"),
        }
    }

    /// What its `bot.toml` reads: names, and what is in them.
    pub(super) fn files(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Shop => &[("faq.csv", include_str!("../../../../../docs/examples/shop/faq.csv"))],
            Self::School => &[
                ("faq.md", include_str!("../../../../../docs/examples/school/faq.md")),
                ("words.txt", include_str!("../../../../../docs/examples/school/words.txt")),
            ],
            Self::Personal => &[],
        }
    }

    pub(super) fn asks_a_model(self) -> bool {
        self.bot_toml().contains(MODEL_KEY)
    }

    /// What stands on top: what it is for.
    pub(super) fn head(self) -> String {
        let lines = self.bot_toml().lines().take_while(|line| line.starts_with('#'));
        lines.map(|line| format!("{line}\n")).collect()
    }

    /// What stands behind the account's own keys.
    pub(super) fn rest(self) -> &'static str {
        let (_, account) = self.bot_toml().split_once("[[account]]").unwrap_or_default();
        account.split_once("\n\n").unwrap_or_default().1
    }
}
