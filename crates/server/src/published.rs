//! What can be asked over HTTP, in words.

/// A request, and what comes of it.
pub struct PublishedRoute {
    /// `GET` or `POST`; `GET` stands for `HEAD`, too.
    pub method: &'static str,
    /// With parts like `{id}`.
    pub path: &'static str,
    /// What is answered or done.
    pub meaning: &'static str,
}

/// What the endpoint answers: requests that WeChat signed at an account's `path`, and files.
pub const ENDPOINT_ROUTES: [PublishedRoute; 3] = [
    PublishedRoute {
        method: "GET",
        path: "/wechat",
        meaning: "The `path` of an account: WeChat verifies the URL, and gets `echostr` back",
    },
    PublishedRoute {
        method: "POST",
        path: "/wechat",
        meaning: "The same: a message or an event, and the passive reply to it",
    },
    PublishedRoute { method: "GET", path: "/NAME", meaning: "One of `[server] files`" },
];
