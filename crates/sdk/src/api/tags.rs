//! Tags that the account gives to followers (protocol section 7.8).

use serde::Deserialize;
use serde_json::json;

use super::answer::read;
use super::caller::Api;
use super::error::ApiError;
use super::users::UserPage;

const CREATE: &str = "/cgi-bin/tags/create";
const LIST: &str = "/cgi-bin/tags/get";
const UPDATE: &str = "/cgi-bin/tags/update";
const DELETE: &str = "/cgi-bin/tags/delete";
const MEMBERS: &str = "/cgi-bin/user/tag/get";
const TAG: &str = "/cgi-bin/tags/members/batchtagging";
const UNTAG: &str = "/cgi-bin/tags/members/batchuntagging";
const OF_FOLLOWER: &str = "/cgi-bin/tags/getidlist";
/// So many followers WeChat takes in one call.
const MOST_OPENIDS: usize = 50;

/// The account's tags, and who has them. From `ctx.api().tags()`.
#[derive(Clone, Copy)]
pub struct Tags<'a> {
    api: &'a dyn Api,
}

/// A tag: at most 100 of an account, and 20 of a follower.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Tag {
    /// 0 to 2 are WeChat's own.
    pub id: u64,
    /// At most 30 bytes.
    pub name: String,
    /// How many followers have it; not known of one that was just created.
    #[serde(default)]
    pub count: Option<u64>,
}

impl<'a> dyn Api + 'a {
    /// The account's tags.
    pub fn tags(&self) -> Tags<'_> {
        Tags { api: self }
    }
}

impl Tags<'_> {
    /// Creates one.
    pub async fn create(&self, name: &str) -> Result<Tag, ApiError> {
        let answer = self.api.post(CREATE, json!({"tag": {"name": name}})).await?;
        read(CREATE, &answer["tag"])
    }

    /// All there are.
    pub async fn list(&self) -> Result<Vec<Tag>, ApiError> {
        read(LIST, &self.api.get(LIST).await?["tags"])
    }

    /// The one of this name.
    pub async fn named(&self, name: &str) -> Result<Option<Tag>, ApiError> {
        Ok(self.list().await?.into_iter().find(|tag| tag.name == name))
    }

    /// Gives one another name.
    pub async fn rename(&self, id: u64, name: &str) -> Result<(), ApiError> {
        self.api.post(UPDATE, json!({"tag": {"id": id, "name": name}})).await.map(drop)
    }

    /// Deletes one; who had it has it no more.
    pub async fn delete(&self, id: u64) -> Result<(), ApiError> {
        self.api.post(DELETE, json!({"tag": {"id": id}})).await.map(drop)
    }

    /// A page of those who have it: the first one, or the one that [`UserPage::next`] asks for.
    pub async fn members(&self, id: u64, next: &str) -> Result<UserPage, ApiError> {
        let answer = self.api.post(MEMBERS, json!({"tagid": id, "next_openid": next})).await?;
        UserPage::of(MEMBERS, &answer)
    }

    /// Gives it to followers, 50 in each call. Where a call fails, those before it have it.
    pub async fn tag(&self, id: u64, openids: &[impl AsRef<str> + Sync]) -> Result<(), ApiError> {
        self.for_each_batch(TAG, id, openids).await
    }

    /// Takes it from followers, 50 in each call.
    pub async fn untag(&self, id: u64, openids: &[impl AsRef<str> + Sync]) -> Result<(), ApiError> {
        self.for_each_batch(UNTAG, id, openids).await
    }

    /// The ids of those that a follower has.
    pub async fn of(&self, openid: &str) -> Result<Vec<u64>, ApiError> {
        let answer = self.api.post(OF_FOLLOWER, json!({"openid": openid})).await?;
        read(OF_FOLLOWER, &answer["tagid_list"])
    }

    async fn for_each_batch(
        &self,
        path: &str,
        id: u64,
        openids: &[impl AsRef<str> + Sync],
    ) -> Result<(), ApiError> {
        for some in openids.chunks(MOST_OPENIDS) {
            let list: Vec<&str> = some.iter().map(AsRef::as_ref).collect();
            self.api.post(path, json!({"openid_list": list, "tagid": id})).await?;
        }
        Ok(())
    }
}
