//! The network address of who asks, as far as it can be believed.
use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, request::Parts},
};

use crate::actions::App;

/// An address to throttle by: never one that the client chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer(pub String);

impl FromRequestParts<App> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let connected = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let connected = connected.map(|connected| connected.0.ip().to_canonical());
        Ok(Self(address(
            connected,
            &parts.headers,
            &app.settings.http.trusted_proxies,
        )))
    }
}

/// The last address that a trusted proxy saw, else the one that is connected.
///
/// | connected | trusted   | `X-Forwarded-For`     | address   |
/// |-----------|-----------|-----------------------|-----------|
/// | 9.9.9.9   | 127.0.0.1 | 1.1.1.1               | 9.9.9.9   |
/// | 127.0.0.1 | 127.0.0.1 | 1.1.1.1, 8.8.8.8      | 8.8.8.8   |
/// | 127.0.0.1 | 127.0.0.1 | 8.8.8.8, 127.0.0.1    | 8.8.8.8   |
/// | 127.0.0.1 | 127.0.0.1 |                       | 127.0.0.1 |
fn address(connected: Option<IpAddr>, headers: &HeaderMap, trusted: &[IpAddr]) -> String {
    let Some(connected) = connected else {
        return String::new();
    };
    let mut found = connected;
    if !trusted.contains(&connected) {
        return found.to_string();
    }
    let seen = headers.get_all("x-forwarded-for").iter();
    let seen: Vec<&str> = seen
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    for hop in seen.iter().rev() {
        let Ok(hop) = hop.trim().parse::<IpAddr>() else {
            break;
        };
        found = hop.to_canonical();
        if !trusted.contains(&found) {
            break;
        }
    }
    found.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        for (connected, forwarded, expected) in [
            ("9.9.9.9", "1.1.1.1", "9.9.9.9"),
            ("127.0.0.1", "1.1.1.1, 8.8.8.8", "8.8.8.8"),
            ("127.0.0.1", "8.8.8.8, 127.0.0.1", "8.8.8.8"),
            ("127.0.0.1", "", "127.0.0.1"),
            ("127.0.0.1", "n’importe quoi", "127.0.0.1"),
        ] {
            let mut headers = HeaderMap::new();
            if let Ok(value) = forwarded.parse() {
                headers.insert("x-forwarded-for", value);
            }
            let trusted = ["127.0.0.1".parse().unwrap()];
            let found = address(connected.parse().ok(), &headers, &trusted);
            assert_eq!(found, expected, "{connected} {forwarded}");
        }
    }
}
