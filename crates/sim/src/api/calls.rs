//! The calls there are: path, who may, how often a day, and what does it.

use super::call::{Answer, Call, Refused};
use super::permission::Function;
use super::{custom, diagnosis, media, menu, qrcode, tags, template, token, users};

/// One call.
pub(super) struct Entry {
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) function: Function,
    /// Calls a day (section 7.16), unless somebody sets another limit.
    pub(super) daily: u64,
    pub(super) needs_token: bool,
    pub(super) work: Work,
}

pub(super) type Work = fn(&mut Call<'_>) -> Result<Answer, Refused>;

/// How it is called.
#[derive(Clone, Copy)]
pub(super) enum Method {
    Get,
    Post,
    Either,
}

impl Method {
    pub(super) fn check(self, method: &str) -> Result<(), Refused> {
        match (self, method) {
            (Self::Get, "GET") | (Self::Post, "POST") | (Self::Either, "GET" | "POST") => Ok(()),
            (Self::Post, _) => Err(Refused::code(43002)),
            _ => Err(Refused::code(43001)),
        }
    }
}

impl Entry {
    pub(super) fn of(path: &str) -> Option<&'static Self> {
        CALLS.iter().find(|entry| entry.path == path)
    }
}

const fn get(path: &'static str, function: Function, daily: u64, work: Work) -> Entry {
    Entry { method: Method::Get, path, function, daily, needs_token: true, work }
}

const fn post(path: &'static str, function: Function, daily: u64, work: Work) -> Entry {
    Entry { method: Method::Post, path, function, daily, needs_token: true, work }
}

const fn either(path: &'static str, function: Function, daily: u64, work: Work) -> Entry {
    Entry { method: Method::Either, path, function, daily, needs_token: true, work }
}

const fn without_token(entry: Entry) -> Entry {
    Entry { needs_token: false, ..entry }
}

use Function::{Custom, Media, Menus, Notices, Open, QrCodes, Templates, Users};

const CALLS: &[Entry] = &[
    without_token(get("/cgi-bin/token", Open, 2_000, token::plain)),
    without_token(post("/cgi-bin/stable_token", Open, 500_000, token::stable)),
    post("/cgi-bin/message/custom/send", Custom, 500_000, custom::send),
    post("/cgi-bin/message/custom/typing", Custom, 500_000, custom::typing),
    post("/cgi-bin/menu/create", Menus, 1_000, menu::create),
    get("/cgi-bin/menu/get", Menus, 10_000, menu::get),
    get("/cgi-bin/menu/delete", Menus, 1_000, menu::delete),
    post("/cgi-bin/menu/addconditional", Menus, 2_000, menu::add_conditional),
    post("/cgi-bin/menu/delconditional", Menus, 2_000, menu::delete_conditional),
    post("/cgi-bin/menu/trymatch", Menus, 20_000, menu::try_match),
    get("/cgi-bin/get_current_selfmenu_info", Open, 10_000, menu::current),
    post("/cgi-bin/media/upload", Media, 5_000, media::upload),
    get("/cgi-bin/media/get", Media, 10_000, media::get),
    post("/cgi-bin/media/uploadimg", Media, 5_000, media::upload_image),
    post("/cgi-bin/material/add_material", Media, 1_000, media::add_material),
    post("/cgi-bin/material/get_material", Media, 1_000, media::get_material),
    post("/cgi-bin/material/del_material", Media, 1_000, media::delete_material),
    get("/cgi-bin/material/get_materialcount", Media, 1_000, media::count_material),
    post("/cgi-bin/material/batchget_material", Media, 1_000, media::list_material),
    get("/cgi-bin/user/info", Users, 500_000, users::info),
    post("/cgi-bin/user/info/batchget", Users, 500_000, users::infos),
    get("/cgi-bin/user/get", Users, 500, users::list),
    post("/cgi-bin/user/info/updateremark", Users, 10_000, users::update_remark),
    post("/cgi-bin/tags/create", Users, 1_000, tags::create),
    get("/cgi-bin/tags/get", Users, 1_000, tags::get),
    post("/cgi-bin/tags/update", Users, 1_000, tags::update),
    post("/cgi-bin/tags/delete", Users, 1_000, tags::delete),
    post("/cgi-bin/user/tag/get", Users, 1_000, tags::members),
    post("/cgi-bin/tags/members/batchtagging", Users, 100_000, tags::tag),
    post("/cgi-bin/tags/members/batchuntagging", Users, 100_000, tags::untag),
    post("/cgi-bin/tags/getidlist", Users, 500_000, tags::of_follower),
    post("/cgi-bin/qrcode/create", QrCodes, 100_000, qrcode::create),
    post("/cgi-bin/message/template/send", Templates, 1_000_000, template::send),
    get("/cgi-bin/template/get_all_private_template", Templates, 1_000, template::list),
    post("/cgi-bin/message/subscribe/bizsend", Notices, 1_000_000, template::notify),
    post("/cgi-bin/openapi/quota/get", Open, 10_000, diagnosis::quota),
    post("/cgi-bin/clear_quota", Open, 10_000, diagnosis::clear_quota),
    either("/cgi-bin/getcallbackip", Open, 5_000, diagnosis::callback_ips),
    either("/cgi-bin/get_api_domain_ip", Open, 5_000, diagnosis::api_ips),
    post("/cgi-bin/callback/check", Open, 5_000, diagnosis::check_callback),
];
