//! The words in which followers read about commands.

/// What followers read about a command that can't be read; a set may have its own, `#[commands(texts = MY_TEXTS)]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommandTexts {
    /// `{argument}` is not there.
    pub missing: &'static str,
    /// `{word}` is no `{argument}`, of which there is an `{example}`.
    pub wrong: &'static str,
    /// `{word}` is no `{argument}`.
    pub wrong_without_example: &'static str,
    /// `{word}` is one too many.
    pub extra: &'static str,
    /// How the command is written: `{usage}`.
    pub usage: &'static str,
    /// The `{names}` that were perhaps meant.
    pub did_you_mean: &'static str,
    /// What stands around each of these names and between them.
    pub quotes: [&'static str; 3],
}

impl CommandTexts {
    /// What followers read unless a set says otherwise.
    pub const CHINESE: Self = Self {
        missing: "还缺少：{argument}",
        wrong: "没看懂「{word}」（这里写{argument}），请写成 {example} 这样。",
        wrong_without_example: "没看懂「{word}」（这里写{argument}）。",
        extra: "「{word}」是多余的",
        usage: "用法：{usage}",
        did_you_mean: "您是不是想发{names}？",
        quotes: ["「", "」", "、"],
    };

    /// For those who read English.
    pub const ENGLISH: Self = Self {
        missing: "{argument} is missing",
        wrong: "\"{word}\" is no {argument}; write it like {example}",
        wrong_without_example: "\"{word}\" is no {argument}",
        extra: "\"{word}\" is one word too many",
        usage: "Usage: {usage}",
        did_you_mean: "Did you mean {names}?",
        quotes: ["\"", "\"", ", "],
    };
}
