//! Somebody with a phone, in a test.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::sync::Arc;

use wxbot_sim::{Act, ScannedCode, Shown};

use crate::conversation::{Turn, TurnAct, turns};
use crate::heard::Heard;
use crate::shared::{Person, Shared};

/// Somebody with a phone. What is done comes back as [`Heard`], with which a test says what should
/// be seen; several followers do something at once when their futures are joined.
#[derive(Clone)]
pub struct Follower(Person);

impl Follower {
    pub(crate) fn new(shared: &Arc<Shared>, place: usize, name: &str) -> Self {
        Self(Person::new(shared, place, name))
    }

    /// Writes a text.
    #[track_caller]
    pub fn says(&self, text: &str) -> impl Future<Output = Heard> + Send + use<> {
        self.act(Act::text(text))
    }

    /// Sends a picture.
    #[track_caller]
    pub fn sends_image(&self, media_id: &str) -> impl Future<Output = Heard> + Send + use<> {
        self.act(Act::image(media_id))
    }

    /// Sends a voice message, which WeChat does not put into words.
    #[track_caller]
    pub fn sends_voice(&self, media_id: &str) -> impl Future<Output = Heard> + Send + use<> {
        self.act(Act::voice(media_id))
    }

    /// Sends a video.
    #[track_caller]
    pub fn sends_video(&self, media_id: &str) -> impl Future<Output = Heard> + Send + use<> {
        let thumb_media_id = format!("{media_id}_thumb");
        self.act(Act::Video { media_id: media_id.into(), thumb_media_id })
    }

    /// Sends a place: degrees north, degrees east, and its address.
    #[track_caller]
    pub fn sends_location(
        &self,
        latitude: f64,
        longitude: f64,
        label: &str,
    ) -> impl Future<Output = Heard> + Send + use<> {
        self.act(Act::Location { latitude, longitude, scale: 16, label: label.into() })
    }

    /// Sends a link with a headline.
    #[track_caller]
    pub fn sends_link(&self, title: &str, url: &str) -> impl Future<Output = Heard> + Send + use<> {
        let description = String::new();
        self.act(Act::Link { title: title.into(), description, url: url.into() })
    }

    /// Follows the account, having unfollowed it in between if need be.
    #[track_caller]
    pub fn follows(&self) -> impl Future<Output = Heard> + Send + use<> {
        self.act(Act::Subscribe)
    }

    /// Follows the account by scanning its QR code with this scene, having unfollowed it in between
    /// if need be.
    #[track_caller]
    pub fn follows_by_scan(&self, scene: &str) -> impl Future<Output = Heard> + Send + use<> {
        self.0.account().wechat.stranger(&self.0.name);
        self.scans(scene)
    }

    /// Scans the account's QR code with this scene: `SCAN` for who follows, else `subscribe`.
    #[track_caller]
    pub fn scans(&self, scene: &str) -> impl Future<Output = Heard> + Send + use<> {
        self.act(Act::ScanScene { scene: scene.into(), ticket: format!("gQ_{scene}") })
    }

    /// Unfollows the account.
    #[track_caller]
    pub fn unfollows(&self) -> impl Future<Output = Heard> + Send + use<> {
        self.act(Act::Unsubscribe)
    }

    /// Presses a menu button of type `click`: its key.
    #[track_caller]
    pub fn clicks(&self, key: &str) -> impl Future<Output = Heard> + Send + use<> {
        self.act(Act::click(key))
    }

    /// Presses a menu button of type `view`.
    #[track_caller]
    pub fn views(&self, url: &str) -> impl Future<Output = Heard> + Send + use<> {
        self.act(Act::View { url: url.into(), menu_id: None })
    }

    /// Presses the button of this name in the menu that the account has made, of whichever type.
    /// Panics where there is none, or one that has an act of its own.
    #[track_caller]
    pub fn presses(&self, button: &str) -> impl Future<Output = Heard> + Send + use<> {
        let act = self.0.phone.button(button);
        let Some(act) = act else {
            panic!("the menu has no button {button:?} that can be pressed")
        };
        self.act(act)
    }

    /// Presses a menu button of type `scancode_waitmsg`, and scans a QR code that says this.
    #[track_caller]
    pub fn scans_for(&self, key: &str, result: &str) -> impl Future<Output = Heard> + Send + use<> {
        let (key, result) = (key.into(), result.into());
        self.act(Act::ScanCodeWait(ScannedCode { key, scan_type: "qrcode".into(), result }))
    }

    /// Presses a menu button of type `location_select`, and picks a place.
    #[track_caller]
    pub fn picks_location(
        &self,
        key: &str,
        latitude: f64,
        longitude: f64,
        label: &str,
    ) -> impl Future<Output = Heard> + Send + use<> {
        let (key, label, poi) = (key.into(), label.into(), String::new());
        self.act(Act::LocationSelect { key, latitude, longitude, scale: 16, label, poi })
    }

    /// Taps what the phone shows by this label: an item of a menu message, or a
    /// `weixin://bizmsgmenu` link. Panics where there is none, or it only opens a page.
    #[track_caller]
    pub fn taps(&self, label: &str) -> impl Future<Output = Heard> + Send + use<> {
        let phone = self.phone();
        let links = phone.iter().rev().filter_map(Shown::bubble).flat_map(|bubble| bubble.links());
        let mut labelled = links.filter(|link| link.label == label).peekable();
        assert!(
            labelled.peek().is_some(),
            "{}'s phone has no link {label:?}: {self:?}",
            self.0.name
        );
        let act = labelled.find_map(|link| link.tap());
        let Some(act) = act else { panic!("{label:?} opens a page: the bot hears nothing of it") };
        self.act(act)
    }

    /// Has a conversation, line by line: `> words` are said and `* label` is tapped, and below it
    /// stands the text that is seen then, or nothing where nothing is; time passes with
    /// `(10m later)`. Indentation does not matter.
    ///
    /// ```
    /// # use wxbot_testkit::TestBot;
    /// # use wxbot_plugin_keywords as _;
    /// # wxbot_testkit::run(async {
    /// # let bot = TestBot::from_toml("[[chain]]\nplugin = 'keywords'\nconfig = { rules = [\
    /// #     { full = '价格', reply = '¥99' }, { full = '几点', reply = \"9:00\\n18:00\" }] }").await?;
    /// bot.follower("alice").converses("
    ///     > 价格
    ///     ¥99
    ///     > 几点
    ///     9:00
    ///     18:00
    ///     > 谢谢
    /// ").await;
    /// # Ok::<(), wxbot_testkit::SetupError>(())
    /// # }).unwrap();
    /// ```
    #[track_caller]
    pub fn converses(&self, script: &str) -> impl Future<Output = ()> + Send + use<> {
        let (who, turns) = (self.clone(), turns(script));
        async move {
            for Turn { act, sees } in turns {
                let heard = match act {
                    TurnAct::Says(words) => who.says(&words).await,
                    TurnAct::Taps(label) => who.taps(&label).await,
                    TurnAct::Waits(time) => {
                        who.0.shared.advance(time).await;
                        continue;
                    }
                };
                match sees {
                    Some(text) => heard.sees(&text),
                    None => heard.sees_nothing(),
                };
            }
        }
    }

    /// Sends a whole body, sealed and signed as it is.
    #[track_caller]
    pub fn sends_raw(&self, body: &str) -> impl Future<Output = Heard> + Send + use<> {
        self.act(Act::Raw(body.into()))
    }

    /// Does anything that can be done.
    #[track_caller]
    pub fn does<A: Into<Act>>(&self, act: A) -> impl Future<Output = Heard> + Send + use<A> {
        self.act(act.into())
    }

    /// What the phone shows, in order.
    pub fn phone(&self) -> Vec<Shown> {
        self.0.phone.phone()
    }

    /// The id towards the account.
    pub fn openid(&self) -> &str {
        self.0.phone.openid()
    }

    #[track_caller]
    fn act(&self, act: Act) -> impl Future<Output = Heard> + Send + use<> {
        let (who, caller) = (self.0.clone(), Location::caller());
        async move {
            let transcript = &who.shared.transcript;
            let number = transcript.begin(who.place, &who.name, &act);
            let (_, shown) = who.phone.phone_since(u64::MAX);
            let exchange = match who.phone.does(act.clone()).await {
                Ok(exchange) => Arc::new(exchange),
                Err(error) => panic!("{} {act}: {error} ({caller})", who.name),
            };
            transcript.end(number, &exchange);
            transcript.look_at(who.place, &who.phone);
            Heard { who, act, exchange, shown }
        }
    }
}

/// The name, and the chat.
impl fmt::Debug for Follower {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Follower")
            .field("name", &self.0.name)
            .field("phone", &self.phone())
            .finish_non_exhaustive()
    }
}
