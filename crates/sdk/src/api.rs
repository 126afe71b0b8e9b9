//! WeChat's API as a plugin sees it (protocol section 7): calls of one account, with its token.

mod caller; // who makes them, whatever they are

// What is typed, by its noun.
mod notifications;
mod subscription_templates;
mod users;
mod tags;
mod qr_codes;
mod short_keys;
mod quotas;
mod file_content;
mod form;
mod partial_file;
mod file_stream;
mod media;
mod material;
mod materials;
mod drafts;
mod js_sdk;
mod oauth;

// What comes back.
mod answer;
mod error;
mod refusal;
mod codes;
mod class;
mod condition;
mod percent;

pub use caller::{Api, Unconfigured};
pub use class::Class;
pub use condition::ApiCondition;
pub use drafts::{Article, DraftItem, DraftPage, Drafts, PublishedItem, PublishedPage};
pub use error::ApiError;
pub use file_content::{ContentError, ContentReader, FileContent};
pub use file_stream::{Fetched, FileStream};
pub use form::{FileName, Form, FormPart};
pub use js_sdk::JsConfig;
pub use material::{Material, VideoText};
pub use materials::{MaterialCount, MaterialItem, MaterialPage, Materials};
pub use media::{Download, MediaKind, OpenDownload, Upload, Uploaded};
pub use notifications::{Industries, Industry, Notifications, Template};
pub use oauth::{AuthorizeError, OAuth, Profile, Scope, WebLogin};
pub use partial_file::SaveError;
pub use qr_codes::{QrCode, QrCodes, Scene};
pub use quotas::{Quota, Quotas};
pub use refusal::ApiRefusal;
pub use short_keys::{LongData, ShortKeys};
pub use subscription_templates::{
    Category, Lasts, SubscriptionTemplate, SubscriptionTemplates, TemplateKeyword, TemplateTitle,
    TitlePage,
};
pub use tags::{Tag, Tags};
pub use users::{User, UserPage, Users};

pub use crate::call::{Call, Credentials};
