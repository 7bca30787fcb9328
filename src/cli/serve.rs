//! `encommun serve`: the pages, the API and the loops, in one process.
use std::{net::SocketAddr, process::ExitCode, time::Duration};

use anyhow::Context;
use axum::{
    Router,
    extract::{Request, State},
    http::StatusCode,
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use metrics_exporter_prometheus::PrometheusBuilder;
use tokio::{net::TcpListener, task::JoinHandle};
use tower_http::{
    catch_panic::CatchPanicLayer, compression::CompressionLayer, timeout::TimeoutLayer,
};

use super::{open, say};
use crate::{actions::App, api, settings::Settings, store::health, web, worker};

pub(super) async fn run(settings: Settings) -> anyhow::Result<ExitCode> {
    let app = prepare(settings).await?;
    let listener = listen(&app.settings).await?;
    say(&format!(
        "EnCommun répond à l’adresse {}",
        app.settings.http.public_url
    ));
    serve(app, listener).await?;
    Ok(verdict())
}

/// Takes the address of the settings.
pub(super) async fn listen(settings: &Settings) -> anyhow::Result<TcpListener> {
    let address = &settings.http.listen;
    TcpListener::bind(address).await.with_context(|| {
        format!(
            "L’adresse {address} ne peut pas être prise\u{a0}; choisissez-en une autre avec \
             ENCOMMUN__HTTP__LISTEN et ENCOMMUN__HTTP__PUBLIC_URL"
        )
    })
}

/// `encommun worker`: the loops without the pages, until the process is asked to stop.
pub(super) async fn work(settings: Settings) -> anyhow::Result<ExitCode> {
    let app = prepare(settings).await?;
    let store = app.store.clone();
    let measures = metrics_server(&app.settings).await?;
    say("Tâches de fond en marche.");
    tokio::select! {
        () = worker::run(app) => {}
        () = stop() => {}
    }
    if let Some(task) = measures {
        task.abort();
    }
    store.close().await?;
    Ok(verdict())
}

/// Opens a database that this version may use, bringing its schema up to date first.
async fn prepare(settings: Settings) -> anyhow::Result<App> {
    let mut app = open(settings).await?;
    app.store
        .migrate(app.clock.now())
        .await
        .context("migration")?;
    app.store.check_schema(env!("CARGO_PKG_VERSION")).await?;
    app.demo = app.store.is_demo().await?;
    app.store.self_test(app.clock.now()).await?;
    Ok(app)
}

/// A disk that failed must be seen by who restarts the service.
fn verdict() -> ExitCode {
    if health::condemned() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

/// Serves until the process is asked to stop or the disk fails.
pub(super) async fn serve(app: App, listener: TcpListener) -> anyhow::Result<()> {
    let measures = metrics_server(&app.settings).await?;
    let loops = app
        .settings
        .worker
        .inside_serve
        .then(|| tokio::spawn(worker::run(app.clone())));
    let store = app.store.clone();
    let service = router(app).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service)
        .with_graceful_shutdown(stop())
        .await?;
    for task in loops.into_iter().chain(measures) {
        task.abort();
    }
    store.close().await?;
    Ok(())
}

/// Prometheus reads on a port of its own, so that it is never published with the pages.
async fn metrics_server(settings: &Settings) -> anyhow::Result<Option<JoinHandle<()>>> {
    if settings.metrics.listen.is_empty() {
        return Ok(None);
    }
    let recorder = PrometheusBuilder::new()
        .install_recorder()
        .context("metrics")?;
    let listener = TcpListener::bind(&settings.metrics.listen)
        .await
        .with_context(|| settings.metrics.listen.clone())?;
    let router = Router::new().route("/metrics", get(async move || recorder.render()));
    Ok(Some(tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(error = %error, "The metrics stopped");
        }
    })))
}

/// Pages, API, health: the whole application behind one door.
pub fn router(app: App) -> Router {
    let timeout = Duration::from_secs(app.settings.http.timeout_s);
    Router::new()
        .route("/health", get(alive))
        .route("/ready", get(ready))
        .route_layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            timeout,
        ))
        .merge(api::router(&app))
        .merge(web::router(&app))
        .layer(middleware::from_fn(trace))
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::new())
        .with_state(app)
}

/// The process runs.
async fn alive() -> &'static str {
    "ok"
}

/// The process can answer: its database reads, its disk has not failed.
async fn ready(State(app): State<App>) -> Response {
    let reads = app.store.view().await.is_ok();
    if reads && !health::condemned() {
        "ok".into_response()
    } else {
        StatusCode::SERVICE_UNAVAILABLE.into_response()
    }
}

/// One line per request: the route rather than the path, so that no name or secret is logged.
async fn trace(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<axum::extract::MatchedPath>()
        .map_or_else(|| "(inconnue)".to_owned(), |path| path.as_str().to_owned());
    let started = tokio::time::Instant::now();
    let response = next.run(request).await;
    let elapsed_ms = started.elapsed().as_millis();
    let status = response.status().as_u16();
    metrics::counter!("http_requests", "route" => route.clone(), "status" => status.to_string())
        .increment(1);
    tracing::info!(elapsed_ms, "{method} {route} {status}");
    response
}

async fn stop() {
    let condemned = async {
        while !health::condemned() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    };
    tokio::select! {
        () = condemned => {}
        () = signalled() => tracing::info!("Stopping"),
    }
}

async fn signalled() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        },
        Err(_) => {
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}
