//! An argument: a field, what it is called, and how many words it takes.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Field, GenericArgument, PathArguments, Result, Type};

use super::attributes::FieldAttributes;
use super::doc;

pub(super) struct Argument<'f> {
    pub(super) field: &'f Field,
    attributes: FieldAttributes,
    takes: Takes,
    /// Without `Option` or `Vec` around it.
    inner: &'f Type,
}

#[derive(Clone, Copy, PartialEq)]
enum Takes {
    One,
    Optional,
    Many,
    Rest,
    OptionalRest,
}

impl<'f> Argument<'f> {
    pub(super) fn read(field: &'f Field) -> Result<Self> {
        let attributes = FieldAttributes::read(&field.attrs)?;
        let (takes, inner) = match (inside("Option", &field.ty), inside("Vec", &field.ty)) {
            (Some(inner), _) if attributes.rest => (Takes::OptionalRest, inner),
            (Some(inner), _) => (Takes::Optional, inner),
            (_, Some(inner)) if !attributes.rest => (Takes::Many, inner),
            _ if attributes.rest => (Takes::Rest, &field.ty),
            _ => (Takes::One, &field.ty),
        };
        Ok(Self { field, attributes, takes, inner })
    }

    pub(super) fn takes_all(&self) -> bool {
        matches!(self.takes, Takes::Many | Takes::Rest | Takes::OptionalRest)
    }

    pub(super) fn may_be_missing(&self) -> bool {
        !matches!(self.takes, Takes::One | Takes::Rest)
    }

    /// Its row of the table.
    pub(super) fn row(&self, place: usize) -> TokenStream {
        let (name, example) = (self.name(), self.attributes.example.iter());
        let ident = self.field.ident.as_ref().map(ToString::to_string);
        let field = ident.unwrap_or_else(|| format!("argument{}", place + 1));
        let inner = self.inner;
        let takes = match self.takes {
            Takes::One => quote!(One),
            Takes::Optional => quote!(Optional),
            Takes::Many => quote!(Many),
            Takes::Rest => quote!(Rest),
            Takes::OptionalRest => quote!(OptionalRest),
        };
        let example = match example.len() {
            0 => quote!(::std::option::Option::None),
            _ => quote!(::std::option::Option::Some(#(#example)*)),
        };
        quote! {
            ::wxbot_sdk::command::ArgumentSpec {
                field: #field,
                name: #name,
                takes: ::wxbot_sdk::command::Takes::#takes,
                kind: || (&::wxbot_sdk::command::Reader::<#inner>::NEW).kind(),
                example: #example,
            }
        }
    }

    /// What reads it from the words.
    pub(super) fn value(&self, place: usize) -> TokenStream {
        let inner = self.inner;
        let read = quote! {
            |word: &str, now: u64| (&::wxbot_sdk::command::Reader::<#inner>::NEW).read(word, now)
        };
        match self.takes {
            Takes::One => quote!(words.one(#place, #read)?),
            Takes::Optional => quote!(words.optional(#place, #read)?),
            Takes::Many => quote!(words.many(#place, #read)?),
            Takes::Rest => quote!(words.rest(#place, #read)?),
            Takes::OptionalRest => quote!(words.optional_rest(#place, #read)?),
        }
    }

    /// What followers read: its `name`, its doc comment, or its name in Rust.
    fn name(&self) -> String {
        if let Some(name) = &self.attributes.name {
            return name.value();
        }
        let (doc, _) = doc::paragraphs(&self.field.attrs);
        let ident = || self.field.ident.as_ref().map_or("…".into(), ToString::to_string);
        if doc.is_empty() { ident() } else { doc }
    }
}

/// The `T` of an `Option<T>` or `Vec<T>`.
fn inside<'t>(name: &str, of: &'t Type) -> Option<&'t Type> {
    let Type::Path(path) = of else { return None };
    let last = path.path.segments.last().filter(|segment| segment.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(inner) => Some(inner),
        _ => None,
    })
}
