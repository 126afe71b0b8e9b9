//! Templates of subscription notifications (section 7.5), out of a small library. Which errcodes WeChat
//! has for a wrong title or field is not known: these are its general ones.

use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::json::{number, text};
use crate::errcode::ApiError;
use crate::world::notice_templates::NoticeTemplate;

const CATEGORY: u64 = 616;
const MAX_PAGE: usize = 30;
/// Characters of what a template is for.
const MAX_SCENE: usize = 15;

/// What the library has.
struct Title {
    tid: u64,
    title: &'static str,
    /// Name, example and rule.
    keywords: &'static [(&'static str, &'static str, &'static str)],
}

const LIBRARY: &[Title] = &[
    Title {
        tid: 99,
        title: "付款成功通知",
        keywords: &[
            ("物品名称", "一壶绿茶", "thing"),
            ("付款金额", "12元", "amount"),
            ("付款时间", "2025年1月1日", "date"),
        ],
    },
    Title {
        tid: 100,
        title: "订单发货通知",
        keywords: &[("订单号", "A42", "character_string"), ("物品名称", "一壶绿茶", "thing")],
    },
];

pub(super) fn categories(_: &mut Call<'_>) -> Result<Answer, ApiError> {
    done(json!([{ "id": CATEGORY, "name": "公交" }]), None)
}

pub(super) fn titles(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let number = |name| call.query(name).and_then(|text| text.parse::<usize>().ok());
    let ids = call.query("ids").ok_or(ApiError::code(40035))?;
    let (start, limit) = number("start").zip(number("limit")).ok_or(ApiError::code(40035))?;
    if limit > MAX_PAGE {
        return Err(ApiError::code(40035));
    }
    let fits = ids.split(',').any(|id| id == CATEGORY.to_string());
    let all: Vec<_> = LIBRARY.iter().filter(|_| fits).collect();
    let page = all.iter().skip(start).take(limit).map(|Title { tid, title, .. }| {
        json!({ "tid": tid, "title": title, "type": 2, "categoryId": CATEGORY.to_string() })
    });
    done(page.collect(), Some(all.len()))
}

pub(super) fn keywords(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let title = title(call.query("tid"))?;
    let keywords = title.keywords.iter().zip(1..).map(|((name, example, rule), kid)| {
        json!({ "kid": kid, "name": name, "example": example, "rule": rule })
    });
    done(keywords.collect(), Some(title.keywords.len()))
}

pub(super) fn add(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let tid = number(&body, "tid").map(|tid| tid.to_string());
    let title = title(tid.as_deref())?;
    text(&body, "sceneDesc")
        .filter(|scene| scene.chars().count() <= MAX_SCENE)
        .ok_or(ApiError::code(40035))?;
    let kids = body["kidList"].as_array().filter(|kids| !kids.is_empty());
    let kids = kids.ok_or(ApiError::code(40035))?.iter().map(|kid| {
        let place = kid.as_u64()?.checked_sub(1)?;
        title.keywords.get(usize::try_from(place).ok()?)
    });
    let keywords = kids.collect::<Option<Vec<_>>>().ok_or(ApiError::code(40035))?;
    let line = |value: &dyn Fn(usize) -> String| {
        let lines = keywords.iter().enumerate();
        lines.map(|(at, (name, ..))| format!("{name}:{}\n", value(at))).collect::<String>()
    };
    let template = NoticeTemplate {
        title: title.title.to_owned(),
        content: line(&|at| format!("{{{{{}{}.DATA}}}}", keywords[at].2, at + 1)),
        example: line(&|at| keywords[at].1.to_owned()),
    };
    let id = call.world.random_text(43);
    call.world.notice_templates.insert(id.clone(), template);
    Ok(Answer::Data(json!({ "errcode": 0, "errmsg": "ok", "priTmplId": id })))
}

pub(super) fn list(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let all = call.world.notice_templates.iter().map(|(id, template)| {
        let NoticeTemplate { title, content, example } = template;
        json!({ "priTmplId": id, "title": title, "content": content, "example": example, "type": 2 })
    });
    done(all.collect(), None)
}

pub(super) fn delete(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let id = text(&body, "priTmplId").ok_or(ApiError::code(40036))?;
    call.world.notice_templates.remove(id).ok_or(ApiError::code(40037))?;
    Ok(Answer::Done)
}

fn title(tid: Option<&str>) -> Result<&'static Title, ApiError> {
    let mut titles = LIBRARY.iter();
    titles.find(|title| tid == Some(&title.tid.to_string())).ok_or(ApiError::code(40037))
}

fn done(data: Value, count: Option<usize>) -> Result<Answer, ApiError> {
    let mut answer = json!({ "errcode": 0, "errmsg": "ok", "data": data });
    if let Some(count) = count {
        answer["count"] = count.into();
    }
    Ok(Answer::Data(answer))
}
