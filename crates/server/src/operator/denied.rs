//! Why a request is refused, and what the answer is.

use actix_web::http::StatusCode;
use actix_web::http::header::WWW_AUTHENTICATE;
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};

/// Why a request is refused.
#[derive(Debug, thiserror::Error)]
pub(super) enum Denied {
    /// By a name that may be anybody's. 403.
    #[error(
        "this console has no token: ask for it as localhost or by its address, and from no other \
         page\n"
    )]
    Foreign,
    /// 401.
    #[error("the console's token is needed: Authorization: Bearer TOKEN\n")]
    Token,
    /// 429.
    #[error("too many wrong tokens\n")]
    TooManyTokens,
    /// 403.
    #[error("the header `X-Wxbot` is needed\n")]
    CsrfHeader,
}

impl ResponseError for Denied {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Foreign | Self::CsrfHeader => StatusCode::FORBIDDEN,
            Self::Token => StatusCode::UNAUTHORIZED,
            Self::TooManyTokens => StatusCode::TOO_MANY_REQUESTS,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponseBuilder::new(self.status_code());
        if let Self::Token = self {
            response.insert_header((WWW_AUTHENTICATE, "Bearer"));
        }
        response.body(self.to_string())
    }
}
