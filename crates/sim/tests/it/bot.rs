//! A bot of a few lines: it checks and decrypts every request, and answers by a script.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::sleep;
use wxbot_sim::{
    Account, Broken, Clock, Element, Endpoint, Format, Key, Mode, Options, Request, Response,
    WeChat, sign,
};

/// The time at which all tests start.
pub(crate) const START: u64 = 1_735_689_600;

/// What the bot does with one delivery.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// Echoes the text, in the account's mode.
    Echo,
    /// A reply with these elements from `MsgType` on, in the account's mode.
    Reply(String),
    /// Exactly this body.
    Body(Vec<u8>),
    /// Echoes after so many milliseconds.
    Late(u64),
    /// An HTTP status.
    Status(u16),
    /// The connection is refused.
    Refuse,
    /// Answers a handshake with its echostr.
    Handshake,
}

/// The bot. Its last step repeats for ever.
pub(crate) struct Bot {
    account: Account,
    steps: Vec<Step>,
    heard: Mutex<Vec<Request>>,
}

impl Bot {
    /// All requests, in order.
    pub(crate) fn heard(&self) -> Vec<Request> {
        self.heard.lock().unwrap().clone()
    }

    /// All messages, decrypted.
    pub(crate) fn messages(&self) -> Vec<Element> {
        self.heard().iter().map(|request| self.open(request)).collect()
    }

    /// Checks the signatures of a push, and decrypts it (sections 1, 2.1 and 6.3).
    #[track_caller]
    fn open(&self, request: &Request) -> Element {
        let query = |name: &str| parameter(&request.query, name);
        let token = &self.account.token;
        let (timestamp, nonce) = (query("timestamp"), query("nonce"));
        assert_eq!(query("signature"), sign(&[token, &timestamp, &nonce]));
        let body = std::str::from_utf8(&request.body).unwrap();
        let fields = self.read(body);
        if self.account.mode == Mode::Plain {
            return fields;
        }
        let encrypt = fields.child_text("Encrypt").unwrap();
        assert_eq!(query("encrypt_type"), "aes");
        assert_eq!(query("msg_signature"), sign(&[token, &timestamp, &nonce, encrypt]));
        let key = Key::parse(&self.account.encoding_aes_key).unwrap();
        self.read(&key.open(encrypt, &self.account.app_id).unwrap())
    }

    fn read(&self, body: &str) -> Element {
        match self.account.format {
            Format::Xml => Element::read_xml(body).unwrap(),
            Format::Json => {
                let fields: serde_json::Map<String, serde_json::Value> =
                    serde_json::from_str(body).unwrap();
                let elements = fields.iter().map(|(name, value)| match value.as_str() {
                    Some(text) => Element::text(name, text),
                    None => Element::number(name, value),
                });
                Element::nested("xml", elements.collect())
            }
        }
    }

    fn reply(&self, request: &Request, inside: &str) -> Response {
        let message = self.open(request);
        let text = |name: &str| message.child_text(name).unwrap().to_owned();
        let xml = reply(&text("FromUserName"), &text("ToUserName"), inside);
        Response::ok(match self.account.mode {
            Mode::Safe => seal(&self.account, &xml),
            Mode::Plain | Mode::Compatible => xml,
        })
    }
}

#[async_trait]
impl Endpoint for Bot {
    async fn deliver(&self, request: Request) -> Result<Response, Broken> {
        let number = {
            let mut heard = self.heard.lock().unwrap();
            heard.push(request.clone());
            heard.len() - 1
        };
        let echo = || {
            let message = self.open(&request);
            let said = message.child_text("Content").or(message.child_text("Event")).unwrap();
            self.reply(&request, &text(said))
        };
        match &self.steps[number.min(self.steps.len() - 1)] {
            Step::Echo => Ok(echo()),
            Step::Reply(inside) => Ok(self.reply(&request, inside)),
            Step::Body(body) => Ok(Response::ok(body.clone())),
            Step::Late(millis) => {
                sleep(Duration::from_millis(*millis)).await;
                Ok(echo())
            }
            Step::Status(status) => {
                Ok(Response { status: *status, ..Response::ok("the bot has a problem") })
            }
            Step::Refuse => Err(Broken::Refused),
            Step::Handshake => Ok(Response::ok(parameter(&request.query, "echostr"))),
        }
    }
}

/// WeChat and a bot for this account.
pub(crate) fn pair(account: Account, options: Options, steps: &[Step]) -> (WeChat, Arc<Bot>) {
    let wechat = WeChat::with(account.clone(), Clock::starting_at(START), options).unwrap();
    let bot = Arc::new(Bot { account, steps: steps.to_vec(), heard: Mutex::default() });
    wechat.connect(bot.clone());
    (wechat, bot)
}

/// The same with the default account and options.
pub(crate) fn simple(steps: &[Step]) -> (WeChat, Arc<Bot>) {
    pair(Account::default(), Options::default(), steps)
}

/// `MsgType` and `Content` of a text.
pub(crate) fn text(content: &str) -> String {
    format!("<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{content}]]></Content>")
}

/// A passive reply.
pub(crate) fn reply(to: &str, from: &str, inside: &str) -> String {
    format!(
        "<xml><ToUserName><![CDATA[{to}]]></ToUserName>\
         <FromUserName><![CDATA[{from}]]></FromUserName>\
         <CreateTime>{START}</CreateTime>{inside}</xml>"
    )
}

/// An encrypted reply (section 6.4).
pub(crate) fn seal(account: &Account, xml: &str) -> String {
    let key = Key::parse(&account.encoding_aes_key).unwrap();
    let encrypt = key.seal(xml, &account.app_id, *b"0123456789abcdef");
    let signature = sign(&[&account.token, "1735689612", "1212121212", &encrypt]);
    format!(
        "<xml><Encrypt><![CDATA[{encrypt}]]></Encrypt>\
         <MsgSignature><![CDATA[{signature}]]></MsgSignature>\
         <TimeStamp>1735689612</TimeStamp><Nonce><![CDATA[1212121212]]></Nonce></xml>"
    )
}

/// A parameter of a query.
#[track_caller]
pub(crate) fn parameter(query: &str, name: &str) -> String {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned()).unwrap_or_default()
}
