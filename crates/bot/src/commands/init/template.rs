//! The two files.

use wxbot_sdk::plugin::Registration;
use wxbot_sim::{Kind, Mode};

use super::answers::Answers;
use crate::language::Language;

/// What `wxbot schema` printed, beside the configuration.
pub(super) const SCHEMA: &str = "bot.schema.json";

/// The secrets, for `${NAME}` in the configuration.
pub(super) fn env_file(answers: &Answers) -> String {
    let comment = answers.lang.pick(
        "# wxbot 的密钥：不要提交到代码仓库，不要发给别人。wxbot 启动时自动读取。\n",
        "# The secrets of wxbot, which reads them by itself: for no repository, and nobody else.\n",
    );
    let secret = match &answers.app_secret {
        Some(secret) => format!("WXBOT_APP_SECRET={secret}\n"),
        None => "# WXBOT_APP_SECRET=\n".to_owned(),
    };
    let model = match answers.example {
        Some(example) if example.asks_a_model() => answers.lang.pick(
            "# 大模型的密钥，到厂商的网站申请\n# LLM_KEY=sk-…\n",
            "# The language model's key, from its provider\n# LLM_KEY=sk-…\n",
        ),
        _ => "",
    };
    let (token, key) = (&answers.token, &answers.encoding_aes_key);
    format!("{comment}WXBOT_TOKEN={token}\nWXBOT_AES_KEY={key}\n{secret}{model}")
}

/// The configuration, which names the schema beside it to editors if there is one.
pub(super) fn bot_toml(answers: &Answers, schema: Option<&str>) -> String {
    // Editors look for it on top.
    let schema = schema
        .map(|schema| {
            format!(
                "#:schema ./{schema}
"
            )
        })
        .unwrap_or_default();
    let (head, rest) = match answers.example {
        Some(example) => (example.head(), example.rest().to_owned()),
        None => (head(answers), chain(answers.lang)),
    };
    schema
        + &[head, server(answers), store(answers), account(answers), rest].join(
            "
",
        )
}

fn head(answers: &Answers) -> String {
    let text = answers.lang.pick(
        "# wxbot 的配置。密钥在同一目录的 wxbot.env 里，${名字} 取自环境变量或那个文件。\n\
         # 改完后运行 `wxbot check` 检查，`wxbot say 你好` 试一试，`wxbot` 启动。\n",
        "# The configuration of wxbot. Secrets are in wxbot.env beside it: ${NAME} is taken from the\n\
         # environment, or from there. `wxbot check` checks it, `wxbot say hello` tries it, `wxbot` runs it.\n",
    );
    text.to_owned()
}

fn server(answers: &Answers) -> String {
    let comment = match answers.listen.port() {
        80 => without_https(answers.mode, answers.lang),
        _ => answers.lang.pick(
            "由 nginx、Caddy 等 HTTPS 代理转到这里",
            "behind a proxy that speaks HTTPS, nginx or Caddy",
        ),
    };
    format!("[server]\nlisten = \"{}\"  # {comment}\n", answers.listen)
}

/// What protects a message that comes by plain HTTP.
fn without_https(mode: Mode, lang: Language) -> &'static str {
    match mode {
        Mode::Plain => lang.pick(
            "微信直接访问 80 端口；明文模式什么都不加密，只用来试一试",
            "WeChat itself calls port 80; plain mode encrypts nothing, so only to try things out",
        ),
        Mode::Compatible => lang.pick(
            "微信直接访问 80 端口；兼容模式的消息里还有一份明文，只用来过渡",
            "WeChat itself calls port 80; compatible mode sends plain text too, so only on the way to safe",
        ),
        Mode::Safe => lang.pick(
            "微信直接访问 80 端口，消息由安全模式加密",
            "WeChat itself calls port 80; safe mode encrypts",
        ),
    }
}

fn store(answers: &Answers) -> String {
    let comment = answers.lang.pick(
        "重启后还要用的数据：没发出的回答、会话、access_token",
        "what outlives a restart: late answers, sessions, access tokens",
    );
    format!("[store]\nurl = \"file:wxbot-data\"  # {comment}\n")
}

fn account(answers: &Answers) -> String {
    let lang = answers.lang;
    let line = |is_known: bool, setting: String, comment: &str| {
        let off = if is_known { "" } else { "# " };
        format!("{off}{setting}  # {comment}\n")
    };
    let url = format!("url = \"{}\"", answers.shown_url());
    let (path, mode) = (answers.path(), answers.mode);
    let is_sealed = answers.mode != Mode::Plain;
    let mut text = format!("# {}\n[[account]]\nid = \"main\"\n", about(answers.kind, lang));
    let about_url = match answers.url {
        Some(_) => lang.pick("服务器地址(URL)", "URL, as WeChat has it"),
        None => lang.pick(
            "改成您的网址，去掉行首的 #：服务器地址(URL)",
            "「改成」 your URL, as WeChat has it, without the # in front",
        ),
    };
    text += &line(answers.url.is_some(), url, about_url);
    text += &line(
        true,
        format!("path = \"{path}\""),
        lang.pick("请求到达这里时的路径", "as it arrives here"),
    );
    text += &line(
        true,
        format!("mode = \"{mode}\""),
        lang.pick(
            "消息加解密方式：plain 明文、compatible 兼容、safe 安全",
            "plain, compatible or safe",
        ),
    );
    text += &format!("app_id = \"{}\"\n", answers.app_id);
    text += &line(
        answers.app_secret.is_some(),
        "app_secret = \"${WXBOT_APP_SECRET}\"".into(),
        match answers.app_secret {
            Some(_) => lang.pick("调用微信接口用", "to call WeChat's API"),
            None => lang.pick(
                "调用微信接口用（导入菜单也要）：wxbot.env 里删掉 WXBOT_APP_SECRET 前面的 #，填上 AppSecret，再把这一行改成没有 # 的",
                "to call WeChat's API, `wxbot menu import` too: put the AppSecret into wxbot.env, without the # before WXBOT_APP_SECRET; 「改成」 a line without # here",
            ),
        },
    );
    text += "token = \"${WXBOT_TOKEN}\"\n";
    text + &line(
        is_sealed,
        "encoding_aes_key = \"${WXBOT_AES_KEY}\"".into(),
        lang.pick("兼容和安全模式需要", "for compatible and safe"),
    )
}

fn about(kind: Kind, lang: Language) -> &'static str {
    match kind {
        Kind::Personal | Kind::OrganisationUnverified => lang.pick(
            "未认证的账号不能主动发消息：15 秒内没做完的回答，等用户发「1」来取",
            "An unverified account can't send first: what takes over 15 s waits for the follower's `1`",
        ),
        Kind::VerifiedSubscription | Kind::VerifiedService => lang.pick(
            "认证账号：15 秒内没做完的回答，由客服消息接着发",
            "A verified account: what takes over 15 s follows as a customer-service message",
        ),
        Kind::Test => lang.pick(
            "测试号：页面上没有 EncodingAESKey，只能用明文",
            "A test account: its page has no EncodingAESKey, so it is plain",
        ),
    }
}

/// Of the plugins that this program has.
fn chain(lang: Language) -> String {
    let heading = lang.pick(
        "# 插件从上到下依次询问，第一个回答的算数；`wxbot plugins` 列出全部插件。\n",
        "# Plugins are asked from top to bottom, and the first reply ends it; `wxbot plugins` lists them.\n",
    );
    let entries = [
        ("welcome", lang.pick("[chain.config]\nreply = \"感谢关注！\"\n", "[chain.config]\nreply = \"Welcome!\"\n")),
        (
            "keywords",
            lang.pick(
                "[[chain.config.rules]]\ncontains = [\"你好\", \"您好\"]\nreply = \"您好，请问有什么可以帮您？\"\n",
                "[[chain.config.rules]]\ncontains = [\"hello\", \"hi\"]\nignore_case = true\nreply = \"Hello! How can I help?\"\n",
            ),
        ),
        ("echo", "when = { kind = \"text\" }\n"),
    ];
    let linked = Registration::all();
    let is_linked = |name: &str| linked.iter().any(|plugin| plugin.name == name);
    let entries = entries.iter().filter(|(name, _)| is_linked(name));
    let entries: Vec<_> =
        entries.map(|(name, rest)| format!("[[chain]]\nplugin = \"{name}\"\n{rest}")).collect();
    format!("{heading}{}", entries.join("\n"))
}
