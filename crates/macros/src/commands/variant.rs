//! A command: a variant, its names and its arguments.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Error, Fields, LitStr, Result, Variant};

use super::argument::Argument;
use super::{attributes, doc};

pub(super) struct Command<'v> {
    variant: &'v Variant,
    pub(super) names: Vec<LitStr>,
    arguments: Vec<Argument<'v>>,
}

impl<'v> Command<'v> {
    pub(super) fn read(variant: &'v Variant) -> Result<Self> {
        let mut names = attributes::names(&variant.attrs)?;
        if names.is_empty() {
            names.push(LitStr::new(&kebab(&variant.ident.to_string()), variant.ident.span()));
        }
        let arguments: Vec<_> = variant.fields.iter().map(Argument::read).collect::<Result<_>>()?;
        check_order(&arguments)?;
        Ok(Self { variant, names, arguments })
    }

    /// Its row of the table.
    pub(super) fn row(&self) -> TokenStream {
        let (names, (help, details)) = (&self.names, doc::paragraphs(&self.variant.attrs));
        let arguments = self.arguments.iter().enumerate().map(|(at, argument)| argument.row(at));
        quote! {
            ::wxbot_sdk::command::Command {
                names: &[#(#names),*],
                help: #help,
                details: #details,
                arguments: &[#(#arguments),*],
            }
        }
    }

    /// What makes the variant of the words behind the name.
    pub(super) fn arm(&self, place: usize) -> TokenStream {
        let ident = &self.variant.ident;
        let values = self.arguments.iter().enumerate().map(|(at, argument)| argument.value(at));
        let made = match &self.variant.fields {
            Fields::Unit => quote!(Self::#ident),
            Fields::Unnamed(_) => quote!(Self::#ident(#(#values),*)),
            Fields::Named(fields) => {
                let names = fields.named.iter().map(|field| &field.ident);
                quote!(Self::#ident { #(#names: #values),* })
            }
        };
        quote!(#place => ::std::result::Result::Ok(#made))
    }
}

/// What may be left out, and what takes everything, comes last.
fn check_order(arguments: &[Argument<'_>]) -> Result<()> {
    for pair in arguments.windows(2) {
        let [before, after] = pair else { continue };
        if before.takes_all() {
            return Err(Error::new_spanned(after.field, "nothing is left for this argument"));
        }
        if before.may_be_missing() && !after.may_be_missing() {
            let message = "an argument that is needed comes before those that may be left out";
            return Err(Error::new_spanned(after.field, message));
        }
    }
    Ok(())
}

/// `BookTable` is `book-table`.
fn kebab(name: &str) -> String {
    let mut kebab = String::new();
    for (place, character) in name.char_indices() {
        if character.is_uppercase() && place > 0 {
            kebab.push('-');
        }
        kebab.extend(character.to_lowercase());
    }
    kebab
}
