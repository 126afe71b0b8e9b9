//! What can be asked over HTTP.

use wxbot_server::{ENDPOINT_ROUTES, PublishedRoute, console_routes};

use super::markdown::{heading, table};

pub(super) fn reference() -> String {
    let mut text = heading(2, "HTTP") + &heading(3, "The endpoint");
    text += "`[server] listen`, behind a proxy that speaks HTTPS:\n\n";
    text += &routes(ENDPOINT_ROUTES.iter());
    text += &format!("\n{}", heading(3, "The console"));
    text += "`[console] listen`, for operators. With a `token` all but `/`, `/healthz`, `/readyz` and `/callback` need \
             `Authorization: Bearer …`; each `POST` but that of `/callback` needs a header `X-Wxbot: 1`. `/callback` takes \
             the token that came with the question alone:\n\n";
    text + &routes(console_routes())
}

fn routes<'r>(routes: impl Iterator<Item = &'r PublishedRoute>) -> String {
    let rows = routes
        .map(|route| [format!("`{} {}`", route.method, route.path), route.meaning.to_owned()]);
    table(["request", "answer"], rows)
}
