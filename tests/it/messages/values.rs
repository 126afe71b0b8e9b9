//! What every fixture is read into, in the order of the protocol page.

use wxbot_sdk::event::{
    Beacon, CopyrightResult, Event, MediaCheckDetail, Picture, PublishedArticle, SentArticle,
    SubscribeChange, SubscribePopup, SubscribeSent,
};
use wxbot_sdk::message::Content;

use super::{fixture, fixtures, read};

/// Section 3.
#[test]
fn messages_of_every_kind_are_read() {
    check(
        "messages/text_from_menu.xml",
        Content::Text { content: "满意".into(), menu_id: Some("101".into()) },
    );
    check(
        "messages/text.xml",
        Content::Text {
            content: " 你好，<b>小店</b> & 大家 😀👨\u{200d}👩\u{200d}👧\n第二行\t".into(),
            menu_id: None,
        },
    );
    check(
        "messages/text.json",
        Content::Text {
            content: " 你好，<b>小店</b> & 大家 😀👨\u{200d}👩\u{200d}👧\n第二行\t".into(),
            menu_id: None,
        },
    );
    check(
        "messages/text_without_cdata.xml",
        Content::Text { content: "5 < 6 & 7 > 6: \"你好\" '&nbsp;' Q&A".into(), menu_id: None },
    );
    check(
        "messages/text_in_two_cdata.xml",
        Content::Text { content: "a]]>b".into(), menu_id: None },
    );
    check(
        "messages/text_from_article.xml",
        Content::Text { content: "这篇写得真好".into(), menu_id: None },
    );
    check(
        "messages/text_unsupported.xml",
        Content::Text {
            content: "【收到不支持的消息类型，暂无法显示】".into(), menu_id: None
        },
    );
    check(
        "messages/image.xml",
        Content::Image {
            pic_url: "http://mmbiz.qpic.cn/mmbiz_jpg/EXAMPLE/0".into(),
            media_id: "imgMEDIA_0001".into(),
        },
    );
    check(
        "messages/image_without_media_id.xml",
        Content::Image {
            pic_url: "http://mmsns.qpic.cn/mmsns/EXAMPLE/0".into(),
            media_id: "".into(),
        },
    );
    check(
        "messages/voice.xml",
        Content::Voice {
            media_id: "voiMEDIA_0001".into(),
            format: "amr".into(),
            media_id_16k: Some("voiMEDIA_0001_16K".into()),
            recognition: None,
        },
    );
    check(
        "messages/voice_with_recognition.xml",
        Content::Voice {
            media_id: "voiMEDIA_0002".into(),
            format: "speex".into(),
            media_id_16k: None,
            recognition: Some("今天营业到几点？".into()),
        },
    );
    check(
        "messages/video.xml",
        Content::Video { media_id: "vidMEDIA_0001".into(), thumb_media_id: "vidTHUMB_0001".into() },
    );
    check(
        "messages/shortvideo.xml",
        Content::ShortVideo {
            media_id: "svdMEDIA_0001".into(),
            thumb_media_id: "svdTHUMB_0001".into(),
        },
    );
    check(
        "messages/location.xml",
        Content::Location {
            latitude: Some(30.27415),
            longitude: Some(120.15515),
            scale: Some(16.0),
            label: "杭州市示例路8号".into(),
        },
    );
    check(
        "messages/location.json",
        Content::Location {
            latitude: Some(30.27415),
            longitude: Some(120.15515),
            scale: Some(16.0),
            label: "杭州市示例路8号".into(),
        },
    );
    check(
        "messages/link.xml",
        Content::Link {
            title: "示例标题".into(),
            description: "示例摘要".into(),
            url: "https://example.com/a?b=1&c=2".into(),
        },
    );
    check(
        "messages/link_without_cdata.xml",
        Content::Link {
            title: "示例标题 & 更多".into(),
            description: "".into(),
            url: "https://example.com/a?b=1&c=2&d=3".into(),
        },
    );
    check(
        "messages/miniprogrampage.xml",
        Content::MiniProgramPage {
            title: "示例卡片".into(),
            app_id: "wx0123456789abcdef".into(),
            page_path: "pages/index/index?id=7".into(),
            thumb_url: "https://example.com/t.png".into(),
            thumb_media_id: "mpTHUMB_0001".into(),
        },
    );
    check(
        "messages/file.xml",
        Content::File {
            title: "report.pdf".into(),
            description: "".into(),
            file_key: "FILEKEY_0001".into(),
            file_md5: "0cc175b9c0f1b6a831c399e269772661".into(),
            file_total_len: Some(20480),
        },
    );
    check(
        "messages/device_text.xml",
        Content::Device {
            kind: "device_text".into(),
            event: None,
            device_type: "gh_5f0c1d2e3a4b".into(),
            device_id: "DEVICE_0001".into(),
            session_id: "9394".into(),
            content: "AQIDBA==".into(),
            open_id: "oTEST_7vQkR2mXw9ZsLbN4cYdEfG".into(),
            op_type: None,
        },
    );
    check(
        "messages/device_event.xml",
        Content::Device {
            kind: "device_event".into(),
            event: Some("bind".into()),
            device_type: "gh_5f0c1d2e3a4b".into(),
            device_id: "DEVICE_0001".into(),
            session_id: "9395".into(),
            content: "".into(),
            open_id: "oTEST_7vQkR2mXw9ZsLbN4cYdEfG".into(),
            op_type: None,
        },
    );
    check(
        "messages/device_status.xml",
        Content::Device {
            kind: "device_status".into(),
            event: Some("subscribe_status".into()),
            device_type: "gh_5f0c1d2e3a4b".into(),
            device_id: "DEVICE_0001".into(),
            session_id: "".into(),
            content: "".into(),
            open_id: "oTEST_7vQkR2mXw9ZsLbN4cYdEfG".into(),
            op_type: Some(1),
        },
    );
    check(
        "messages/hardware.xml",
        Content::Device {
            kind: "hardware".into(),
            event: None,
            device_type: "gh_5f0c1d2e3a4b".into(),
            device_id: "DEVICE_0001".into(),
            session_id: "".into(),
            content: "".into(),
            open_id: "".into(),
            op_type: None,
        },
    );
    check("messages/hologram.xml", Content::Unknown { kind: "Hologram".into() });
    check(
        "messages/component_verify_ticket.xml",
        Content::Unknown { kind: "component_verify_ticket".into() },
    );
}

/// Section 4.1.
#[test]
fn following_and_leaving_are_read() {
    check_event("events/subscribe.xml", Event::Subscribe { scene: None, ticket: None });
    check_event(
        "events/subscribe_by_scan.xml",
        Event::Subscribe { scene: Some("shop-42".into()), ticket: Some("gQTICKET0001".into()) },
    );
    check_event("events/unsubscribe.xml", Event::Unsubscribe {});
    check_event(
        "events/scan.xml",
        Event::Scan { scene: "shop-42".into(), ticket: Some("gQTICKET0001".into()) },
    );
    check_event("events/subscribe_by_product.xml", Event::Subscribe { scene: None, ticket: None });
    check_event("events/subscribe_without_key.xml", Event::Subscribe { scene: None, ticket: None });
}

/// Section 4.2.
#[test]
fn a_position_is_read() {
    check_event(
        "events/location.xml",
        Event::Location {
            latitude: Some(30.27415),
            longitude: Some(120.15515),
            precision: Some(65.0),
        },
    );
    check_event(
        "events/location_without_cdata.xml",
        Event::Location {
            latitude: Some(-30.27415),
            longitude: Some(-120.15515),
            precision: Some(65.0),
        },
    );
}

/// Section 4.3.
#[test]
fn menu_events_are_read() {
    check_event("events/click.xml", Event::Click { key: "BTN_HELP".into() });
    check_event(
        "events/view.xml",
        Event::View { url: "https://example.com/home".into(), menu_id: Some(421234567) },
    );
    check_event(
        "events/view_miniprogram.xml",
        Event::ViewMiniprogram { page_path: "pages/index/index".into(), menu_id: Some(421234567) },
    );
    check_event(
        "events/scancode_waitmsg.xml",
        Event::ScancodeWaitmsg {
            key: "BTN_SCAN".into(),
            scan_type: "qrcode".into(),
            scan_result: "https://example.com/item/9".into(),
        },
    );
    check_event(
        "events/pic_photo_or_album.xml",
        Event::PicPhotoOrAlbum {
            key: "BTN_PIC".into(),
            count: Some(2),
            pictures: vec![
                Picture { md5: "92eb5ffee6ae2fec3ad71c777531578f".into() },
                Picture { md5: "4a8a08f09d37b73795649038408b5f33".into() },
            ],
        },
    );
    check_event(
        "events/location_select.xml",
        Event::LocationSelect {
            key: "BTN_LOC".into(),
            latitude: Some(30.27),
            longitude: Some(120.15),
            scale: Some(15.0),
            label: "杭州市示例路8号".into(),
            poi_name: "".into(),
        },
    );
    check_event(
        "events/location_select_named.xml",
        Event::LocationSelect {
            key: "BTN_LOC".into(),
            latitude: Some(30.28),
            longitude: Some(120.16),
            scale: Some(16.0),
            label: "杭州市示例路9号".into(),
            poi_name: "示例公园".into(),
        },
    );
    check_event(
        "events/scancode_push.xml",
        Event::ScancodePush {
            key: "BTN_SCAN".into(),
            scan_type: "barcode".into(),
            scan_result: "EAN_13,6901234567892".into(),
        },
    );
    check_event(
        "events/pic_sysphoto.xml",
        Event::PicSysphoto {
            key: "BTN_PIC".into(),
            count: Some(1),
            pictures: vec![Picture { md5: "1b5f7c23b5bf75682a53e7b6d163e185".into() }],
        },
    );
    check_event(
        "events/pic_weixin.xml",
        Event::PicWeixin {
            key: "BTN_PIC".into(),
            count: Some(1),
            pictures: vec![
                Picture { md5: "5a75aaca956d97be686719218f275c6b".into() },
                Picture { md5: "c4ca4238a0b923820dcc509a6f75849b".into() },
            ],
        },
    );
    check_event(
        "events/view_without_menu_id.xml",
        Event::View { url: "https://example.com/a?b=1&c=2".into(), menu_id: None },
    );
}

/// Section 4.4.
#[test]
fn results_of_sending_and_publishing_are_read() {
    check_event(
        "events/templatesendjobfinish.xml",
        Event::TemplateSendJobFinish {
            msg_id: Some(3700112233445566778),
            status: "failed:user block".into(),
        },
    );
    check_event(
        "events/templatesendjobfinish_success.xml",
        Event::TemplateSendJobFinish {
            msg_id: Some(3700112233445566779),
            status: "success".into(),
        },
    );
    check_event(
        "events/masssendjobfinish.xml",
        Event::MassSendJobFinish {
            msg_id: Some(1000009876),
            status: "send success".into(),
            total_count: Some(1200),
            filter_count: Some(1180),
            sent_count: Some(1175),
            error_count: Some(5),
            copyright_count: Some(1),
            copyright_results: vec![CopyrightResult {
                article_idx: Some(1),
                user_declare_state: Some(1),
                audit_state: Some(11),
                original_article_url: "https://mp.weixin.qq.com/s/EXAMPLE1".into(),
                original_article_type: Some(1),
                can_reprint: Some(true),
                need_replace_content: Some(false),
                need_show_reprint_source: Some(false),
            }],
            check_state: Some(1),
            article_count: Some(1),
            articles: vec![SentArticle {
                article_idx: Some(1),
                article_url: "https://mp.weixin.qq.com/s/EXAMPLE2".into(),
            }],
        },
    );
    check_event(
        "events/masssendjobfinish_refused.xml",
        Event::MassSendJobFinish {
            msg_id: Some(1000009877),
            status: "err(30003)".into(),
            total_count: Some(0),
            filter_count: Some(0),
            sent_count: Some(0),
            error_count: Some(0),
            copyright_count: Some(2),
            copyright_results: vec![
                CopyrightResult {
                    article_idx: Some(1),
                    user_declare_state: Some(0),
                    audit_state: Some(2),
                    original_article_url: "https://mp.weixin.qq.com/s/ORIGINAL1".into(),
                    original_article_type: Some(1),
                    can_reprint: Some(false),
                    need_replace_content: Some(true),
                    need_show_reprint_source: Some(true),
                },
                CopyrightResult {
                    article_idx: Some(2),
                    user_declare_state: Some(0),
                    audit_state: Some(2),
                    original_article_url: "https://mp.weixin.qq.com/s/ORIGINAL2".into(),
                    original_article_type: Some(2),
                    can_reprint: Some(false),
                    need_replace_content: Some(true),
                    need_show_reprint_source: Some(true),
                },
            ],
            check_state: Some(3),
            article_count: Some(0),
            articles: vec![],
        },
    );
    check_event(
        "events/masssendjobfinish_old.xml",
        Event::MassSendJobFinish {
            msg_id: Some(1988),
            status: "sendsuccess".into(),
            total_count: Some(100),
            filter_count: Some(80),
            sent_count: Some(75),
            error_count: Some(5),
            copyright_count: None,
            copyright_results: vec![],
            check_state: None,
            article_count: None,
            articles: vec![],
        },
    );
    check_event(
        "events/publishjobfinish.xml",
        Event::PublishJobFinish {
            publish_id: Some(2247500001),
            publish_status: Some(0),
            article_id: Some("ARTICLEID_EXAMPLE".into()),
            article_count: Some(1),
            articles: vec![PublishedArticle {
                idx: Some(1),
                article_url: "https://mp.weixin.qq.com/s/EXAMPLE3".into(),
            }],
            fail_idx: vec![],
        },
    );
    check_event(
        "events/publishjobfinish_failed.xml",
        Event::PublishJobFinish {
            publish_id: Some(2247500002),
            publish_status: Some(2),
            article_id: None,
            article_count: None,
            articles: vec![],
            fail_idx: vec![1, 2],
        },
    );
    check_event(
        "events/publishjobfinish_by_another_name.xml",
        Event::PublishJobFinish {
            publish_id: Some(2247500003),
            publish_status: Some(0),
            article_id: Some("ARTICLEID_EXAMPLE2".into()),
            article_count: Some(2),
            articles: vec![
                PublishedArticle {
                    idx: Some(1),
                    article_url: "https://mp.weixin.qq.com/s/EXAMPLE4".into(),
                },
                PublishedArticle {
                    idx: Some(2),
                    article_url: "https://mp.weixin.qq.com/s/EXAMPLE5".into(),
                },
            ],
            fail_idx: vec![],
        },
    );
}

/// Section 4.5.
#[test]
fn subscription_notifications_are_read() {
    check_event(
        "events/subscribe_msg_popup_event.xml",
        Event::SubscribeMsgPopup {
            list: vec![
                SubscribePopup {
                    template_id: "TPL_AAAA".into(),
                    status: "accept".into(),
                    popup_scene: Some(2),
                },
                SubscribePopup {
                    template_id: "TPL_BBBB".into(),
                    status: "reject".into(),
                    popup_scene: Some(2),
                },
            ],
        },
    );
    check_event(
        "events/subscribe_msg_change_event.xml",
        Event::SubscribeMsgChange {
            list: vec![SubscribeChange { template_id: "TPL_AAAA".into(), status: "reject".into() }],
        },
    );
    check_event(
        "events/subscribe_msg_sent_event.xml",
        Event::SubscribeMsgSent {
            list: vec![SubscribeSent {
                template_id: "TPL_AAAA".into(),
                msg_id: Some(1800827132819550001),
                error_code: Some(0),
                error_status: "success".into(),
            }],
        },
    );
    check_event(
        "events/subscribe_msg_popup_event.json",
        Event::SubscribeMsgPopup {
            list: vec![SubscribePopup {
                template_id: "TPL_AAAA".into(),
                status: "accept".into(),
                popup_scene: Some(1),
            }],
        },
    );
    check_event(
        "events/subscribe_msg_popup_event_array.json",
        Event::SubscribeMsgPopup {
            list: vec![
                SubscribePopup {
                    template_id: "TPL_AAAA".into(),
                    status: "accept".into(),
                    popup_scene: Some(0),
                },
                SubscribePopup {
                    template_id: "TPL_BBBB".into(),
                    status: "ban".into(),
                    popup_scene: Some(0),
                },
            ],
        },
    );
    check_event(
        "events/subscribe_msg_change_event.json",
        Event::SubscribeMsgChange {
            list: vec![SubscribeChange { template_id: "TPL_BBBB".into(), status: "reject".into() }],
        },
    );
    check_event(
        "events/subscribe_msg_sent_event.json",
        Event::SubscribeMsgSent {
            list: vec![SubscribeSent {
                template_id: "TPL_AAAA".into(),
                msg_id: Some(1800827132819550002),
                error_code: Some(43101),
                error_status: "user refuse to accept the msg".into(),
            }],
        },
    );
}

/// Section 4.6.
#[test]
fn customer_service_sessions_are_read() {
    check_event(
        "events/kf_create_session.xml",
        Event::KfCreateSession { kf_account: "alice@demo_acct".into() },
    );
    check_event(
        "events/kf_close_session.xml",
        Event::KfCloseSession { kf_account: "alice@demo_acct".into(), close_type: None },
    );
    check_event(
        "events/kf_switch_session.xml",
        Event::KfSwitchSession {
            from_kf_account: "alice@demo_acct".into(),
            to_kf_account: "bob@demo_acct".into(),
        },
    );
    check_event(
        "events/user_enter_tempsession.xml",
        Event::UserEnterTempsession { session_from: "from=detail&id=7".into() },
    );
    check_event(
        "events/kf_close_session_with_type.xml",
        Event::KfCloseSession {
            kf_account: "alice@demo_acct".into(),
            close_type: Some("KF".into()),
        },
    );
}

/// Section 4.7.
#[test]
fn verifications_of_the_account_are_read() {
    check_event(
        "events/qualification_verify_fail.xml",
        Event::QualificationVerifyFail {
            fail_time: Some(1735690079),
            fail_reason: "by time".into(),
        },
    );
    check_event("events/annual_renew.xml", Event::AnnualRenew { expired_time: Some(1738368000) });
    check_event(
        "events/qualification_verify_success.xml",
        Event::QualificationVerifySuccess { expired_time: Some(1767225600) },
    );
    check_event(
        "events/naming_verify_success.xml",
        Event::NamingVerifySuccess { expired_time: Some(1767225601) },
    );
    check_event(
        "events/naming_verify_fail.xml",
        Event::NamingVerifyFail {
            fail_time: Some(1735690084),
            fail_reason: "名称与主体不符".into(),
        },
    );
    check_event(
        "events/verify_expired.xml",
        Event::VerifyExpired { expired_time: Some(1735690085) },
    );
    check_event(
        "events/wx_verify_dispatch.xml",
        Event::WxVerifyDispatch {
            provider: "示例信用征信有限公司".into(),
            contact: "咨询电话：0571-0000-0000".into(),
            dispatch_time: Some(1735690088),
        },
    );
    check_event(
        "events/wx_verify_refill.xml",
        Event::WxVerifyRefill {
            refill_time: Some(1735690086),
            refill_reason: "请补充营业执照".into(),
        },
    );
    check_event(
        "events/wx_verify_fail.xml",
        Event::WxVerifyFail { fail_time: Some(1735690087), fail_reason: "材料过期".into() },
    );
}

/// Section 4.8.
#[test]
fn authorised_user_data_is_read() {
    check_event(
        "events/user_authorization_revoke.xml",
        Event::UserAuthorizationRevoke {
            openid: "oTEST_7vQkR2mXw9ZsLbN4cYdEfG".into(),
            app_id: "wx0123456789abcdef".into(),
            revoke_info: Some(205),
            plugin_id: None,
        },
    );
    check_event(
        "events/user_info_modified.xml",
        Event::UserInfoModified {
            openid: "oTEST_7vQkR2mXw9ZsLbN4cYdEfG".into(),
            app_id: "wx0123456789abcdef".into(),
            revoke_info: Some(201),
        },
    );
    check_event(
        "events/user_authorization_cancellation.xml",
        Event::UserAuthorizationCancellation {
            openid: "oTEST_7vQkR2mXw9ZsLbN4cYdEfG".into(),
            app_id: "wx0123456789abcdef".into(),
            revoke_info: Some(1),
        },
    );
    check_event(
        "events/user_authorization_revoke_plugin.json",
        Event::UserAuthorizationRevoke {
            openid: "oTEST_7vQkR2mXw9ZsLbN4cYdEfG".into(),
            app_id: "wx0123456789abcdef".into(),
            revoke_info: Some(5),
            plugin_id: Some("wxfedcba9876543210".into()),
        },
    );
}

/// Section 4.9.
#[test]
fn guide_events_are_read() {
    check_event(
        "events/guide_qrcode_scan_event.xml",
        Event::GuideQrcodeScan {
            guide_account: "guide_alice".into(),
            guide_openid: "oTEST_guide000000000000000001".into(),
            openid: "oTEST_7vQkR2mXw9ZsLbN4cYdEfG".into(),
            action: Some(1),
            qrcode_info: "shop-42".into(),
        },
    );
    // Broken marks stay in the texts; what matters is that the rest is read.
    check_event(
        "events/guide_qrcode_scan_event_broken_cdata.xml",
        Event::GuideQrcodeScan {
            guide_account: "![CDATA[guide_alice]]".into(),
            guide_openid: "![CDATA[oTEST_guide000000000000000001]]>".into(),
            openid: "oTEST_7vQkR2mXw9ZsLbN4cYdEfG".into(),
            action: Some(11),
            qrcode_info: "![CDATA[shop-42]]>".into(),
        },
    );
    check_event("events/guide_invite_result_event.xml", Event::GuideInviteResult {});
    check_event("events/add_guide_buyer_relation_event.xml", Event::AddGuideBuyerRelation {});
}

/// Section 4.10.
#[test]
fn card_events_are_read() {
    check_event(
        "events/user_get_card.xml",
        Event::UserGetCard {
            card_id: "pCARD_EXAMPLE_0001".into(),
            user_card_code: "226000000001".into(),
            is_give_by_friend: Some(false),
            friend_user_name: None,
            old_user_card_code: None,
            outer_id: Some(0),
            outer_str: Some("door-1".into()),
            is_restore_member_card: Some(false),
            is_recommend_by_friend: Some(false),
            union_id: None,
        },
    );
    check_event(
        "events/card_pass_check.xml",
        Event::CardPassCheck { card_id: "pCARD_EXAMPLE_0001".into() },
    );
    check_event(
        "events/card_not_pass_check.xml",
        Event::CardNotPassCheck {
            card_id: "pCARD_EXAMPLE_0001".into(),
            refuse_reason: "商户名称不合规".into(),
        },
    );
    check_event(
        "events/user_get_card_from_friend.xml",
        Event::UserGetCard {
            card_id: "pCARD_EXAMPLE_0001".into(),
            user_card_code: "226000000002".into(),
            is_give_by_friend: Some(true),
            friend_user_name: Some("oTEST_friend00000000000000001".into()),
            old_user_card_code: Some("226000000001".into()),
            outer_id: Some(13),
            outer_str: None,
            is_restore_member_card: Some(true),
            is_recommend_by_friend: Some(true),
            union_id: Some("uTEST_0000000000000000000001".into()),
        },
    );
    check_event(
        "events/user_gifting_card.xml",
        Event::UserGiftingCard {
            card_id: "pCARD_EXAMPLE_0001".into(),
            user_card_code: "226000000001".into(),
            is_return_back: Some(false),
            friend_user_name: Some("oTEST_friend00000000000000001".into()),
            is_chat_room: Some(false),
        },
    );
    check_event(
        "events/user_del_card.xml",
        Event::UserDelCard {
            card_id: "pCARD_EXAMPLE_0001".into(),
            user_card_code: "226000000001".into(),
        },
    );
    check_event(
        "events/user_consume_card.xml",
        Event::UserConsumeCard {
            card_id: "pCARD_EXAMPLE_0001".into(),
            user_card_code: "226000000001".into(),
            consume_source: "FROM_MOBILE_HELPER".into(),
            location_name: Some("示例路店".into()),
            staff_open_id: Some("oTEST_staff000000000000000001".into()),
            verify_code: Some("8042".into()),
            remark_amount: Some("12.50".into()),
            outer_str: Some("door-1".into()),
        },
    );
    check_event(
        "events/user_pay_from_pay_cell.xml",
        Event::UserPayFromPayCell {
            card_id: "pCARD_EXAMPLE_0001".into(),
            user_card_code: "226000000001".into(),
            trans_id: "10020000002025010100042".into(),
            location_id: "291700042".into(),
            fee: Some(10000),
            original_fee: Some(10500),
        },
    );
    check_event(
        "events/user_view_card.xml",
        Event::UserViewCard {
            card_id: "pCARD_EXAMPLE_0001".into(),
            user_card_code: "226000000001".into(),
            outer_str: Some("door-1".into()),
        },
    );
    check_event(
        "events/user_enter_session_from_card.xml",
        Event::UserEnterSessionFromCard {
            card_id: "pCARD_EXAMPLE_0001".into(),
            user_card_code: "226000000001".into(),
        },
    );
    check_event(
        "events/update_member_card.xml",
        Event::UpdateMemberCard {
            card_id: "pCARD_EXAMPLE_0001".into(),
            user_card_code: "226000000001".into(),
            modify_bonus: Some(3),
            modify_balance: Some(-1000),
        },
    );
    check_event(
        "events/card_sku_remind.xml",
        Event::CardSkuRemind {
            card_id: "pCARD_EXAMPLE_0001".into(),
            detail: "the card's quantity is equal to 0".into(),
        },
    );
    check_event(
        "events/card_pay_order.xml",
        Event::CardPayOrder {
            order_id: "404000042".into(),
            status: "ORDER_STATUS_FINANCE_SUCC".into(),
            create_order_time: Some(1735690100),
            pay_finish_time: Some(1735690111),
            desc: "微信支付".into(),
            free_coin_count: Some(200),
            pay_coin_count: Some(0),
            refund_free_coin_count: Some(0),
            refund_pay_coin_count: Some(0),
            order_type: "ORDER_TYPE_SYS_ADD".into(),
            memo: "开户赠送".into(),
            receipt_info: "RECEIPT_EXAMPLE_0001".into(),
        },
    );
    check_event(
        "events/submit_membercard_user_info.xml",
        Event::SubmitMembercardUserInfo {
            card_id: "pCARD_EXAMPLE_0001".into(),
            user_card_code: "226000000001".into(),
        },
    );
    check_event(
        "events/card_merchant_check_result.xml",
        Event::CardMerchantCheckResult {
            merchant_id: "12012".into(),
            is_pass: Some(false),
            reason: "资质文件不清晰".into(),
        },
    );
    check_event(
        "events/giftcard_pay_done.xml",
        Event::GiftcardPayDone {
            page_id: "PAGE_EXAMPLE_0001".into(),
            order_id: "GIFTORDER_EXAMPLE_01".into(),
        },
    );
    check_event(
        "events/giftcard_send_to_friend.xml",
        Event::GiftcardSendToFriend {
            page_id: "PAGE_EXAMPLE_0001".into(),
            order_id: "GIFTORDER_EXAMPLE_01".into(),
            is_chat_room: Some(true),
            is_return_back: Some(false),
        },
    );
    check_event(
        "events/giftcard_user_accept.xml",
        Event::GiftcardUserAccept {
            page_id: "PAGE_EXAMPLE_0001".into(),
            order_id: "GIFTORDER_EXAMPLE_01".into(),
            is_chat_room: Some(true),
        },
    );
}

/// Section 4.11.
#[test]
fn everything_else_is_read() {
    check_event(
        "events/poi_check_notify.xml",
        Event::PoiCheckNotify {
            uniq_id: "shop-0001".into(),
            poi_id: "470000001".into(),
            result: "fail".into(),
            msg: "地址不完整".into(),
        },
    );
    check_event(
        "events/poi_check_notify_lower_case.xml",
        Event::PoiCheckNotify {
            uniq_id: "shop-0002".into(),
            poi_id: "470000002".into(),
            result: "succ".into(),
            msg: "".into(),
        },
    );
    check_event(
        "events/wificonnected.xml",
        Event::WifiConnected {
            connect_time: Some(0),
            expire_time: Some(0),
            vendor_id: "3001200042".into(),
            place_id: "1198".into(),
            device_no: "00:00:5e:00:53:01".into(),
        },
    );
    check_event(
        "events/wificonnected_shop.xml",
        Event::WifiConnected {
            connect_time: Some(1735690123),
            expire_time: Some(1735693723),
            vendor_id: "3001200042".into(),
            place_id: "1199".into(),
            device_no: "00:00:5e:00:53:02".into(),
        },
    );
    check_event(
        "events/shakearoundusershake.xml",
        Event::ShakearoundUserShake {
            chosen_beacon: Some(Beacon {
                uuid: "0f0e0d0c-0b0a-0908-0706-050403020100".into(),
                major: Some(1),
                minor: Some(2),
                distance: Some(0.057),
            }),
            around_beacons: vec![
                Beacon {
                    uuid: "0f0e0d0c-0b0a-0908-0706-050403020100".into(),
                    major: Some(3),
                    minor: Some(4),
                    distance: Some(166.816),
                },
                Beacon {
                    uuid: "0f0e0d0c-0b0a-0908-0706-050403020101".into(),
                    major: Some(5),
                    minor: Some(6),
                    distance: Some(15.013),
                },
            ],
        },
    );
    check_event(
        "events/shakearoundusershake_alone.xml",
        Event::ShakearoundUserShake {
            chosen_beacon: Some(Beacon {
                uuid: "0f0e0d0c-0b0a-0908-0706-050403020100".into(),
                major: Some(65535),
                minor: Some(0),
                distance: Some(1.0),
            }),
            around_beacons: vec![],
        },
    );
    check_event(
        "events/merchant_order.xml",
        Event::MerchantOrder {
            order_id: "7197000000000000042".into(),
            order_status: Some(2),
            product_id: "pPRODUCT_EXAMPLE_0001".into(),
            sku_info: "10001:1000042;10002:100043".into(),
        },
    );
    check_event(
        "events/user_scan_product.xml",
        Event::UserScanProduct {
            key_standard: "ean13".into(),
            key_str: "6901234567892".into(),
            country: "中国".into(),
            province: "浙江".into(),
            city: "杭州".into(),
            sex: Some(1),
            scene: Some(2),
            ext_info: "123".into(),
        },
    );
    check_event(
        "events/user_scan_product_enter_session.xml",
        Event::UserScanProductEnterSession {
            key_standard: "ean13".into(),
            key_str: "6901234567892".into(),
            ext_info: "123".into(),
        },
    );
    check_event(
        "events/user_scan_product_async.xml",
        Event::UserScanProductAsync {
            key_standard: "ean13".into(),
            key_str: "6901234567892".into(),
            ext_info: "123".into(),
            region_code: "330105".into(),
        },
    );
    check_event(
        "events/user_scan_product_verify_action.xml",
        Event::UserScanProductVerifyAction {
            key_standard: "ean13".into(),
            key_str: "6901234567892".into(),
            result: "verify_not_pass".into(),
            reason_msg: "标题与商品不符".into(),
        },
    );
    check_event(
        "events/user_authorize_invoice.xml",
        Event::UserAuthorizeInvoice {
            succ_order_id: Some("1202000000042".into()),
            fail_order_id: None,
            app_id: "wx0123456789abcdef".into(),
            source: "web".into(),
        },
    );
    check_event(
        "events/user_authorize_invoice_lower_case.xml",
        Event::UserAuthorizeInvoice {
            succ_order_id: None,
            fail_order_id: Some("1202000000043".into()),
            app_id: "wx0123456789abcdef".into(),
            source: "wxa".into(),
        },
    );
    check_event(
        "events/update_invoice_status.xml",
        Event::UpdateInvoiceStatus {
            status: "INVOICE_REIMBURSE_INIT".into(),
            card_id: "pCARD_EXAMPLE_0001".into(),
            code: "186900000042".into(),
        },
    );
    check_event(
        "events/submit_invoice_title.xml",
        Event::SubmitInvoiceTitle {
            key: Some("BTN_INVOICE".into()),
            title: "示例科技有限公司".into(),
            tax_no: "913300000000000000".into(),
            addr: "杭州市示例路8号".into(),
            phone: "0571-00000000".into(),
            bank_type: "示例银行".into(),
            bank_no: "6220000000000000".into(),
            attach: "order-7".into(),
            title_type: "InvoiceUserTitleBusinessType".into(),
        },
    );
    check_event(
        "events/cloud_invoice_invoiceresult_event.xml",
        Event::CloudInvoiceInvoiceresult {
            fpqqlsh: "FPQQLSH_EXAMPLE_0001".into(),
            status: Some(2),
            nsrsbh: "913300000000000001".into(),
        },
    );
    check_event(
        "events/apply_merchant_audit_info.xml",
        Event::ApplyMerchantAuditInfo {
            audit_id: Some(414500001),
            status: Some(3),
            reason: "营业执照不清晰".into(),
        },
    );
    check_event(
        "events/create_map_poi_audit_info.xml",
        Event::CreateMapPoiAuditInfo {
            audit_id: Some(414500002),
            status: Some(1),
            map_poi_id: "2880000000000000042".into(),
            name: "示例路店".into(),
            address: "杭州市示例路8号".into(),
            latitude: Some(30.274151),
            longitude: Some(120.155149),
            sh_remark: "已核实".into(),
        },
    );
    check_event(
        "events/add_store_audit_info.xml",
        Event::AddStoreAuditInfo {
            audit_id: Some(414500003),
            status: Some(3),
            reason: "门店照片不清晰".into(),
            is_upgrade: Some(true),
            poi_id: "470000003".into(),
        },
    );
    check_event(
        "events/modify_store_audit_info.xml",
        Event::ModifyStoreAuditInfo {
            audit_id: Some(414500004),
            status: Some(3),
            reason: "电话无法接通".into(),
        },
    );
    check_event(
        "events/wxa_media_check.xml",
        Event::WxaMediaCheck {
            app_id: "wx0123456789abcdef".into(),
            trace_id: "TRACE-0001".into(),
            version: None,
            is_risky: Some(false),
            extra_info_json: Some(r#"{"frames":[1,2]}"#.into()),
            status_code: Some(0),
            suggest: None,
            label: None,
            detail: vec![],
        },
    );
    check_event(
        "events/wxa_media_check_v2.json",
        Event::WxaMediaCheck {
            app_id: "wx0123456789abcdef".into(),
            trace_id: "TRACE-0002".into(),
            version: Some(2),
            is_risky: None,
            extra_info_json: None,
            status_code: None,
            suggest: Some("risky".into()),
            label: Some(20002),
            detail: vec![
                MediaCheckDetail {
                    strategy: "content_model".into(),
                    errcode: Some(0),
                    suggest: "risky".into(),
                    label: Some(20002),
                    prob: Some(90.0),
                },
                MediaCheckDetail {
                    strategy: "keyword".into(),
                    errcode: Some(-1),
                    suggest: "".into(),
                    label: None,
                    prob: None,
                },
            ],
        },
    );
    check_event(
        "events/wxa_media_check_v2.xml",
        Event::WxaMediaCheck {
            app_id: "wx0123456789abcdef".into(),
            trace_id: "TRACE-0003".into(),
            version: Some(2),
            is_risky: None,
            extra_info_json: None,
            status_code: None,
            suggest: Some("pass".into()),
            label: Some(100),
            detail: vec![MediaCheckDetail {
                strategy: "content_model".into(),
                errcode: Some(0),
                suggest: "pass".into(),
                label: Some(100),
                prob: Some(90.5),
            }],
        },
    );
    check_event(
        "events/weapp_audit_success.xml",
        Event::WeappAuditSuccess { succ_time: Some(1735690143) },
    );
    check_event(
        "events/weapp_audit_fail.xml",
        Event::WeappAuditFail {
            fail_time: Some(1735690144),
            reason: "1:名称与内容不符".into(),
            screen_shot: "shotMEDIA_0001|shotMEDIA_0002".into(),
        },
    );
    check_event(
        "events/weapp_audit_delay.xml",
        Event::WeappAuditDelay {
            delay_time: Some(1735690145),
            reason: "提审较多，审核时间会长一些".into(),
        },
    );
    check_event("events/debug_demo.json", Event::DebugDemo { debug_str: "hello world".into() });
}

#[test]
fn what_has_no_fields_on_the_page_stays_unknown() {
    check_event("events/enter.xml", Event::Unknown { name: "ENTER".into() });
    check_event(
        "events/complaint_callback.xml",
        Event::Unknown { name: "complaint callback".into() },
    );
}

#[test]
fn every_fixture_has_a_value_here() {
    let here = include_str!("values.rs");
    for fixture in fixtures() {
        let quoted = format!("\"{}\"", fixture.name);
        assert!(here.contains(&quoted), "{} is checked nowhere", fixture.name);
    }
}

#[track_caller]
fn check(file: &str, expected: Content) {
    assert_eq!(read(&fixture(file)).content, expected, "{file}");
}

#[track_caller]
fn check_event(file: &str, expected: Event) {
    check(file, Content::Event(expected));
}
