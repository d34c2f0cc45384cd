//! `serve`: start, greet, serve, and stop without losing what is under way.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::certificate::Watched;
use super::settings::Settings;
use super::{Product, audit, database, first_start, schemas};
use crate::edge;
use crate::outbound::Outbound;
use crate::service::{Audience, Served};
use crate::store::Store;
use crate::store::sql::Purpose;
use crate::{Sealer, Server, Worker, telemetry};

/// Requests that are under way when the process is asked to stop have this long.
const STOP_TIME: Duration = Duration::from_secs(25);
/// Histograms keep every sample until they are tidied up.
const METRICS_EVERY: Duration = Duration::from_secs(5);

/// Serves until SIGTERM or SIGINT. Then `/readyz` says no, connections are taken for a while
/// longer, and requests under way are finished; a second signal ends the process at once.
pub(super) async fn serve(
    product: Product,
    settings: &Settings,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    // The port first: whoever cannot have it must not touch the database.
    let listener = edge::bind(&settings.addresses()?)
        .with_context(|| format!("cannot listen on {}", settings.listen))?;
    let address = listener.local_addr()?;
    let mut edge = settings.edge.clone();
    if let Some(files) = &settings.certificate {
        let watched = Watched::read(files.clone())?;
        edge.certificate = Some(watched.certificate.clone());
        tokio::spawn(watched.watch());
    }
    let store = open(settings).await?;
    let audit_key = audit::key_of_server(settings)?;

    let (served, hooks) = schemas::parts(product, settings)?;
    let shown = shown(&served);
    let metrics = telemetry::metrics()?;
    let upkeep = tokio::spawn(tidy_up(metrics.clone()));
    let server = Server::builder(Arc::clone(&store))
        .public_url(&public_url(settings, address))
        .limits(settings.limits)
        .outbound(Outbound::new(settings.allow_private_outbound.clone()))
        .metrics(move || metrics.render())
        .serve(served)
        .hooks(hooks)
        .build();
    first_start::greet(product, &store, &server, settings, &shown, out).await?;

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let (stop_working, stopped) = watch::channel(false);
    let worker = tokio::spawn(Worker::new(Arc::clone(server.engine())).run(stopped));
    let (stop_sealing, stopped) = watch::channel(false);
    let sealer = match audit_key {
        Some(key) => tokio::spawn(Sealer::run_signing(Arc::clone(&store), key, stopped)),
        None => tokio::spawn(Sealer::run(Arc::clone(&store), stopped)),
    };
    let (stop_serving, stopped) = watch::channel(false);
    let service = server.service_beside(product.pages.map(|pages| pages(&server)).transpose()?);
    let mut serving = tokio::spawn(edge::serve(listener, service, edge, stopped));
    tracing::info!("listening on {}://{address}", scheme(settings));
    let tenant_url = public_url(settings, address);
    tracing::info!("the Tenant URL of each tenant is {tenant_url}/t/TENANT/scim/v2");

    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        ended = &mut serving => {
            ended.context("serving ended")?;
            bail!("serving ended, and nobody asked for it");
        }
    }
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::warn!("asked to stop again: ending at once");
        // What is committed is safe, and what is not was never acknowledged.
        std::process::exit(1);
    });
    tracing::info!("stopping");
    server.readiness().off();
    tokio::time::sleep(settings.drain).await;
    stop_serving.send_replace(true);
    if tokio::time::timeout(STOP_TIME, serving).await.is_err() {
        tracing::warn!("some requests were cut off after {} s", STOP_TIME.as_secs());
    }
    stop_working.send_replace(true);
    worker.await.context("work for later ended")?;
    stop_sealing.send_replace(true);
    sealer.await.context("sealing ended")?;
    upkeep.abort();
    store.close().await;
    Ok(())
}

async fn open(settings: &Settings) -> anyhow::Result<Arc<dyn Store>> {
    let store = database::open_any(settings, Purpose::Serve).await?;
    let migrated = store.migrate().await?;
    if migrated.from != migrated.to {
        tracing::info!(
            "migrated the database from schema version {} to {}",
            migrated.from,
            migrated.to
        );
    }
    Ok(Arc::new(store))
}

/// As configured, else the address that is listened on; every address of this machine is also
/// `localhost`.
fn public_url(settings: &Settings, address: SocketAddr) -> String {
    match &settings.public_url {
        Some(url) => url.clone(),
        None if address.ip().is_unspecified() => {
            format!("{}://localhost:{}", scheme(settings), address.port())
        }
        None => format!("{}://{address}", scheme(settings)),
    }
}

fn scheme(settings: &Settings) -> &'static str {
    match settings.certificate {
        Some(_) => "https",
        None => "http",
    }
}

/// What applications look at: the first type that is made for them.
fn shown(served: &[Served]) -> String {
    let for_apps = served
        .iter()
        .find(|served| served.audience == Audience::Apps);
    let shown = for_apps.or_else(|| served.first());
    shown.map_or_else(String::new, |served| {
        served.resource_type.endpoint().to_owned()
    })
}

async fn tidy_up(metrics: metrics_exporter_prometheus::PrometheusHandle) {
    loop {
        tokio::time::sleep(METRICS_EVERY).await;
        metrics.run_upkeep();
    }
}
