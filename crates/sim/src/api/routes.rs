//! All calls of the API: path, permission, calls a day, and the function that handles them.

use serde_json::json;

use super::call::{Answer, Call};
use super::json::text;
use super::permission::Permission;
use super::{
    custom, diagnosis, drafts, kf, media, menu, qrcode, shorten, subscription_template, tags,
    template, token, users, web,
};
use crate::errcode::ApiError;
use crate::world::quotas::Quota;

/// One call.
pub(super) struct Route {
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) permission: Permission,
    /// Calls a day (section 7.16), unless a test sets another limit.
    pub(super) daily: u64,
    pub(super) needs_token: bool,
    pub(super) handler: Handler,
}

pub(super) type Handler = fn(&mut Call<'_>) -> Result<Answer, ApiError>;

/// The HTTP method of a call.
#[derive(Clone, Copy)]
pub(super) enum Method {
    Get,
    Post,
    Either,
}

impl Method {
    pub(super) fn check(self, method: &str) -> Result<(), ApiError> {
        match (self, method) {
            (Self::Get, "GET") | (Self::Post, "POST") | (Self::Either, "GET" | "POST") => Ok(()),
            (Self::Post, _) => Err(ApiError::code(43002)),
            _ => Err(ApiError::code(43001)),
        }
    }
}

impl Route {
    pub(super) fn find(path: &str) -> Option<&'static Self> {
        ROUTES.iter().find(|route| route.path == path)
    }
}

const fn get(path: &'static str, permission: Permission, daily: u64, handler: Handler) -> Route {
    Route { method: Method::Get, path, permission, daily, needs_token: true, handler }
}

const fn post(path: &'static str, permission: Permission, daily: u64, handler: Handler) -> Route {
    Route { method: Method::Post, path, permission, daily, needs_token: true, handler }
}

const fn either(path: &'static str, permission: Permission, daily: u64, handler: Handler) -> Route {
    Route { method: Method::Either, path, permission, daily, needs_token: true, handler }
}

const fn without_token(route: Route) -> Route {
    Route { needs_token: false, ..route }
}

use Permission::{
    Basic, CustomerService, Media, Menus, Notices, Publishing, QrCodes, Templates, Users, WebLogins,
};

const ROUTES: &[Route] = &[
    without_token(get("/cgi-bin/token", Basic, 2_000, token::plain)),
    without_token(post("/cgi-bin/stable_token", Basic, 500_000, token::stable)),
    post("/cgi-bin/message/custom/send", CustomerService, 500_000, custom::send),
    post("/cgi-bin/message/custom/typing", CustomerService, 500_000, custom::typing),
    get("/cgi-bin/customservice/getonlinekflist", CustomerService, 500_000, kf::online),
    post("/customservice/kfsession/close", CustomerService, 500_000, kf::close_session),
    post("/cgi-bin/menu/create", Menus, 1_000, menu::create),
    get("/cgi-bin/menu/get", Menus, 10_000, menu::get),
    get("/cgi-bin/menu/delete", Menus, 1_000, menu::delete),
    post("/cgi-bin/menu/addconditional", Menus, 2_000, menu::add_conditional),
    post("/cgi-bin/menu/delconditional", Menus, 2_000, menu::delete_conditional),
    post("/cgi-bin/menu/trymatch", Menus, 20_000, menu::try_match),
    get("/cgi-bin/get_current_selfmenu_info", Basic, 10_000, menu::current),
    get("/cgi-bin/get_current_autoreply_info", Basic, 10_000, menu::auto_replies),
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
    post("/cgi-bin/template/api_add_template", Templates, 1_000, template::add),
    post("/cgi-bin/template/del_private_template", Templates, 1_000, template::delete),
    get("/cgi-bin/template/get_industry", Templates, 1_000, template::industries),
    post("/cgi-bin/template/api_set_industry", Templates, 1_000, template::set_industries),
    post("/cgi-bin/message/subscribe/bizsend", Notices, 1_000_000, template::notify),
    get("/wxaapi/newtmpl/getcategory", Notices, 1_000, subscription_template::categories),
    get("/wxaapi/newtmpl/getpubtemplatetitles", Notices, 1_000, subscription_template::titles),
    get("/wxaapi/newtmpl/getpubtemplatekeywords", Notices, 1_000, subscription_template::keywords),
    post("/wxaapi/newtmpl/addtemplate", Notices, 1_000, subscription_template::add),
    get("/wxaapi/newtmpl/gettemplate", Notices, 1_000, subscription_template::list),
    post("/wxaapi/newtmpl/deltemplate", Notices, 1_000, subscription_template::delete),
    post("/cgi-bin/openapi/quota/get", Basic, 10_000, quota),
    post("/cgi-bin/openapi/quota/clear", Basic, 10_000, clear_quota),
    post("/cgi-bin/shorten/gen", QrCodes, 10_000, shorten::make),
    post("/cgi-bin/shorten/fetch", QrCodes, 10_000, shorten::fetch),
    post("/cgi-bin/draft/add", Media, 1_000, drafts::add),
    post("/cgi-bin/draft/get", Media, 1_000, drafts::get),
    post("/cgi-bin/draft/update", Media, 1_000, drafts::update),
    post("/cgi-bin/draft/delete", Media, 1_000, drafts::delete),
    get("/cgi-bin/draft/count", Media, 1_000, drafts::count),
    post("/cgi-bin/draft/batchget", Media, 1_000, drafts::list),
    post("/cgi-bin/freepublish/submit", Publishing, 100, drafts::publish),
    post("/cgi-bin/freepublish/get", Publishing, 100, drafts::publication),
    post("/cgi-bin/freepublish/getarticle", Publishing, 100, drafts::article),
    post("/cgi-bin/freepublish/batchget", Publishing, 100, drafts::published),
    post("/cgi-bin/freepublish/delete", Publishing, 10, drafts::unpublish),
    get("/cgi-bin/ticket/getticket", Basic, 10_000, web::ticket),
    without_token(get("/sns/oauth2/access_token", WebLogins, u64::MAX, web::login)),
    without_token(get("/sns/oauth2/refresh_token", WebLogins, u64::MAX, web::refresh)),
    without_token(get("/sns/userinfo", WebLogins, u64::MAX, web::profile)),
    without_token(get("/sns/auth", WebLogins, u64::MAX, web::check)),
    post("/cgi-bin/clear_quota", Basic, 10_000, diagnosis::clear_quota),
    either("/cgi-bin/getcallbackip", Basic, 5_000, diagnosis::callback_ips),
    either("/cgi-bin/get_api_domain_ip", Basic, 5_000, diagnosis::api_ips),
    post("/cgi-bin/callback/check", Basic, 5_000, diagnosis::check_callback),
];

/// A call that is about the others (section 7.15).
fn quota(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let path = text(&body, "cgi_path").ok_or(ApiError::code(40035))?;
    let route = counted(path)?;
    let Quota { used, limit } = call.world.quotas.today(route.path, route.daily, call.now);
    Ok(Answer::Data(json!({
        "errcode": 0,
        "errmsg": "ok",
        "quota": { "daily_limit": limit, "used": used, "remain": limit.saturating_sub(used) },
        "rate_limit": { "call_count": 10_000, "refresh_second": 60 },
    })))
}

/// So is this one.
fn clear_quota(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let path = text(&body, "cgi_path").ok_or(ApiError::code(40035))?;
    let route = counted(path)?;
    call.world.quotas.clear_one(route.path);
    Ok(Answer::Done)
}

/// A path whose calls are counted; those for web pages are not.
fn counted(path: &str) -> Result<&'static Route, ApiError> {
    let route = Route::find(path).filter(|route| !route.path.starts_with("/sns/"));
    route.ok_or(ApiError::code(76022))
}
