//! A router that remembers its routes, so that tests can walk every one of them.
use axum::{
    Router,
    handler::Handler,
    http::Method,
    routing::{get, post},
};

use crate::actions::App;

/// Pages and forms with their list.
#[derive(Debug, Default)]
pub struct Routes {
    router: Router<App>,
    listed: Vec<(Method, &'static str)>,
}

impl Routes {
    /// Adds a page.
    #[must_use]
    pub fn get<H, T>(mut self, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.router = self.router.route(path, get(handler));
        self.listed.push((Method::GET, path));
        self
    }

    /// Adds a form.
    #[must_use]
    pub fn post<H, T>(mut self, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.router = self.router.route(path, post(handler));
        self.listed.push((Method::POST, path));
        self
    }

    /// Adds the routes of another noun.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.listed.extend(other.listed);
        self
    }

    /// The router and the list of its routes.
    pub fn finish(self) -> (Router<App>, Vec<(Method, &'static str)>) {
        (self.router, self.listed)
    }
}
