//! Which rule of the protocol page is tested where. A line without its test is a failure.

use std::path::Path;

/// Section, rule, and the test that holds the simulation to it.
const RULES: &[(&str, &str, &str)] = &[
    ("1", "the GET wants the echostr verbatim", "the_handshake_wants_the_echostr_and_nothing_else"),
    ("1", "parts are sorted by bytes", "wechats_own_examples_are_reproduced"),
    ("2.1", "parameters of each mode", "every_mode_and_format_is_signed_sealed_and_answered"),
    (
        "2.2",
        "bodies of each mode",
        "a_safe_body_shows_the_receiver_alone_and_a_compatible_one_everything",
    ),
    ("2.2", "the query and the body of known answers", "a_safe_request_is_the_known_one"),
    ("2.2", "JSON has the same names", "json_has_the_same_names_and_numbers_as_numbers"),
    ("2.4", "`success` and nothing end it, unsealed too", "safe_mode_wants_a_seal_that_opens"),
    ("2.4", "compatible mode takes both", "compatible_mode_takes_both"),
    ("2.4", "nothing stands before the root", "an_abnormal_answer_is_a_notice"),
    ("2.5", "cause 1: no answer", "what_is_not_answered_is_delivered_three_times_5_seconds_apart"),
    ("2.5", "causes 2 to 4: abnormal bodies", "an_abnormal_answer_is_a_notice"),
    ("2.5", "cause 5: errors, retried or not", "an_error_is_retried_or_not"),
    ("2.5", "cause 6: seals", "safe_mode_wants_a_seal_that_opens"),
    ("2.5", "background events show no notice", "background_events_show_no_notice_and_no_reply"),
    (
        "2.6",
        "three deliveries, 5 s each, one MsgId",
        "what_is_not_answered_is_delivered_three_times_5_seconds_apart",
    ),
    ("2.6", "an answer to a repeat counts", "an_answer_to_a_repeat_is_the_answer"),
    ("2.6", "`success` ends the repeats", "success_and_silence_end_the_repeats"),
    ("2.6", "the same query, or a fresh one", "a_repeat_has_the_same_query_or_a_fresh_one"),
    ("2.6", "no order is promised", "a_repeat_can_be_overtaken_by_the_next_act"),
    ("3", "bodies of messages", "messages_are_written_as_the_documents_print_them"),
    (
        "3",
        "MsgId is a rising 64-bit number, events have none",
        "messages_have_rising_ids_and_events_have_none",
    ),
    ("3.1", "a tapped item carries bizmsgmenuid", "a_menu_item_in_a_reply_can_be_tapped"),
    ("4", "bodies of events", "events_are_written_as_the_documents_print_them"),
    ("4", "which events take an answer", "events_of_the_chat_are_answered_there"),
    ("4.1", "scanning is `subscribe` or `SCAN`", "scanning_subscribes_who_does_not_follow"),
    ("4.1", "who unfollowed gets nothing", "who_unfollowed_meanwhile_sees_nothing"),
    ("4.4", "TEMPLATESENDJOBFINISH", "a_template_message_is_shown_and_its_end_is_told_later"),
    ("4.4", "`failed:user block`", "who_refuses_templates_gets_none_and_the_event_says_so"),
    (
        "4.5",
        "notices' events, with no wrapper in JSON",
        "a_notice_needs_a_subscription_and_uses_it_up",
    ),
    ("5", "kinds of replies", "every_kind_of_reply_is_shown"),
    ("5", "one article for a message, eight for an event", "surplus_articles_are_cut_off"),
    ("5.1", "2048 bytes of text", "an_abnormal_answer_is_a_notice"),
    ("5.1", "2048 bytes of text, cut", "a_long_text_can_be_cut_instead"),
    ("5.1", "links", "a_link_shows_its_label"),
    ("5.1", "mini program links", "a_mini_program_link_says_which"),
    ("5.1", "menu links", "a_menu_item_can_be_tapped"),
    ("5.1", "CDATA or not", "text_is_the_same_with_and_without_cdata"),
    ("5.1", "characters that XML forbids", "broken_xml_is_malformed"),
    ("6", "known answers", "what_others_sealed_opens_and_is_sealed_to_the_same_bytes"),
    ("6", "what must be refused", "what_must_be_refused_is_refused"),
    ("6.4", "the JSON envelope", "a_json_account_takes_the_json_envelope"),
    ("7", "no `\\uXXXX`, broken JSON", "a_body_is_an_object_in_plain_utf8"),
    (
        "7",
        "errors with status 200 and a rid",
        "what_is_wrong_with_a_call_is_said_with_status_200_and_a_rid",
    ),
    ("7.1", "plain tokens", "a_plain_token_is_new_each_time_and_the_old_one_lives_5_minutes"),
    ("7.1", "stable tokens", "a_stable_token_is_the_same_until_its_last_5_minutes"),
    ("7.1", "forced refreshes", "a_forced_refresh_kills_the_old_one_at_once_but_not_too_often"),
    ("7.1", "the two kinds are separate", "the_two_kinds_know_nothing_of_each_other"),
    ("7.1", "who gets a token", "a_token_is_given_to_who_knows_the_secret"),
    ("7.1", "40164 names the address", "a_white_list_says_which_address_it_saw"),
    ("7.3", "types of messages", "every_type_is_shown"),
    ("7.3", "what is refused", "what_is_wrong_with_a_message_is_said"),
    ("7.3", "5 messages within 48 hours", "five_messages_within_48_hours_after_a_message"),
    ("7.3", "the window's end", "the_window_closes_after_48_hours"),
    ("7.3", "3 messages within a minute", "three_messages_within_a_minute_after_a_touch"),
    ("7.3", "what does not open the window", "what_opens_nothing_opens_nothing"),
    ("7.3", "payments", "a_payment_allows_any_number"),
    ("7.3", "the better of two acts", "the_better_of_two_acts_counts"),
    ("7.3", "passive replies do not count", "a_passive_reply_does_not_count"),
    ("7.3", "43004 and 40003", "only_a_follower_can_be_written_to"),
    ("7.3", "no msgmenu for test accounts", "a_test_account_has_no_menu_messages"),
    ("7.3", "typing", "typing_is_shown_for_15_seconds_or_until_a_message"),
    ("7.4", "client_msg_id", "the_same_client_msg_id_is_sent_once_in_10_minutes"),
    ("7.4", "what is refused", "what_is_wrong_with_a_template_message_is_said"),
    ("7.6", "limits", "a_menu_has_limits"),
    ("7.6", "limits of conditional menus", "a_conditional_menu_has_limits_of_its_own"),
    ("7.6", "from the newest to the oldest", "the_newest_menu_that_fits_is_seen"),
    ("7.6", "delete deletes all", "the_newest_menu_that_fits_is_seen"),
    ("7.7", "types and sizes", "an_upload_has_a_type_a_name_and_a_size"),
    ("7.7", "three days", "what_is_uploaded_can_be_fetched_for_three_days"),
    ("7.7", "a follower's media", "media_of_a_follower_is_good_for_three_days"),
    (
        "7.7",
        "videos and thumbs",
        "a_video_is_fetched_by_an_address_and_a_thumb_has_an_id_of_another_name",
    ),
    ("7.7", "material", "material_stays_until_it_is_deleted"),
    ("7.7", "pictures of articles", "a_picture_for_an_article_is_smaller_than_1_mb"),
    ("7.8", "users", "a_follower_has_no_name_any_more_but_a_time_and_a_remark"),
    ("7.8", "the list of users", "followers_are_listed_and_strangers_are_not"),
    ("7.8", "tags", "tags_are_made_given_taken_and_deleted"),
    ("7.8", "100 tags, 20 each", "there_are_100_tags_at_most_and_20_for_one_follower"),
    ("7.9", "codes", "scanning_a_code_tells_the_bot_its_scene"),
    ("7.9", "limits of scenes", "a_scene_has_limits"),
    ("7.15", "quotas", "a_daily_limit_ends_at_midnight_in_china"),
    ("7.15", "clear_quota ten times a month", "quotas_are_cleared_ten_times_a_month"),
    ("7.15", "callback/check", "the_address_can_be_checked"),
    ("8.2", "who may call what", "each_kind_of_account_may_call_what_the_table_says"),
];

fn sources(folder: &Path, text: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, text);
        } else {
            text.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn every_rule_has_its_test() {
    let mut text = String::new();
    for folder in ["src", "tests"] {
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut text);
    }
    for (section, rule, test) in RULES {
        assert!(text.contains(&format!("fn {test}()")), "{section}, {rule}: there is no `{test}`");
    }
}
