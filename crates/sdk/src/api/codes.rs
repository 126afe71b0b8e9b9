//! The errcodes of protocol sections 7.1, 7.2 and 7.3: what each means, what helps, and what a
//! caller may do about it. This table is the only place that knows them by number.

use std::time::Duration;

use super::class::Class::{self, *};

/// What the protocol page says of a code, or of a range of them.
pub(super) struct Errcode {
    first: i64,
    last: i64,
    /// What is known of a call that was refused with it.
    pub(super) class: Class,
    /// In the middle of a sentence; empty for a code that is not listed.
    pub(super) meaning: &'static str,
    /// What to do about it; may be empty. [`ADDRESS`] stands for the address in the errmsg.
    pub(super) cure: &'static str,
    /// How long asking again is in vain, where that is known.
    pub(super) retry_after: Option<Duration>,
}

/// What the table says of a code. One that is not listed will not do better a second time.
pub(super) fn look_up(code: i64) -> &'static Errcode {
    const UNLISTED: Errcode = one(0, Permanent, "", "");
    CODES.iter().find(|errcode| errcode.covers(code)).unwrap_or(&UNLISTED)
}

const fn one(code: i64, class: Class, meaning: &'static str, cure: &'static str) -> Errcode {
    range(code, code, class, meaning, cure)
}

const fn range(
    first: i64,
    last: i64,
    class: Class,
    meaning: &'static str,
    cure: &'static str,
) -> Errcode {
    Errcode { first, last, class, meaning, cure, retry_after: None }
}

impl Errcode {
    const fn after(self, seconds: u64) -> Self {
        Self { retry_after: Some(Duration::from_secs(seconds)), ..self }
    }

    fn covers(&self, code: i64) -> bool {
        (self.first..=self.last).contains(&code)
    }
}

/// The first entry that covers a code counts, so a single code stands above the range it is in.
#[rustfmt::skip] // a line each, to be read as a table
const CODES: &[Errcode] = &[
    one(-1, Transient, "WeChat is busy", "try again in a while"),
    one(0, Permanent, "it was done", ""),
    one(40001, TokenSpent, "the secret is wrong, or the token is not the latest", SECRET),
    one(40002, Permanent, "the grant type is wrong", BUG),
    one(40003, Permanent, "the openid is not one of this account's", "drop the message"),
    one(40004, Permanent, "the media type is wrong", ""),
    one(40005, Permanent, "the file type is wrong", ""),
    one(40006, Permanent, "the file size is wrong", ""),
    one(40007, Permanent, "the media id is wrong or too old", "upload the file again"),
    one(40008, Permanent, "the message type is wrong", BUG),
    one(40009, Permanent, "the image is too big", ""),
    one(40010, Permanent, "the voice message is too big", ""),
    one(40011, Permanent, "the video is too big", ""),
    one(40012, Permanent, "the cover is too big", ""),
    one(40013, OperatorMustFix, "the app id is wrong", "correct `app_id` in bot.toml"),
    one(40014, TokenSpent, "the token is invalid", ""),
    range(40015, 40028, Permanent, "the menu is not well formed", "WeChat's message names the part"),
    one(40029, Permanent, "the login code is invalid", "let the follower log in again"),
    one(40033, Permanent, r"a character is not allowed, or written as \u", BUG),
    one(40035, Permanent, "a parameter is wrong", ""),
    one(40036, Permanent, "the template id has a wrong length", ""),
    one(40037, Permanent, "there is no such template", ""),
    range(40054, 40055, Permanent, "the domain of a menu's URL is wrong", "correct the URL"),
    one(40125, OperatorMustFix, "the secret is wrong", SECRET),
    one(40132, Permanent, "the WeChat id is wrong", ""),
    one(40137, Permanent, "this format of picture is not supported", ""),
    one(40155, Permanent, "the content links to another account's home page", "take the link out"),
    one(40163, Permanent, "the login code was used before", "let the follower log in again"),
    one(40164, OperatorMustFix, "the address is not in the white list", WHITE_LIST),
    one(40200, NotAllowed, "this type of account may not do that", UNAUTHORIZED),
    one(40201, OperatorMustFix, "the account has no callback URL", "set it in WeChat's console"),
    one(40202, Permanent, "the action of the check is wrong", BUG),
    one(40203, Permanent, "the operator of the check is wrong", BUG),
    one(40243, OperatorMustFix, "the secret is frozen", "unfreeze it in WeChat's console"),
    one(41001, Permanent, "the token is missing", BUG),
    one(41002, OperatorMustFix, "the app id is missing", "set `app_id` in bot.toml"),
    one(41004, OperatorMustFix, "the secret is missing", "set `app_secret` in bot.toml"),
    one(41005, Permanent, "the file is missing, or has no name", ""),
    one(41006, Permanent, "the media id is missing", ""),
    one(41009, Permanent, "the openid is missing", ""),
    one(42001, TokenSpent, "the token has expired", ""),
    one(42007, Permanent, "the login is void, as the password was changed", "let the follower log in again"),
    one(43002, Permanent, "it has to be a POST", BUG),
    one(43003, OperatorMustFix, "it has to be HTTPS", "correct `api_base` in bot.toml"),
    one(43004, Permanent, "the follower does not follow the account", "drop the message"),
    one(43019, Permanent, "the follower is on the blacklist", "drop the message"),
    one(43101, Permanent, "the follower refuses, or has no subscription left", "wait for a new subscription"),
    one(44001, Permanent, "the file is empty", ""),
    one(44002, Permanent, "the body is empty", BUG),
    one(44003, Permanent, "the article is empty", ""),
    one(44004, Permanent, "the text is empty", ""),
    one(45001, Permanent, "the file is too big", ""),
    one(45002, Permanent, "the content is too long", "split it"),
    one(45003, Permanent, "the title is too long", ""),
    one(45004, Permanent, "the description is too long", ""),
    one(45007, Permanent, "the voice message is longer than 60 s", ""),
    one(45008, Permanent, "there are too many articles", "one is all that a customer-service message may have"),
    one(45009, Quota, "the calls of the day are used up", "wait for midnight, or clear the quota"),
    one(45010, Permanent, "the menu has too many entries", ""),
    one(45011, Quota, "there are too many calls in this minute", "slow down").after(MINUTE),
    one(45015, FollowerLimit, "the 48 h or the minute for writing to the follower are over", WAIT),
    one(45047, FollowerLimit, "no more messages may be sent until the follower does something", WAIT),
    range(45056, 45059, Permanent, "too many tags, too many followers under one, or a tag of the system", ""),
    one(45064, Permanent, "the menu has a mini program that is not linked to the account", "link it"),
    one(45065, Permanent, "the clientmsgid was used before", ""),
    one(45066, Quota, "it was tried again too soon", "slow down"),
    one(45067, Permanent, "the clientmsgid is too long", ""),
    one(45072, Permanent, "the typing command is wrong", BUG),
    one(45080, FollowerLimit, "typing needs an exchange in the last 30 s", ""),
    one(45081, FollowerLimit, "typing is shown already", ""),
    one(45087, NotAllowed, "customer-service messages of this account are blocked", "see WeChat's console"),
    one(45098, Permanent, "the list of the menu message is too long", ""),
    one(45099, Permanent, "an item of the menu message is too long", ""),
    range(45157, 45159, Permanent, "the tag's name is taken, too long or wrong, or there is no such tag", ""),
    one(46003, Permanent, "there is no menu", "create one"),
    one(46004, Permanent, "there is no such user", ""),
    one(47001, Permanent, "the JSON can't be read", BUG),
    one(47002, Permanent, r"a character is written as \u", BUG),
    one(47003, Permanent, "a field of the template is empty or against its rules", "WeChat names the field"),
    one(48001, NotAllowed, "the account is not authorised for this call", UNAUTHORIZED),
    one(48002, Permanent, "the follower refuses messages", "drop the message"),
    one(48004, NotAllowed, "this call is banned for the account", "see WeChat's console"),
    one(48006, Quota, "the quota was cleared 10 times this month", "wait for the next month"),
    one(48008, Permanent, "the account may not send this type of message", ""),
    one(50001, Permanent, "the follower did not authorise this", ""),
    one(50002, Permanent, "the follower's account is frozen", "drop the message"),
    one(50004, OperatorMustFix, "the account may not use tokens", "see WeChat's console"),
    one(50005, Permanent, "the follower does not follow the account", "drop the message"),
    one(50007, OperatorMustFix, "the account is frozen", "see WeChat's console"),
    one(53500, NotAllowed, "publishing is banned", "see WeChat's console"),
    one(53501, Quota, "publishing is too frequent", "slow down"),
    one(53502, Permanent, "the publish id is wrong", ""),
    one(53503, Permanent, "the draft did not pass the check", "correct the draft"),
    one(53504, Permanent, "the draft has to be used on the web", "use WeChat's console"),
    one(53505, Permanent, "the draft has to be saved by hand first", "use WeChat's console"),
    one(53600, Permanent, "the article id is wrong", ""),
    one(61004, OperatorMustFix, "the address is not in the white list", WHITE_LIST),
    one(61007, NotAllowed, "the platform is not authorised for this call", ""),
    one(61451, Permanent, "a parameter of the customer-service account is wrong", ""),
    one(61452, Permanent, "there is no such customer-service account", ""),
    one(61453, Permanent, "the customer-service account exists", ""),
    one(61454, Permanent, "the customer-service account's name is too long", ""),
    one(61455, Permanent, "the customer-service account's name has a character that is not allowed", ""),
    one(61456, Permanent, "there are more than 10 customer-service accounts", ""),
    range(61450, 61457, Permanent, "something is wrong with the customer-service account", ""),
    one(65303, Permanent, "there is no default menu yet", "create it first"),
    one(65304, Permanent, "the match rule is empty", ""),
    one(65305, Permanent, "there are too many conditional menus", "delete some"),
    one(65316, Permanent, "the menu leads to more than three domains", ""),
    one(65320, Permanent, "the match rule has a field that was abolished", "take it out"),
    range(65301, 65320, Permanent, "something is wrong with the conditional menu", ""),
    one(65400, OperatorMustFix, "customer service is not enabled", "enable it in WeChat's console"),
    one(65401, Permanent, "the customer-service account is invalid", ""),
    one(65413, Permanent, "there is no such session", ""),
    one(65414, Permanent, "somebody else serves the follower", ""),
    one(65415, Permanent, "the customer-service agent is offline", ""),
    one(65417, Permanent, "the time range is too long", "ask for less than 24 h"),
    range(65400, 65417, Permanent, "something is wrong with customer service", ""),
    one(70000, Permanent, "refused to protect minors", "drop the message"),
    one(76022, Permanent, "this path has no quota to ask for", ""),
    one(87009, Permanent, "the signature is invalid", ""),
    one(87014, Permanent, "the content is risky", "drop the message"),
    one(89503, OperatorMustFix, "the address waits for the administrator", CONFIRM).after(ADMINISTRATOR),
    one(89506, OperatorMustFix, "the administrator refused the address", "ask again after 24 h").after(ADMINISTRATOR),
    one(89507, OperatorMustFix, "the administrator refused the address", "ask again after an hour").after(ADMINISTRATOR),
    range(89501, 89507, OperatorMustFix, "the address has to be confirmed by the administrator", CONFIRM).after(ADMINISTRATOR),
];

/// In a cure: the address that WeChat saw, or "this machine's address" where it names none.
pub(super) const ADDRESS: &str = "{address}";

const BUG: &str = "this is a mistake in the call";
const SECRET: &str = "if this stays, correct `app_secret` in bot.toml";
const WHITE_LIST: &str = "add {address} to the account's IP white list";
const UNAUTHORIZED: &str = "WeChat's console shows what the account may call";
const WAIT: &str = "wait until the follower writes";
const CONFIRM: &str = "the administrator confirms it in WeChat";

/// Each call more would ask the administrator again.
const ADMINISTRATOR: u64 = 600;
const MINUTE: u64 = 60;

#[cfg(test)]
mod tests {
    use super::*;

    /// Sections 7.1 and 7.2, as they stand there.
    #[rustfmt::skip]
    const LISTED: &[(i64, i64)] = &[
        (-1, 0), (40001, 40001), (40003, 40028), (40029, 40029), (40163, 40163), (40033, 40033),
        (40035, 40037), (40054, 40055), (40125, 40125), (40132, 40132), (40137, 40137),
        (40155, 40155), (40164, 40164), (41001, 41001), (41005, 41006), (41009, 41009),
        (42001, 42001), (42007, 42007), (43002, 43004), (43019, 43019), (43101, 43101),
        (44001, 44004), (45001, 45004), (45007, 45011), (45015, 45015), (45047, 45047),
        (45056, 45059), (45157, 45159), (45064, 45067), (45072, 45072), (45080, 45081),
        (45087, 45087), (45098, 45099), (46003, 46004), (47001, 47003), (48001, 48002),
        (48004, 48004), (48006, 48006), (48008, 48008), (50001, 50002), (50005, 50005),
        (53500, 53505), (53600, 53600), (61004, 61004), (61007, 61007), (61450, 61457),
        (65400, 65417), (65301, 65320), (70000, 70000), (76022, 76022), (87009, 87009),
        (87014, 87014),
        // 7.1: calls for a token.
        (40002, 40002), (40013, 40013), (40243, 40243), (41002, 41002), (41004, 41004),
        (50004, 50004), (50007, 50007), (89501, 89507),
        // 7.3 and 7.15.
        (40200, 40203),
    ];

    #[test]
    fn every_code_of_the_protocol_page_has_a_meaning_and_no_other_has() {
        for code in -1..100_000 {
            let listed = LISTED.iter().any(|(first, last)| (*first..=*last).contains(&code));
            let meaning = look_up(code).meaning;
            assert_eq!(!meaning.is_empty(), listed, "{code}");
        }
    }

    #[test]
    fn no_line_is_hidden_behind_another() {
        for (at, Errcode { first, last, meaning, .. }) in CODES.iter().enumerate() {
            let seen = (*first..=*last).any(|code| look_up(code).meaning == *meaning);
            assert!(seen && first <= last, "line {at}: {first}");
        }
    }

    #[test]
    fn texts_go_into_the_middle_of_a_sentence() {
        for Errcode { first: code, meaning, cure, .. } in CODES {
            for text in [meaning, cure] {
                assert!(!text.ends_with('.'), "{code}: {text}");
                let first = text.split(' ').next().unwrap_or_default();
                assert!(
                    !first.contains(char::is_uppercase) || first.starts_with("WeChat"),
                    "{code}"
                );
            }
        }
    }

    #[test]
    fn a_code_has_a_class_by_what_can_be_done_about_it() {
        let classes: &[(Class, &[i64])] = &[
            (Transient, &[-1]),
            (TokenSpent, &[40001, 40014, 42001]),
            (Quota, &[45009, 45011, 45066, 48006, 53501]),
            (
                OperatorMustFix,
                &[
                    40013, 40125, 40164, 40201, 40243, 41002, 41004, 43003, 50004, 50007, 61004,
                    65400, 89501, 89502, 89503, 89504, 89505, 89506, 89507,
                ],
            ),
            (NotAllowed, &[40200, 45087, 48001, 48004, 53500, 61007]),
            (FollowerLimit, &[45015, 45047, 45080, 45081]),
        ];
        for code in -2..100_000 {
            let found = classes.iter().find(|(_, codes)| codes.contains(&code));
            let expected = found.map_or(Permanent, |(class, _)| *class);
            assert_eq!(look_up(code).class, expected, "{code}");
        }
    }
}
