//! The events of protocol section 4, as one table: name on the wire, variant, fields.
//!
//! To add one: a line here, a fixture under `tests/fixtures/events`, its JSON in
//! `tests/fixtures/json/messages.jsonl`, and `INSTA_UPDATE=always cargo test -p wxbot-tests` for the
//! snapshot of what it is read into.

#[macro_use]
mod table;
mod records;

use schemars::JsonSchema;
use serde::Serialize;

pub use self::records::*;
use crate::fields::read::{flag, list, number, numbers, one, optional, scene, text};
use crate::id_text::as_text;

impl Event {
    /// Whether WeChat shows a passive reply to it.
    pub fn takes_reply(&self) -> bool {
        matches!(
            self,
            Self::Subscribe { .. }
                | Self::Scan { .. }
                | Self::Location { .. }
                | Self::Click { .. }
                | Self::ScancodePush { .. }
                | Self::ScancodeWaitmsg { .. }
                | Self::PicSysphoto { .. }
                | Self::PicPhotoOrAlbum { .. }
                | Self::PicWeixin { .. }
                | Self::LocationSelect { .. }
                | Self::DebugDemo { .. }
                | Self::Unknown { .. }
        )
    }
}

events! {
    /// 4.1: a user follows.
    "subscribe" => Subscribe {
        /// The scene of the QR code, without `qrscene_`.
        scene: Option<String> = scene("EventKey"),
        ticket: Option<String> = optional("Ticket"),
    }
    /// 4.1: a follower leaves; their data is to be deleted.
    "unsubscribe" => Unsubscribe {}
    /// 4.1: a follower scans a QR code of the account.
    "scan" => Scan {
        scene: String = text("EventKey"),
        ticket: Option<String> = optional("Ticket"),
    }

    /// 4.2: a follower's position.
    "location" => Location {
        latitude: Option<f64> = number("Latitude"),
        longitude: Option<f64> = number("Longitude"),
        precision: Option<f64> = number("Precision"),
    }

    /// 4.3: a menu button with a key.
    "click" => Click { key: String = text("EventKey") }
    /// 4.3: a menu button with a link.
    "view" => View {
        url: String = text("EventKey"),
        /// Which conditional menu.
        menu_id: Option<u64> = number("MenuId"),
    }
    /// 4.3: a menu button that opens a mini program.
    "view_miniprogram" => ViewMiniprogram {
        page_path: String = text("EventKey"),
        /// Which conditional menu.
        menu_id: Option<u64> = number("MenuId"),
    }
    /// 4.3: a menu button that scans; the client shows the result.
    "scancode_push" => ScancodePush {
        key: String = text("EventKey"),
        /// `qrcode`, `barcode`, …
        scan_type: String = text("ScanCodeInfo/ScanType"),
        /// For a barcode `EAN_13,6901234567892`.
        scan_result: String = text("ScanCodeInfo/ScanResult"),
    }
    /// 4.3: a menu button that scans; the client waits for the reply.
    "scancode_waitmsg" => ScancodeWaitmsg {
        key: String = text("EventKey"),
        /// `qrcode`, `barcode`, …
        scan_type: String = text("ScanCodeInfo/ScanType"),
        /// For a barcode `EAN_13,6901234567892`.
        scan_result: String = text("ScanCodeInfo/ScanResult"),
    }
    /// 4.3: a menu button that takes photos.
    "pic_sysphoto" => PicSysphoto {
        key: String = text("EventKey"),
        /// May differ from the number of pictures; trust the pictures.
        count: Option<u64> = number("SendPicsInfo/Count"),
        pictures: Vec<Picture> = list("SendPicsInfo/PicList/item"),
    }
    /// 4.3: a menu button that takes or chooses photos.
    "pic_photo_or_album" => PicPhotoOrAlbum {
        key: String = text("EventKey"),
        /// May differ from the number of pictures; trust the pictures.
        count: Option<u64> = number("SendPicsInfo/Count"),
        pictures: Vec<Picture> = list("SendPicsInfo/PicList/item"),
    }
    /// 4.3: a menu button that chooses pictures in WeChat's album.
    "pic_weixin" => PicWeixin {
        key: String = text("EventKey"),
        /// May differ from the number of pictures; trust the pictures.
        count: Option<u64> = number("SendPicsInfo/Count"),
        pictures: Vec<Picture> = list("SendPicsInfo/PicList/item"),
    }
    /// 4.3: a menu button that chooses a place; it follows as a location message.
    "location_select" => LocationSelect {
        key: String = text("EventKey"),
        latitude: Option<f64> = number("SendLocationInfo/Location_X"),
        longitude: Option<f64> = number("SendLocationInfo/Location_Y"),
        /// The zoom of the map.
        scale: Option<f64> = number("SendLocationInfo/Scale"),
        /// The address as text.
        label: String = text("SendLocationInfo/Label"),
        /// The name of the place; often empty.
        poi_name: String = text("SendLocationInfo/Poiname"),
    }

    /// 4.4: a template message arrived, or did not.
    "templatesendjobfinish" => TemplateSendJobFinish {
        /// Of the call that sent it.
        #[serde(rename = "event_msg_id", serialize_with = "as_text")]
        #[schemars(with = "Option<String>")]
        msg_id: Option<u64> = number("MsgID"),
        /// Begins with `success` or `failed`.
        status: String = text("Status"),
    }
    /// 4.4: a mass message is nearly sent; the counts are about right.
    "masssendjobfinish" => MassSendJobFinish {
        /// Of the call that sent it.
        #[serde(rename = "event_msg_id", serialize_with = "as_text")]
        #[schemars(with = "Option<String>")]
        msg_id: Option<u64> = number("MsgID"),
        /// `send success`, `send fail` or `err(N)`.
        status: String = text("Status"),
        total_count: Option<u64> = number("TotalCount"),
        /// What the filters left.
        filter_count: Option<u64> = number("FilterCount"),
        sent_count: Option<u64> = number("SentCount"),
        error_count: Option<u64> = number("ErrorCount"),
        copyright_count: Option<u64> = number("CopyrightCheckResult/Count"),
        copyright_results: Vec<CopyrightResult> = list("CopyrightCheckResult/ResultList/item"),
        /// 1 not a reprint, 2 a reprint that may be sent, 3 one that must not.
        check_state: Option<u64> = number("CopyrightCheckResult/CheckState"),
        article_count: Option<u64> = number("ArticleUrlResult/Count"),
        articles: Vec<SentArticle> = list("ArticleUrlResult/ResultList/item"),
    }
    /// 4.4: an article is published, or not, or is taken back.
    "publishjobfinish" | "freepublishjobfinish" => PublishJobFinish {
        publish_id: Option<u64> = number("PublishEventInfo/publish_id"),
        /// 0 success, 1 publishing, 2 not original, 3 other failure, 4 refused, 5 deleted,
        /// 6 banned.
        publish_status: Option<u64> = number("PublishEventInfo/publish_status"),
        /// Only on success.
        article_id: Option<String> = optional("PublishEventInfo/article_id"),
        article_count: Option<u64> = number("PublishEventInfo/article_detail/count"),
        articles: Vec<PublishedArticle> = list("PublishEventInfo/article_detail/item"),
        /// Which articles failed, from 1 (status 2 and 4).
        fail_idx: Vec<u64> = numbers("PublishEventInfo/fail_idx"),
    }

    // JSON pushes have no wrapper around `List`.
    /// 4.5: a user was asked whether they want notifications.
    "subscribe_msg_popup_event" => SubscribeMsgPopup {
        list: Vec<SubscribePopup> = list("SubscribeMsgPopupEvent/List|List"),
    }
    /// 4.5: a user switched notifications off.
    "subscribe_msg_change_event" => SubscribeMsgChange {
        list: Vec<SubscribeChange> = list("SubscribeMsgChangeEvent/List|List"),
    }
    /// 4.5: a notification arrived, or did not.
    "subscribe_msg_sent_event" => SubscribeMsgSent {
        list: Vec<SubscribeSent> = list("SubscribeMsgSentEvent/List|List"),
    }

    /// 4.6: a customer-service account takes a user.
    "kf_create_session" => KfCreateSession { kf_account: String = text("KfAccount") }
    /// 4.6: a customer-service account is done with a user.
    "kf_close_session" => KfCloseSession {
        kf_account: String = text("KfAccount"),
        /// Not documented by WeChat.
        close_type: Option<String> = optional("CloseType"),
    }
    /// 4.6: a user is handed on to another customer-service account.
    "kf_switch_session" => KfSwitchSession {
        from_kf_account: String = text("FromKfAccount"),
        to_kf_account: String = text("ToKfAccount"),
    }
    /// 4.6: a user opens the customer service of a mini program.
    "user_enter_tempsession" => UserEnterTempsession {
        session_from: String = text("SessionFrom"),
    }

    /// 4.7: the account's qualification passed.
    "qualification_verify_success" => QualificationVerifySuccess {
        expired_time: Option<u64> = number("ExpiredTime"),
    }
    /// 4.7: the account's qualification failed.
    "qualification_verify_fail" => QualificationVerifyFail {
        fail_time: Option<u64> = number("FailTime"),
        fail_reason: String = text("FailReason"),
    }
    /// 4.7: the account's name passed.
    "naming_verify_success" => NamingVerifySuccess {
        expired_time: Option<u64> = number("ExpiredTime"),
    }
    /// 4.7: the account's name failed; API rights stay.
    "naming_verify_fail" => NamingVerifyFail {
        fail_time: Option<u64> = number("FailTime"),
        fail_reason: String = text("FailReason"),
    }
    /// 4.7: the verification is to be renewed.
    "annual_renew" => AnnualRenew { expired_time: Option<u64> = number("ExpiredTime") }
    /// 4.7: the verification has expired; many API calls fail now (48001).
    "verify_expired" => VerifyExpired { expired_time: Option<u64> = number("ExpiredTime") }
    /// 4.7: the newer verification is handed to the agency that examines it.
    "wx_verify_dispatch" => WxVerifyDispatch {
        /// The agency.
        provider: String = text("Provider"),
        /// How to reach it.
        contact: String = text("Contact"),
        dispatch_time: Option<u64> = number("DispatchTime"),
    }
    /// 4.7: the newer verification needs more papers.
    "wx_verify_refill" => WxVerifyRefill {
        refill_time: Option<u64> = number("RefillTime"),
        refill_reason: String = text("RefillReason"),
    }
    /// 4.7: the newer verification failed.
    "wx_verify_fail" => WxVerifyFail {
        fail_time: Option<u64> = number("FailTime"),
        fail_reason: String = text("FailReason"),
    }

    // In these three FromUserName is a system id; the user is in `openid`.
    /// 4.8: a user's nickname or picture was cleaned by WeChat.
    "user_info_modified" => UserInfoModified {
        #[serde(rename = "event_openid")]
        openid: String = text("OpenID|openid"),
        app_id: String = text("AppID|appid"),
        revoke_info: Option<u64> = number("RevokeInfo"),
    }
    /// 4.8: a user takes an authorisation back; the data is to be deleted.
    "user_authorization_revoke" => UserAuthorizationRevoke {
        #[serde(rename = "event_openid")]
        openid: String = text("OpenID|openid"),
        app_id: String = text("AppID|appid"),
        /// 201 address, 202 invoice, 203 card, 204 microphone, 205 nickname and picture,
        /// 206 position, 207 chosen pictures or videos.
        revoke_info: Option<u64> = number("RevokeInfo"),
        /// The Mini Program plugin.
        plugin_id: Option<String> = optional("PluginID"),
    }
    /// 4.8: a user closes their authorisation or account; the data is to be deleted.
    "user_authorization_cancellation" => UserAuthorizationCancellation {
        #[serde(rename = "event_openid")]
        openid: String = text("OpenID|openid"),
        app_id: String = text("AppID|appid"),
        revoke_info: Option<u64> = number("RevokeInfo"),
    }

    /// 4.9: a user scans an adviser's QR code.
    "guide_qrcode_scan_event" => GuideQrcodeScan {
        guide_account: String = text("GuideScanEvent/qrcode_guide_account"),
        guide_openid: String = text("GuideScanEvent/qrcode_guide_openid"),
        #[serde(rename = "event_openid")]
        openid: String = text("GuideScanEvent/openid"),
        action: Option<u64> = number("GuideScanEvent/action"),
        qrcode_info: String = text("GuideScanEvent/qrcode_info"),
    }
    /// 4.9: an adviser answers an invitation. Its fields are not documented.
    "guide_invite_result_event" => GuideInviteResult {}
    /// 4.9: a user is given to an adviser. Its fields are not documented.
    "add_guide_buyer_relation_event" => AddGuideBuyerRelation {}

    /// 4.10: a card passed the review.
    "card_pass_check" => CardPassCheck { card_id: String = text("CardId") }
    /// 4.10: a card failed the review.
    "card_not_pass_check" => CardNotPassCheck {
        card_id: String = text("CardId"),
        refuse_reason: String = text("RefuseReason"),
    }
    /// 4.10: a user takes a card.
    "user_get_card" => UserGetCard {
        card_id: String = text("CardId"),
        user_card_code: String = text("UserCardCode"),
        is_give_by_friend: Option<bool> = flag("IsGiveByFriend"),
        /// Who gave it.
        friend_user_name: Option<String> = optional("FriendUserName"),
        /// The code before it was given.
        old_user_card_code: Option<String> = optional("OldUserCardCode"),
        /// The old form of `OuterStr`.
        outer_id: Option<u64> = number("OuterId"),
        /// The scene that the account gave to the card's link.
        outer_str: Option<String> = optional("OuterStr"),
        is_restore_member_card: Option<bool> = flag("IsRestoreMemberCard"),
        is_recommend_by_friend: Option<bool> = flag("IsRecommendByFriend"),
        union_id: Option<String> = optional("UnionId"),
    }
    /// 4.10: a user gives a card away.
    "user_gifting_card" => UserGiftingCard {
        card_id: String = text("CardId"),
        user_card_code: String = text("UserCardCode"),
        /// It came back, since nobody took it.
        is_return_back: Option<bool> = flag("IsReturnBack"),
        friend_user_name: Option<String> = optional("FriendUserName"),
        is_chat_room: Option<bool> = flag("IsChatRoom"),
    }
    /// 4.10: a user deletes a card.
    "user_del_card" => UserDelCard {
        card_id: String = text("CardId"),
        user_card_code: String = text("UserCardCode"),
    }
    /// 4.10: a card is redeemed.
    "user_consume_card" => UserConsumeCard {
        card_id: String = text("CardId"),
        user_card_code: String = text("UserCardCode"),
        /// `FROM_API`, `FROM_MP` or `FROM_MOBILE_HELPER`.
        consume_source: String = text("ConsumeSource"),
        location_name: Option<String> = optional("LocationName"),
        staff_open_id: Option<String> = optional("StaffOpenId"),
        /// Typed by the user where they redeem it themselves.
        verify_code: Option<String> = optional("VerifyCode"),
        /// Typed by the user where they redeem it themselves.
        remark_amount: Option<String> = optional("RemarkAmount"),
        outer_str: Option<String> = optional("OuterStr"),
    }
    /// 4.10: a user pays with a card.
    "user_pay_from_pay_cell" => UserPayFromPayCell {
        card_id: String = text("CardId"),
        user_card_code: String = text("UserCardCode"),
        trans_id: String = text("TransId"),
        location_id: String = text("LocationId"),
        /// Paid, in fen.
        fee: Option<u64> = number("Fee"),
        /// Due, in fen.
        original_fee: Option<u64> = number("OriginalFee"),
    }
    /// 4.10: a user opens their member card.
    "user_view_card" => UserViewCard {
        card_id: String = text("CardId"),
        user_card_code: String = text("UserCardCode"),
        outer_str: Option<String> = optional("OuterStr"),
    }
    /// 4.10: a user opens the chat from a card.
    "user_enter_session_from_card" => UserEnterSessionFromCard {
        card_id: String = text("CardId"),
        user_card_code: String = text("UserCardCode"),
    }
    /// 4.10: a member card's points or balance change.
    "update_member_card" => UpdateMemberCard {
        card_id: String = text("CardId"),
        user_card_code: String = text("UserCardCode"),
        modify_bonus: Option<i64> = number("ModifyBonus"),
        modify_balance: Option<i64> = number("ModifyBalance"),
    }
    /// 4.10: few of a card are left.
    "card_sku_remind" => CardSkuRemind {
        card_id: String = text("CardId"),
        detail: String = text("Detail"),
    }
    /// 4.10: the account's card points are bought or spent.
    "card_pay_order" => CardPayOrder {
        order_id: String = text("OrderId"),
        /// `ORDER_STATUS_…`
        status: String = text("Status"),
        create_order_time: Option<u64> = number("CreateOrderTime"),
        pay_finish_time: Option<u64> = number("PayFinishTime"),
        desc: String = text("Desc"),
        free_coin_count: Option<u64> = number("FreeCoinCount"),
        pay_coin_count: Option<u64> = number("PayCoinCount"),
        refund_free_coin_count: Option<u64> = number("RefundFreeCoinCount"),
        refund_pay_coin_count: Option<u64> = number("RefundPayCoinCount"),
        /// `ORDER_TYPE_…`
        order_type: String = text("OrderType"),
        memo: String = text("Memo"),
        receipt_info: String = text("ReceiptInfo"),
    }
    /// 4.10: a user activates a member card.
    "submit_membercard_user_info" => SubmitMembercardUserInfo {
        card_id: String = text("CardId"),
        user_card_code: String = text("UserCardCode"),
    }
    /// 4.10: a sub-merchant passed the review, or failed.
    "card_merchant_check_result" => CardMerchantCheckResult {
        merchant_id: String = text("MerchantId"),
        is_pass: Option<bool> = flag("IsPass"),
        reason: String = text("Reason"),
    }
    /// 4.10: a user buys gift cards.
    "giftcard_pay_done" => GiftcardPayDone {
        page_id: String = text("PageId"),
        order_id: String = text("OrderId"),
    }
    /// 4.10: a user gives gift cards away.
    "giftcard_send_to_friend" => GiftcardSendToFriend {
        page_id: String = text("PageId"),
        order_id: String = text("OrderId"),
        is_chat_room: Option<bool> = flag("IsChatRoom"),
        /// They came back, since nobody took them.
        is_return_back: Option<bool> = flag("IsReturnBack"),
    }
    /// 4.10: a user takes gift cards from a friend.
    "giftcard_user_accept" => GiftcardUserAccept {
        page_id: String = text("PageId"),
        order_id: String = text("OrderId"),
        is_chat_room: Option<bool> = flag("IsChatRoom"),
    }

    /// 4.11: a shop passed the review, or failed.
    "poi_check_notify" => PoiCheckNotify {
        /// The account's own id of the shop.
        uniq_id: String = text("UniqId"),
        poi_id: String = text("PoiId"),
        /// `succ` or `fail`.
        result: String = text("Result"),
        msg: String = text("Msg|msg"),
    }
    /// 4.11: a user joins the Wi-Fi of a shop.
    "wificonnected" => WifiConnected {
        connect_time: Option<u64> = number("ConnectTime"),
        expire_time: Option<u64> = number("ExpireTime"),
        vendor_id: String = text("VendorId"),
        place_id: String = text("PlaceId|ShopId"),
        /// The BSSID.
        device_no: String = text("DeviceNo"),
    }
    /// 4.11: a user shakes the phone near beacons.
    "shakearoundusershake" => ShakearoundUserShake {
        chosen_beacon: Option<Beacon> = one("ChosenBeacon"),
        around_beacons: Vec<Beacon> = list("AroundBeacons/AroundBeacon"),
    }
    /// 4.11: an order of the old shop is paid.
    "merchant_order" => MerchantOrder {
        order_id: String = text("OrderId"),
        order_status: Option<u64> = number("OrderStatus"),
        product_id: String = text("ProductId"),
        sku_info: String = text("SkuInfo"),
    }
    /// 4.11: a user opens a product's page.
    "user_scan_product" => UserScanProduct {
        key_standard: String = text("KeyStandard"),
        key_str: String = text("KeyStr"),
        country: String = text("Country"),
        province: String = text("Province"),
        city: String = text("City"),
        /// 1 male, 2 female, 0 not said.
        sex: Option<u64> = number("Sex"),
        /// 1 by a scan, 2 otherwise.
        scene: Option<u64> = number("Scene"),
        ext_info: String = text("ExtInfo"),
    }
    /// 4.11: a user opens the chat from a product's page.
    "user_scan_product_enter_session" => UserScanProductEnterSession {
        key_standard: String = text("KeyStandard"),
        key_str: String = text("KeyStr"),
        ext_info: String = text("ExtInfo"),
    }
    /// 4.11: where a user is who opened a product's page.
    "user_scan_product_async" => UserScanProductAsync {
        key_standard: String = text("KeyStandard"),
        key_str: String = text("KeyStr"),
        ext_info: String = text("ExtInfo"),
        region_code: String = text("RegionCode"),
    }
    /// 4.11: a product passed the review, or failed.
    "user_scan_product_verify_action" => UserScanProductVerifyAction {
        key_standard: String = text("KeyStandard"),
        key_str: String = text("KeyStr"),
        /// `verify_ok` or `verify_not_pass`.
        result: String = text("Result"),
        reason_msg: String = text("ReasonMsg"),
    }
    /// 4.11: a user agrees to an invoice.
    "user_authorize_invoice" => UserAuthorizeInvoice {
        succ_order_id: Option<String> = optional("SuccOrderId"),
        fail_order_id: Option<String> = optional("FailOrderId"),
        app_id: String = text("AppId|AuthorizeAppId"),
        /// `web`, `app`, `wxa` or `wap`.
        source: String = text("Source|source"),
    }
    /// 4.11: an invoice is claimed, or no longer.
    "update_invoice_status" => UpdateInvoiceStatus {
        /// `INVOICE_REIMBURSE_…`
        status: String = text("Status"),
        card_id: String = text("CardId"),
        code: String = text("Code"),
    }
    /// 4.11: a user sends the title for an invoice.
    "submit_invoice_title" => SubmitInvoiceTitle {
        key: Option<String> = optional("EventKey"),
        title: String = text("title"),
        tax_no: String = text("tax_no"),
        addr: String = text("addr"),
        phone: String = text("phone"),
        bank_type: String = text("bank_type"),
        bank_no: String = text("bank_no"),
        attach: String = text("attach"),
        /// `InvoiceUserTitlePersonType` or `InvoiceUserTitleBusinessType`.
        title_type: String = text("title_type"),
    }
    /// 4.11: an invoice is made, or not.
    "cloud_invoice_invoiceresult_event" => CloudInvoiceInvoiceresult {
        fpqqlsh: String = text("fpqqlsh"),
        status: Option<i64> = number("status"),
        nsrsbh: String = text("nsrsbh"),
    }
    /// 4.11: a shop's company passed the review, or failed.
    "apply_merchant_audit_info" => ApplyMerchantAuditInfo {
        audit_id: Option<u64> = number("audit_id"),
        /// 1 passed, 2 in review, 3 failed.
        status: Option<u64> = number("status"),
        reason: String = text("reason"),
    }
    /// 4.11: a new place on the map passed the review, or failed.
    "create_map_poi_audit_info" => CreateMapPoiAuditInfo {
        audit_id: Option<u64> = number("audit_id"),
        status: Option<u64> = number("status"),
        map_poi_id: String = text("map_poi_id"),
        name: String = text("name"),
        address: String = text("address"),
        latitude: Option<f64> = number("latitude"),
        longitude: Option<f64> = number("longitude"),
        sh_remark: String = text("sh_remark"),
    }
    /// 4.11: a new shop passed the review, or failed.
    "add_store_audit_info" => AddStoreAuditInfo {
        audit_id: Option<u64> = number("audit_id"),
        status: Option<u64> = number("status"),
        reason: String = text("reason"),
        is_upgrade: Option<bool> = flag("is_upgrade"),
        poi_id: String = text("poiid"),
    }
    /// 4.11: a changed shop passed the review, or failed.
    "modify_store_audit_info" => ModifyStoreAuditInfo {
        audit_id: Option<u64> = number("audit_id"),
        status: Option<u64> = number("status"),
        reason: String = text("reason"),
    }
    /// 4.11: pictures or sounds sent to the security check are judged.
    "wxa_media_check" => WxaMediaCheck {
        app_id: String = text("appid"),
        trace_id: String = text("trace_id"),
        /// 2 for the second version, missing in the first.
        version: Option<u64> = number("version"),
        /// First version.
        is_risky: Option<bool> = flag("isrisky"),
        /// First version.
        extra_info_json: Option<String> = optional("extra_info_json"),
        /// First version; 0 when the media was fetched.
        status_code: Option<i64> = number("status_code"),
        /// Second version: `pass`, `review` or `risky`.
        suggest: Option<String> = optional("result/suggest"),
        /// Second version.
        label: Option<u64> = number("result/label"),
        /// Second version.
        detail: Vec<MediaCheckDetail> = list("detail"),
    }
    /// 4.11: a mini program passed the review.
    "weapp_audit_success" => WeappAuditSuccess {
        succ_time: Option<u64> = number("SuccTime"),
    }
    /// 4.11: a mini program failed the review.
    "weapp_audit_fail" => WeappAuditFail {
        fail_time: Option<u64> = number("FailTime"),
        reason: String = text("Reason"),
        /// Media ids of pictures that show why.
        screen_shot: String = text("ScreenShot"),
    }
    /// 4.11: the review of a mini program takes longer.
    "weapp_audit_delay" => WeappAuditDelay {
        delay_time: Option<u64> = number("DelayTime"),
        reason: String = text("Reason"),
    }
    /// 4.11: the official tool tests the push.
    "debug_demo" => DebugDemo { debug_str: String = text("debug_str") }
}

// `Unknown` on purpose, with all their fields. WeChat removed `ENTER` long ago. Of the others the
// protocol page has the name only (4.7, 4.11): `wx_verify_pay_succ`, `wxa_nickname_audit`,
// `wxa_illegal_record`, `wxa_appeal_record`, `wxa_privacy_apply`, `wxa_category_audit`,
// `complaint_callback`, `add_express_path`, `charge_service_quota_notify`, `retail_refund_notify`,
// `product_spu_audit`, and those that begin with `open_product_`, `aftersale_`, `xpay_`,
// `trade_manage_` or `channels_ec_`: mini programs, shops and platforms.
// `bind`, `unbind`, `subscribe_status` and `unsubscribe_status` come as device messages
// (`Content::Device`), and a platform's pushes have an InfoType and no Event.
