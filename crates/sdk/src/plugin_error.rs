//! What a plugin may fail with: any error.

use std::fmt;

/// Makes an error type that takes any error with `?`.
macro_rules! any_error {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        pub struct $name(Box<dyn std::error::Error + Send + Sync>);

        impl<E: Into<Box<dyn std::error::Error + Send + Sync>>> From<E> for $name {
            fn from(error: E) -> Self {
                Self(error.into())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)?;
                let mut cause = self.0.source();
                while let Some(error) = cause {
                    write!(f, ": {error}")?;
                    cause = error.source();
                }
                Ok(())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

any_error! {
    /// Why a message could not be handled. Takes any error with `?`, and texts.
    HandlerError
}

any_error! {
    /// Why an instance could not be made. Takes any error with `?`, and texts.
    BuildError
}
