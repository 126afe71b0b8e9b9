//! What the lists inside events hold.

use schemars::JsonSchema;
use serde::Serialize;

use crate::fields::Element;
use crate::fields::read::{flag, number, text};
use crate::id_text::as_text;

/// Declares records: a field is `name: Type = reader("path")`, as in the table of events.
macro_rules! records {
    ($(
        $(#[$doc:meta])*
        $name:ident {
            $($(#[$field_doc:meta])* $field:ident: $type:ty = $reader:ident($path:literal)),* $(,)?
        }
    )*) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
        pub struct $name { $(
            #[doc = concat!("`", $path, "`")] $(#[$field_doc])*
            pub $field: $type,
        )* }

        impl<'f> From<Element<'f>> for $name {
            fn from(at: Element<'f>) -> Self {
                Self { $($field: $reader(at, $path)),* }
            }
        }
    )* };
}

records! {
    /// 4.3: a picture about to be sent; it follows as an image message.
    Picture { md5: String = text("PicMd5Sum") }
    /// 4.4: what the check for reprints found about one article of a mass message.
    CopyrightResult {
        /// From 1.
        article_idx: Option<u64> = number("ArticleIdx"),
        /// 0 nothing declared, 1 original, 2 reprint.
        user_declare_state: Option<u64> = number("UserDeclareState"),
        /// 0 not checked, 1 checking, 11 passed; others failed.
        audit_state: Option<u64> = number("AuditState"),
        original_article_url: String = text("OriginalArticleUrl"),
        /// 1 original, 2 an older one that is not, 3 news, 4 on the block list.
        original_article_type: Option<u64> = number("OriginalArticleType"),
        can_reprint: Option<bool> = flag("CanReprint"),
        need_replace_content: Option<bool> = flag("NeedReplaceContent"),
        need_show_reprint_source: Option<bool> = flag("NeedShowReprintSource"),
    }
    /// 4.4: where an article of a mass message is.
    SentArticle {
        /// From 1.
        article_idx: Option<u64> = number("ArticleIdx"),
        article_url: String = text("ArticleUrl"),
    }
    /// 4.4: where a published article is.
    PublishedArticle {
        /// From 1.
        idx: Option<u64> = number("idx"),
        article_url: String = text("article_url"),
    }
    /// 4.5: what a user chose for one template when asked.
    SubscribePopup {
        template_id: String = text("TemplateId"),
        /// `accept` or `reject`.
        status: String = text("SubscribeStatusString"),
        /// Where they were asked: 1 a web page, 2 an article.
        popup_scene: Option<u64> = number("PopupScene"),
    }
    /// 4.5: what a user chose for one template later.
    SubscribeChange {
        template_id: String = text("TemplateId"),
        /// In practice only `reject`.
        status: String = text("SubscribeStatusString"),
    }
    /// 4.5: what became of one notification.
    SubscribeSent {
        template_id: String = text("TemplateId"),
        /// Of the call that sent it.
        #[serde(serialize_with = "as_text")]
        #[schemars(with = "Option<String>")]
        msg_id: Option<u64> = number("MsgID"),
        /// 0 when it arrived.
        error_code: Option<i64> = number("ErrorCode"),
        /// `success`, …
        error_status: String = text("ErrorStatus"),
    }
    /// 4.11: a Bluetooth beacon.
    Beacon {
        uuid: String = text("Uuid"),
        major: Option<u64> = number("Major"),
        minor: Option<u64> = number("Minor"),
        /// In metres.
        distance: Option<f64> = number("Distance"),
    }
    /// 4.11: what one strategy of the media check found.
    MediaCheckDetail {
        strategy: String = text("strategy"),
        /// 0 when the strategy gave a result.
        errcode: Option<i64> = number("errcode"),
        /// `pass`, `review` or `risky`.
        suggest: String = text("suggest"),
        label: Option<u64> = number("label"),
        /// How sure it is, 0 to 100.
        prob: Option<f64> = number("prob"),
    }
}
