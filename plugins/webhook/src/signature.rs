//! Standard Webhooks: the id of a message, and its signatures (standardwebhooks.com).

use base64::prelude::{BASE64_STANDARD, Engine};
use ring::{digest, hmac};
use wxbot_sdk::clock::Clock;
use wxbot_sdk::context::Context;
use wxbot_sdk::settings::OneOrMany;

use crate::endpoint::Post;

/// In front of a secret, so that it is recognised as one.
const PREFIX: &str = "whsec_";
/// Bytes of a secret.
const LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;

/// Puts the headers on what is posted.
pub(crate) struct Signer {
    /// Several while one is replaced by another; none where nothing is signed.
    secrets: Vec<Secret>,
}

impl Signer {
    pub(crate) fn new(secrets: Option<&OneOrMany>) -> Result<Self, String> {
        let texts = secrets.into_iter().flat_map(|secrets| &secrets.0);
        Ok(Self { secrets: texts.map(|text| Secret::read(text)).collect::<Result<_, _>>()? })
    }

    pub(crate) fn sign(&self, ctx: &Context, post: &mut Post) {
        let id = message_id(ctx);
        let timestamp = Clock::system().seconds().to_string();
        if !self.secrets.is_empty() {
            let sign = |secret: &Secret| secret.sign(&id, &timestamp, &post.body);
            let signatures = self.secrets.iter().map(sign).collect::<Vec<_>>();
            post.headers.push(("webhook-signature", signatures.join(" ")));
        }
        post.headers.extend([("webhook-id", id), ("webhook-timestamp", timestamp)]);
    }
}

/// What signs; nothing prints it.
pub(crate) struct Secret(hmac::Key);

impl Secret {
    /// Reads `whsec_…`. The error does not repeat it.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let expected = "`secret` is `whsec_` and base64 of 24 to 64 bytes, for example \
                        `echo whsec_$(openssl rand -base64 32)`";
        let Some(encoded) = text.strip_prefix(PREFIX) else {
            return Err(format!("{expected}; this one does not begin with `whsec_`"));
        };
        let Ok(bytes) = BASE64_STANDARD.decode(encoded) else {
            return Err(format!("{expected}; behind `whsec_` this one is not base64"));
        };
        if !LENGTHS.contains(&bytes.len()) {
            return Err(format!("{expected}; this one has {} bytes", bytes.len()));
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
    }

    /// One signature for the header `webhook-signature`.
    pub(crate) fn sign(&self, id: &str, timestamp: &str, body: &[u8]) -> String {
        let mut signed = hmac::Context::with_key(&self.0);
        for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
            signed.update(part);
        }
        format!("v1,{}", BASE64_STANDARD.encode(signed.sign()))
    }
}

/// The idempotency key of a message: the same whenever this link is asked about it, on whichever
/// instance, however often.
pub(crate) fn message_id(ctx: &Context) -> String {
    let mut hash = digest::Context::new(&digest::SHA256);
    let mut add = |text: &str| {
        hash.update(&(text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    };
    add(ctx.account());
    add(ctx.link());
    ctx.message().fields().said().for_each(|(_, said)| add(said));
    format!("msg_{}", hex::encode(&hash.finish().as_ref()[..16]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the specification's own libraries.
    #[test]
    fn a_known_message_has_the_known_signature() {
        let secret = Secret::read("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").ok().unwrap();
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let signature = secret.sign(id, "1614265330", br#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn what_is_no_secret_says_so_without_repeating_it() {
        let table = [
            ("", "does not begin with `whsec_`"),
            ("c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0", "does not begin with `whsec_`"),
            ("whsec_", "has 0 bytes"),
            ("whsec_c2VjcmV0", "has 6 bytes"),
            ("whsec_c2VjcmV0!", "is not base64"),
        ];
        for (text, expected) in table {
            let error = Secret::read(text).err().expect(text);
            assert!(error.contains(expected), "{error}");
            assert!(!error.contains("c2VjcmV0"), "{error}");
        }
        let long = format!("whsec_{}", BASE64_STANDARD.encode([7; 65]));
        assert!(Secret::read(&long).err().unwrap().contains("has 65 bytes"));
    }
}
