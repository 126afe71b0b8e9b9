//! `#[derive(Commands)]`: from an enum to its table, and to what reads it.

mod attributes;
mod argument;
mod doc;
mod variant;

use std::collections::HashSet;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Result};

use self::attributes::SetAttributes;
use self::variant::Command;

pub(crate) fn derive(input: &DeriveInput) -> Result<TokenStream> {
    let Data::Enum(data) = &input.data else {
        return Err(Error::new_spanned(input, "commands are the variants of an enum"));
    };
    if !input.generics.params.is_empty() {
        return Err(Error::new_spanned(&input.generics, "commands have no generics"));
    }
    let set = SetAttributes::read(&input.attrs)?;
    let commands: Vec<_> = data.variants.iter().map(Command::read).collect::<Result<_>>()?;
    refuse_doubles(&commands)?;
    let (name, about) = (&input.ident, doc::paragraphs(&input.attrs).0);
    let (slash, texts) = (set.slash(), set.texts());
    let rows = commands.iter().map(Command::row);
    let arms = commands.iter().enumerate().map(|(place, command)| command.arm(place));
    Ok(quote! {
        impl ::wxbot_sdk::command::Commands for #name {
            const SET: &'static ::wxbot_sdk::command::CommandSet = {
                #[allow(unused_imports)]
                use ::wxbot_sdk::command::{ReadArgument as _, ReadFromStr as _};
                &::wxbot_sdk::command::CommandSet {
                    about: #about,
                    slash: #slash,
                    texts: #texts,
                    commands: &[#(#rows),*],
                    takes: |text, now| ::wxbot_sdk::command::parse::<#name>(text, now).is_some(),
                }
            };

            fn read(
                place: usize,
                words: &mut ::wxbot_sdk::command::Words<'_>,
            ) -> ::std::result::Result<Self, ::wxbot_sdk::command::Misfit> {
                #[allow(unused_imports)]
                use ::wxbot_sdk::command::{ReadArgument as _, ReadFromStr as _};
                match place {
                    #(#arms,)*
                    _ => ::std::unreachable!("the table has no more commands"),
                }
            }
        }
    })
}

/// Names are compared without case.
fn refuse_doubles(commands: &[Command<'_>]) -> Result<()> {
    let mut known = HashSet::new();
    for name in commands.iter().flat_map(|command| &command.names) {
        let text = name.value();
        if text.is_empty() || text.contains(char::is_whitespace) || text.starts_with(['/', '／']) {
            return Err(Error::new(name.span(), "a name is one word, without a slash before it"));
        }
        if !known.insert(text.to_lowercase()) {
            return Err(Error::new(name.span(), format!("two commands are called `{text}`")));
        }
    }
    Ok(())
}
