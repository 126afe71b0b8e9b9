//! What is written in `#[commands(…)]` and `#[command(…)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::punctuated::Punctuated;
use syn::{Attribute, LitStr, Path, Result, Token};

/// `#[commands(slash = "required", texts = ENGLISH)]`, on the enum.
#[derive(Default)]
pub(super) struct SetAttributes {
    slash: Option<LitStr>,
    texts: Option<Path>,
}

/// `#[command(name = "…", example = "…", rest)]`, on a field.
#[derive(Default)]
pub(super) struct FieldAttributes {
    pub(super) name: Option<LitStr>,
    pub(super) example: Option<LitStr>,
    pub(super) rest: bool,
}

impl SetAttributes {
    pub(super) fn read(attributes: &[Attribute]) -> Result<Self> {
        let mut read = Self::default();
        for attribute in attributes.iter().filter(|one| one.path().is_ident("commands")) {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("slash") {
                    let slash: LitStr = meta.value()?.parse()?;
                    if !["required", "optional", "none"].contains(&slash.value().as_str()) {
                        return Err(meta.error("`slash` is `required`, `optional` or `none`"));
                    }
                    read.slash = Some(slash);
                } else if meta.path.is_ident("texts") {
                    read.texts = Some(meta.value()?.parse()?);
                } else {
                    return Err(meta.error("expected `slash` or `texts`"));
                }
                Ok(())
            })?;
        }
        Ok(read)
    }

    pub(super) fn slash(&self) -> TokenStream {
        match self.slash.as_ref().map(LitStr::value).as_deref() {
            Some("required") => quote!(::wxbot_sdk::command::Slash::Required),
            Some("none") => quote!(::wxbot_sdk::command::Slash::None),
            _ => quote!(::wxbot_sdk::command::Slash::Optional),
        }
    }

    pub(super) fn texts(&self) -> TokenStream {
        match &self.texts {
            Some(texts) => quote!(&#texts),
            None => quote!(&::wxbot_sdk::command::CommandTexts::CHINESE),
        }
    }
}

impl FieldAttributes {
    pub(super) fn read(attributes: &[Attribute]) -> Result<Self> {
        let mut read = Self::default();
        for attribute in attributes.iter().filter(|one| one.path().is_ident("command")) {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("name") {
                    read.name = Some(meta.value()?.parse()?);
                } else if meta.path.is_ident("example") {
                    read.example = Some(meta.value()?.parse()?);
                } else if meta.path.is_ident("rest") {
                    read.rest = true;
                } else {
                    return Err(meta.error("expected `name`, `example` or `rest`"));
                }
                Ok(())
            })?;
        }
        Ok(read)
    }
}

/// `#[command("天气", "weather")]`, on a variant: its names.
pub(super) fn names(attributes: &[Attribute]) -> Result<Vec<LitStr>> {
    let mut names = Vec::new();
    for attribute in attributes.iter().filter(|one| one.path().is_ident("command")) {
        let list = Punctuated::<LitStr, Token![,]>::parse_terminated;
        names.extend(attribute.parse_args_with(list)?);
    }
    Ok(names)
}
