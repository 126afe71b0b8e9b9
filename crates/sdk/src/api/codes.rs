//! The errcodes of protocol sections 7.1, 7.2 and 7.3: what each means, and what helps.

/// Meaning and cure of a code; both empty for one that the protocol page does not list.
pub(super) fn look_up(code: i64) -> (&'static str, &'static str) {
    let found = CODES.iter().find(|(first, last, ..)| (*first..=*last).contains(&code));
    found.map_or(("", ""), |(_, _, meaning, cure)| (meaning, cure))
}

/// Whether a code is about the address that the call came from.
pub(super) fn is_about_the_address(code: i64) -> bool {
    matches!(code, 40164 | 61004)
}

/// First code, last code, meaning, cure. The first range that holds a code counts, so a single
/// code stands above the range that it is in.
type Code = (i64, i64, &'static str, &'static str);

const CODES: &[Code] = &[
    (-1, -1, "WeChat is busy", "try again in a while"),
    (0, 0, "it was done", ""),
    (40001, 40001, "the secret is wrong, or the token not the latest one", SECRET),
    (40002, 40002, "the grant type is wrong", BUG),
    (40003, 40003, "the openid is not one of this account's", "drop the message"),
    (40004, 40004, "the media type is wrong", ""),
    (40005, 40005, "the file type is wrong", ""),
    (40006, 40006, "the file size is wrong", ""),
    (40007, 40007, "the media id is wrong or too old", "upload the file again"),
    (40008, 40008, "the message type is wrong", BUG),
    (40009, 40009, "the image is too big", ""),
    (40010, 40010, "the voice message is too big", ""),
    (40011, 40011, "the video is too big", ""),
    (40012, 40012, "the cover is too big", ""),
    (40013, 40013, "the app id is wrong", "correct `app_id` in bot.toml"),
    (40014, 40014, "the token is invalid", ""),
    (40015, 40028, "the menu is not well formed", "WeChat's message names the part"),
    (40029, 40029, "the login code is invalid", "let the follower log in again"),
    (40033, 40033, r"a character is not allowed, or written as \u", BUG),
    (40035, 40035, "a parameter is wrong", ""),
    (40036, 40036, "the template id has a wrong length", ""),
    (40037, 40037, "there is no such template", ""),
    (40054, 40055, "the domain of a menu's URL is wrong", "correct the URL"),
    (40125, 40125, "the secret is wrong", SECRET),
    (40132, 40132, "the WeChat id is wrong", ""),
    (40137, 40137, "this format of picture is not supported", ""),
    (40155, 40155, "the content links to another account's home page", "take the link out"),
    (40163, 40163, "the login code was used before", "let the follower log in again"),
    (40164, 40164, "the address is not in the white list", WHITE_LIST),
    (40200, 40200, "this type of account may not do that", UNAUTHORIZED),
    (40201, 40201, "the account has no callback URL", "set it in WeChat's console"),
    (40202, 40202, "the action of the check is wrong", BUG),
    (40203, 40203, "the operator of the check is wrong", BUG),
    (40243, 40243, "the secret is frozen", "unfreeze it in WeChat's console"),
    (41001, 41001, "the token is missing", BUG),
    (41002, 41002, "the app id is missing", "set `app_id` in bot.toml"),
    (41004, 41004, "the secret is missing", "set `app_secret` in bot.toml"),
    (41005, 41005, "the file is missing, or has no name", ""),
    (41006, 41006, "the media id is missing", ""),
    (41009, 41009, "the openid is missing", ""),
    (42001, 42001, "the token has expired", ""),
    (
        42007,
        42007,
        "the login is void, as the password was changed",
        "let the follower log in again",
    ),
    (43002, 43002, "it has to be a POST", BUG),
    (43003, 43003, "it has to be HTTPS", "correct `api_base` in bot.toml"),
    (43004, 43004, "the follower does not follow the account", "drop the message"),
    (43019, 43019, "the follower is on the blacklist", "drop the message"),
    (
        43101,
        43101,
        "the follower refuses, or has no subscription left",
        "wait for a new subscription",
    ),
    (44001, 44001, "the file is empty", ""),
    (44002, 44002, "the body is empty", BUG),
    (44003, 44003, "the article is empty", ""),
    (44004, 44004, "the text is empty", ""),
    (45001, 45001, "the file is too big", ""),
    (45002, 45002, "the content is too long", "split it"),
    (45003, 45003, "the title is too long", ""),
    (45004, 45004, "the description is too long", ""),
    (45007, 45007, "the voice message is longer than 60 s", ""),
    (
        45008,
        45008,
        "there are too many articles",
        "one is all that a customer-service message may have",
    ),
    (45009, 45009, "the calls of the day are used up", "wait for midnight, or clear the quota"),
    (45010, 45010, "the menu has too many entries", ""),
    (45011, 45011, "there are too many calls in this minute", "slow down"),
    (45015, 45015, "the 48 h or the minute to write to the follower are over", WAIT),
    (45047, 45047, "no more messages may be sent until the follower does something", WAIT),
    (45056, 45059, "too many tags, too many followers under one, or a tag of the system", ""),
    (45064, 45064, "the menu has a mini program that is not linked to the account", "link it"),
    (45065, 45065, "the clientmsgid was used before", ""),
    (45066, 45066, "it was tried again too soon", "slow down"),
    (45067, 45067, "the clientmsgid is too long", ""),
    (45072, 45072, "the typing command is wrong", BUG),
    (45080, 45080, "typing needs an exchange in the last 30 s", ""),
    (45081, 45081, "typing is shown already", ""),
    (45087, 45087, "customer-service messages of this account are blocked", "see WeChat's console"),
    (45098, 45098, "the list of the menu message is too long", ""),
    (45099, 45099, "an item of the menu message is too long", ""),
    (45157, 45159, "the tag's name is taken, too long or wrong, or there is no such tag", ""),
    (46003, 46003, "there is no menu", "create one"),
    (46004, 46004, "there is no such user", ""),
    (47001, 47001, "the JSON can't be read", BUG),
    (47002, 47002, r"a character is written as \u", BUG),
    (
        47003,
        47003,
        "a field of the template is empty or against its rules",
        "WeChat names the field",
    ),
    (48001, 48001, "the account is not authorised for this call", UNAUTHORIZED),
    (48002, 48002, "the follower refuses messages", "drop the message"),
    (48004, 48004, "this call is banned for the account", "see WeChat's console"),
    (48006, 48006, "the quota was cleared 10 times this month", "wait for the next month"),
    (48008, 48008, "the account may not send this type of message", ""),
    (50001, 50001, "the follower did not authorise this", ""),
    (50002, 50002, "the follower's account is frozen", "drop the message"),
    (50004, 50004, "the account may not use tokens", "see WeChat's console"),
    (50005, 50005, "the follower does not follow the account", "drop the message"),
    (50007, 50007, "the account is frozen", "see WeChat's console"),
    (53500, 53500, "publishing is banned", "see WeChat's console"),
    (53501, 53501, "publishing is too frequent", "slow down"),
    (53502, 53502, "the publish id is wrong", ""),
    (53503, 53503, "the draft did not pass the check", "correct the draft"),
    (53504, 53504, "the draft has to be used on the web", "use WeChat's console"),
    (53505, 53505, "the draft has to be saved by hand first", "use WeChat's console"),
    (53600, 53600, "the article id is wrong", ""),
    (61004, 61004, "the address is not in the white list", WHITE_LIST),
    (61007, 61007, "the platform is not authorised for this call", ""),
    (61451, 61451, "a parameter of the customer-service account is wrong", ""),
    (61452, 61452, "there is no such customer-service account", ""),
    (61453, 61453, "the customer-service account exists", ""),
    (61454, 61454, "the customer-service account's name is too long", ""),
    (61455, 61455, "the customer-service account's name has a character that is not allowed", ""),
    (61456, 61456, "there are more than 10 customer-service accounts", ""),
    (61450, 61457, "something is wrong with the customer-service account", ""),
    (65303, 65303, "there is no default menu yet", "create it first"),
    (65304, 65304, "the match rule is empty", ""),
    (65305, 65305, "there are too many conditional menus", "delete some"),
    (65316, 65316, "the menu leads to more than three domains", ""),
    (65320, 65320, "the match rule has a field that was abolished", "take it out"),
    (65301, 65320, "something is wrong with the conditional menu", ""),
    (65400, 65400, "customer service is not enabled", "enable it in WeChat's console"),
    (65401, 65401, "the customer-service account is invalid", ""),
    (65413, 65413, "there is no such session", ""),
    (65414, 65414, "somebody else serves the follower", ""),
    (65415, 65415, "the customer-service agent is offline", ""),
    (65417, 65417, "the time range is too long", "ask for less than 24 h"),
    (65400, 65417, "something is wrong with customer service", ""),
    (70000, 70000, "refused to protect minors", "drop the message"),
    (76022, 76022, "this path has no quota to ask for", ""),
    (87009, 87009, "the signature is invalid", ""),
    (87014, 87014, "the content is risky", "drop the message"),
    (89503, 89503, "the address waits for the administrator", CONFIRM),
    (89506, 89506, "the administrator refused the address", "ask again after 24 h"),
    (89507, 89507, "the administrator refused the address", "ask again after an hour"),
    (89501, 89507, "the address has to be confirmed by the administrator", CONFIRM),
];

const BUG: &str = "this is a mistake in the call";
const SECRET: &str = "if this stays, correct `app_secret` in bot.toml";
const WHITE_LIST: &str = "add this machine's address to the account's IP white list";
const UNAUTHORIZED: &str = "WeChat's console shows what the account may call";
const WAIT: &str = "wait until the follower writes";
const CONFIRM: &str = "the administrator confirms it in WeChat";

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
            let (meaning, _) = look_up(code);
            assert_eq!(!meaning.is_empty(), listed, "{code}");
        }
    }

    #[test]
    fn no_line_is_hidden_behind_another() {
        for (at, (first, last, meaning, _)) in CODES.iter().enumerate() {
            let seen = (*first..=*last).any(|code| look_up(code).0 == *meaning);
            assert!(seen && first <= last, "line {at}: {first}");
        }
    }

    #[test]
    fn texts_go_into_the_middle_of_a_sentence() {
        for (code, _, meaning, cure) in CODES {
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
}
