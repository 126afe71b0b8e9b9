//! WeChat's error codes, and the text of each (section 7.2).

/// A call's failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiError {
    pub(crate) errcode: i64,
    /// Without the `rid` that follows it.
    pub(crate) errmsg: String,
}

impl ApiError {
    /// With WeChat's text for the code.
    pub(crate) fn code(errcode: i64) -> Self {
        let found = TEXTS.iter().find(|(code, _)| *code == errcode);
        Self::with_text(errcode, found.map_or("unknown error", |(_, text)| text))
    }

    pub(crate) fn with_text(errcode: i64, errmsg: impl Into<String>) -> Self {
        Self { errcode, errmsg: errmsg.into() }
    }
}

const TEXTS: &[(i64, &str)] = &[
    (-1, "system error"),
    (40001, "invalid credential, access_token is invalid or not latest"),
    (40002, "invalid grant_type"),
    (40003, "invalid openid"),
    (40004, "invalid media type"),
    (40005, "invalid file type"),
    (40006, "invalid file size"),
    (40007, "invalid media_id"),
    (40008, "invalid message type"),
    (40009, "invalid image size"),
    (40010, "invalid voice size"),
    (40011, "invalid video size"),
    (40012, "invalid thumb size"),
    (40013, "invalid appid"),
    (40014, "invalid access_token"),
    (40015, "invalid menu type"),
    (40016, "invalid button size"),
    (40017, "invalid button type"),
    (40018, "invalid button name size"),
    (40019, "invalid button key size"),
    (40020, "invalid button url size"),
    (40022, "invalid sub button level"),
    (40023, "invalid sub button size"),
    (40024, "invalid sub button type"),
    (40025, "invalid sub button name size"),
    (40026, "invalid sub button key size"),
    (40027, "invalid sub button url size"),
    (40033, "invalid charset, do not use \\uxxxx"),
    (40035, "invalid parameter"),
    (40036, "invalid template_id size"),
    (40037, "invalid template_id"),
    (40054, "invalid sub button url domain"),
    (40055, "invalid button url domain"),
    (40066, "invalid url"),
    (40125, "invalid appsecret"),
    (40137, "invalid image format"),
    (40164, "invalid ip, not in whitelist"),
    (40201, "no callback url"),
    (40202, "invalid action"),
    (40203, "invalid check_operator"),
    (41001, "access_token missing"),
    (41002, "appid missing"),
    (41004, "appsecret missing"),
    (41005, "media data missing"),
    (41006, "media_id missing"),
    (41009, "openid missing"),
    (42001, "access_token expired"),
    (43001, "require GET method"),
    (43002, "require POST method"),
    (43004, "require subscribe"),
    (43101, "user refuse to accept the msg"),
    (44001, "empty media data"),
    (44002, "empty post data"),
    (44003, "empty news data"),
    (44004, "empty content"),
    (45001, "media size out of limit"),
    (45002, "content size out of limit"),
    (45003, "title size out of limit"),
    (45008, "article size out of limit"),
    (45009, "reach max api daily quota limit"),
    (45015, "response out of time limit or subscription is canceled"),
    (45047, "out of response count limit"),
    (45056, "too many tag now, no need to add new"),
    (45057, "can't modify sys tag"),
    (45058, "can't modify sys tag"),
    (45059, "user has too many tags"),
    (45072, "invalid command"),
    (45080, "not in the typing window"),
    (45081, "already typing"),
    (45157, "invalid tag name"),
    (45158, "tag name too long"),
    (45159, "invalid tag id"),
    (46003, "menu no exist"),
    (47001, "data format error"),
    (
        47002,
        "data format error, do NOT use json unicode encode (\\uxxxx\\uxxxx), please use utf8 encoded text instead",
    ),
    (47003, "argument invalid"),
    (48001, "api unauthorized"),
    (48006, "forbid to clear quota because of reaching the limit"),
    (48008, "no permission for this msgtype"),
    (53600, "invalid article_id"),
    (61451, "invalid parameter"),
    (61452, "invalid kf_account"),
    (65301, "menuid not exist"),
    (65303, "there is no selfmenu, please create selfmenu first"),
    (65304, "match rule empty"),
    (65316, "the domains in the menu exceed the limit of 3"),
    (65320, "matchrule holds an abolished field"),
    (76022, "this path cannot be queried"),
];
