//! What answers the requests of a listener.

use actix_http::Request;
use actix_web::body::BoxBody;
use actix_web::dev::{Response, Service, ServiceResponse};
use actix_web::{Error, HttpResponse};

/// Answers requests. Whatever it holds of a request while it waits is memory, as there may be
/// thousands that wait: head and body share the buffer they were received in.
pub(crate) trait Handler: 'static {
    /// What goes back.
    async fn respond(&self, request: Request) -> Response<BoxBody>;
}

/// An app of actix-web, with its routes.
pub(crate) struct Routed<S>(pub(crate) S);

impl<S> Handler for Routed<S>
where
    S: Service<Request, Response = ServiceResponse, Error = Error> + 'static,
{
    async fn respond(&self, request: Request) -> Response<BoxBody> {
        match self.0.call(request).await {
            Ok(response) => response.into(),
            Err(error) => HttpResponse::from_error(error).into(),
        }
    }
}
