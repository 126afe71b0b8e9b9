//! The account's followers (protocol section 7.8).

use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{number, read};
use super::caller::Api;
use super::error::ApiError;
use super::qr_codes::Scene;
use crate::call::Call;

const LIST: &str = "/cgi-bin/user/get";
const INFO: &str = "/cgi-bin/user/info";
const INFOS: &str = "/cgi-bin/user/info/batchget";
const REMARK: &str = "/cgi-bin/user/info/updateremark";
/// So many followers WeChat tells about in one call.
const MOST_INFOS: usize = 100;

/// Who follows the account. From `ctx.api().users()`.
#[derive(Clone, Copy)]
pub struct Users<'a> {
    api: &'a dyn Api,
}

/// What WeChat tells about a follower: since the end of 2021 neither their name nor their picture.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct User {
    /// The follower.
    pub openid: String,
    /// 1 for one who follows; otherwise nothing else is known of them.
    subscribe: u8,
    /// The same for all accounts of one open platform, where there is one.
    pub unionid: Option<String>,
    /// When they followed, in Unix seconds.
    pub subscribe_time: u64,
    /// How they found the account: `ADD_SCENE_QR_CODE`, `ADD_SCENE_SEARCH` …
    pub subscribe_scene: String,
    /// The language of their phone.
    pub language: String,
    /// What the account notes about them.
    pub remark: String,
    /// The tags they have.
    pub tagid_list: Vec<u64>,
    /// Of a code that they scanned to follow; 0 where there was none.
    qr_scene: u32,
    qr_scene_str: String,
}

impl User {
    /// Whether they follow the account.
    pub fn follows(&self) -> bool {
        self.subscribe == 1
    }

    /// What the QR code said that they scanned to follow.
    pub fn scene(&self) -> Option<Scene> {
        match (self.qr_scene, &*self.qr_scene_str) {
            (0, "") => None,
            (id, "") => Some(Scene::Id(id)),
            (_, text) => Some(Scene::from(text)),
        }
    }
}

/// Up to 10,000 openids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserPage {
    /// How many there are on all pages; tags don't say.
    pub total: Option<u64>,
    /// In WeChat's order.
    pub openids: Vec<String>,
    /// Asks for the page behind this one; none behind the last.
    pub next: Option<String>,
}

impl UserPage {
    /// A page that is empty has no list at all, and the last one that is not names itself.
    pub(super) fn of(path: &str, answer: &Value) -> Result<Self, ApiError> {
        let openids: Vec<String> = match &answer["data"]["openid"] {
            Value::Null => Vec::new(),
            list => read(path, list)?,
        };
        let next = answer["next_openid"].as_str().filter(|next| !next.is_empty());
        let next = next.filter(|_| !openids.is_empty()).map(str::to_owned);
        Ok(Self { total: number(answer, "total"), openids, next })
    }
}

impl<'a> dyn Api + 'a {
    /// The account's followers.
    pub fn users(&self) -> Users<'_> {
        Users { api: self }
    }
}

impl Users<'_> {
    /// A page of followers: the first one, or the one that [`UserPage::next`] asks for.
    ///
    /// ```
    /// # use wxbot_sdk::prelude::*;
    /// # async fn example(ctx: &mut Context) -> Result<(), HandlerError> {
    /// let (api, mut next) = (ctx.api(), Some(String::new()));
    /// while let Some(after) = next {
    ///     let page = api.users().page(&after).await?;
    ///     println!("{} followers", page.openids.len());
    ///     next = page.next;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn page(&self, next: &str) -> Result<UserPage, ApiError> {
        let call = Call::get(LIST);
        let call = if next.is_empty() { call } else { call.with("next_openid", next) };
        UserPage::of(LIST, &self.api.request(call).await?)
    }

    /// What WeChat tells about one.
    pub async fn info(&self, openid: &str) -> Result<User, ApiError> {
        let call = Call::get(INFO).with("openid", openid).with("lang", "zh_CN");
        read(INFO, &self.api.request(call).await?)
    }

    /// What WeChat tells about many, 100 in each call.
    pub async fn infos(&self, openids: &[impl AsRef<str> + Sync]) -> Result<Vec<User>, ApiError> {
        let mut users = Vec::with_capacity(openids.len());
        for some in openids.chunks(MOST_INFOS) {
            let one = |openid: &_| json!({"openid": AsRef::<str>::as_ref(openid), "lang": "zh_CN"});
            let list: Vec<_> = some.iter().map(one).collect();
            let answer = self.api.post(INFOS, json!({"user_list": list})).await?;
            users.extend(read::<Vec<User>>(INFOS, &answer["user_info_list"])?);
        }
        Ok(users)
    }

    /// Notes something about a follower, of less than 30 characters. The account's own people see it.
    pub async fn set_remark(&self, openid: &str, remark: &str) -> Result<(), ApiError> {
        self.api.post(REMARK, json!({"openid": openid, "remark": remark})).await.map(drop)
    }
}
