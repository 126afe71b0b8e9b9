//! What to do next, at WeChat and here.

use std::path::Path;

use wxbot_sim::{Kind, Mode};

use super::answers::Answers;

/// All of it. The Token and the key are shown, as they have to be copied; the AppSecret is not.
pub(super) fn text(answers: &Answers, config: &Path, env_file: &Path, bot_toml: &str) -> String {
    let lang = answers.lang;
    let (config, env_file) = (config.display(), env_file.display());
    let written = lang.pick(
        format!("已写好 {config} 和 {env_file}（密钥，只有您可读）。\n"),
        format!("Wrote {config} and {env_file} (secrets, for your eyes only).\n"),
    );
    let written = written + &change(answers, bot_toml);
    let steps = [start(answers), white_list(answers), paste(answers)];
    let steps = steps.iter().enumerate().map(|(place, step)| format!("\n{}. {step}", place + 1));
    written + &steps.collect::<String>()
}

/// What is left to the owner.
fn change(answers: &Answers, bot_toml: &str) -> String {
    let lang = answers.lang;
    let marked = match bot_toml.contains("改成") {
        true => lang.pick(
            "请把 bot.toml 里写着「改成」的地方改掉。\n",
            "Change what is marked 「改成」 (change to) in bot.toml.\n",
        ),
        false => "",
    };
    let Some(example) = answers.example else { return marked.to_owned() };
    let names = example.files().iter().map(|(name, _)| {
        lang.pick(format!("请把 {name} 换成您自己的。\n"), format!("Write your own into {name}.\n"))
    });
    let key = lang.pick(
        "请在 wxbot.env 里填上大模型的密钥 LLM_KEY。\n",
        "Put the language model's key into wxbot.env, as LLM_KEY.\n",
    );
    let key = if example.asks_a_model() { key } else { "" };
    format!("{marked}{}{key}", names.collect::<String>())
}

fn start(answers: &Answers) -> String {
    let rights = match answers.listen.port() {
        80 => answers.lang.pick(
            "   （监听 80 端口需要权限：用 systemd 的 port-80.conf，或 sudo setcap cap_net_bind_service=+ep wxbot 程序）\n",
            "   (Port 80 takes rights: the port-80.conf for systemd, or setcap cap_net_bind_service=+ep on the program)\n",
        ),
        _ => "",
    };
    let text = answers.lang.pick(
        "启动：\n     wxbot check      # 检查配置\n     wxbot            # 启动\n     wxbot doctor     # 从外到内检查网址、密钥和账号\n",
        "Start it:\n     wxbot check      # the configuration\n     wxbot            # runs\n     wxbot doctor     # checks the URL, the secrets and the account from outside in\n",
    );
    format!("{text}{rights}")
}

fn white_list(answers: &Answers) -> String {
    let text = match answers.kind {
        Kind::Test => answers.lang.pick(
            "测试号没有 IP 白名单，不用设置。\n",
            "A test account has no IP white list.\n",
        ),
        _ => answers.lang.pick(
            "微信开发者平台的「基础信息 → 开发密钥」里有 IP 白名单：填这台机器的出口 IP。不知道的话运行 `wxbot doctor`，它会告诉您微信看到的地址。\n",
            "The IP white list, at developers.weixin.qq.com/platform → 基础信息 → 开发密钥: add the address that this\n   \
             machine calls from. `wxbot doctor` says which one WeChat sees.\n",
        ),
    };
    text.to_owned()
}

/// In WeChat's words for each field.
fn paste(answers: &Answers) -> String {
    let lang = answers.lang;
    let page = match answers.kind {
        Kind::Test => lang.pick(
            "wxbot 启动之后（第 1 步），打开测试号管理页 mp.weixin.qq.com/debug/cgi-bin/sandbox?t=sandbox/login ，在「接口配置信息」里填写：",
            "Once wxbot runs (step 1), on the page of the test account,\n   mp.weixin.qq.com/debug/cgi-bin/sandbox?t=sandbox/login, under 接口配置信息, enter:",
        ),
        _ => lang.pick(
            "wxbot 启动之后（第 1 步），打开微信开发者平台 developers.weixin.qq.com/platform → 我的业务 → \
             公众号/服务号 → 基础信息 → 域名与消息推送配置，填写：",
            "Once wxbot runs (step 1), open developers.weixin.qq.com/platform → 我的业务 → 公众号/服务号 →\n   \
             基础信息 → 域名与消息推送配置, and enter:",
        ),
    };
    let mut fields =
        vec![("URL（服务器地址）", url(answers)), ("Token（令牌）", answers.token.clone())];
    if answers.mode != Mode::Plain {
        fields.push(("EncodingAESKey（消息加解密密钥）", answers.encoding_aes_key.clone()));
    }
    if answers.kind != Kind::Test {
        let mode = match answers.mode {
            Mode::Plain => "明文模式",
            Mode::Compatible => "兼容模式",
            Mode::Safe => "安全模式（推荐）",
        };
        fields.push(("消息加解密方式", mode.to_owned()));
        fields.push(("数据格式", "XML".to_owned()));
    }
    let fields = fields.iter().map(|(name, value)| format!("     {name}： {value}\n"));
    format!("{page}\n{}", fields.collect::<String>())
}

/// The URL to enter; one that is made up says so.
fn url(answers: &Answers) -> String {
    let shown = answers.shown_url();
    match answers.url {
        Some(_) => shown,
        None => answers.lang.pick(
            format!("{shown} （这是示例，换成您自己的网址；bot.toml 里的 url 也一样）"),
            format!("{shown} (an example: put your own here, and into bot.toml as `url`)"),
        ),
    }
}
