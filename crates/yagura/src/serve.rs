//! `yagura serve`: the page and the API over the embedded store, and watched folders.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::Context;
use yagura_api::{AppState, Asset, AssetSource, Auth, AuthConfig, Backend, Limits, UsersFile};
use yagura_pipeline::Router;
use yagura_saved::Saved;
use yagura_source::Watcher;

use crate::cli::ServeArguments;
use crate::configuration::Configuration;
use crate::facts::DatabaseFacts;
use crate::ingest::{Ingest, Progress};
use crate::ledger_view::ServedLedger;
use crate::load::{key_rule, processors};
use crate::log_types::log_types;
use crate::roll_up::Pace;
use crate::workspace::Workspace;

/// How often days that are over are merged.
const COMPACT_INTERVAL: Duration = Duration::from_secs(600);
/// How often it is looked for entities to count.
const ROLL_UP_INTERVAL: Duration = Duration::from_secs(2);
/// How long what goes on beside the server rests before it looks again.
const LOOK_INTERVAL: Duration = Duration::from_millis(500);
/// How long a file of a watched folder must not change to count as complete.
const FILE_SETTLES_AFTER: Duration = Duration::from_millis(300);
/// How long the watcher of folders rests at least.
const SHORTEST_FOLDER_REST: Duration = Duration::from_millis(100);
/// How many times longer it rests than it looked, up to [`LOOK_INTERVAL`]: folders may be large.
const RESTS_PER_LOOK: u32 = 20;

/// Runs the command until it is interrupted.
pub fn run(arguments: ServeArguments) -> anyhow::Result<bool> {
    let configuration =
        Configuration::load(&arguments.configuration, Some(&arguments.data), false)?;
    let auth = auth_config(&arguments)?;
    Auth::check_bind(arguments.listen, &auth)?;
    let workspace = Workspace::open(&arguments.data.data, &configuration.settings)?;
    let workspace = Arc::new(workspace);
    let data = &arguments.data.data;
    let state = AppState {
        store: Arc::clone(&workspace.store) as _,
        ledger: Arc::new(ServedLedger {
            workspace: Arc::clone(&workspace),
            router: Mutex::new(router(&configuration)?),
            configuration: configuration.clone(),
            retrying: Arc::new(Mutex::new(())),
        }),
        history: Arc::clone(&workspace.roll_up.history),
        facts: Arc::new(DatabaseFacts::new(configuration.databases.clone())),
        saved: Arc::new(Saved::open(&data.join("saved.db"))?),
        exports: data.join("exports"),
        log_types: log_types(&configuration.settings),
        auth: Auth::new(auth),
        assets: assets(),
        backend: Backend::Embedded,
        features: vec!["retry".to_owned()],
        version: env!("CARGO_PKG_VERSION").to_owned(),
        limits: Limits::default(),
    };
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        if !arguments.watch.is_empty() {
            scope.spawn(|| watch(&arguments, &configuration, &workspace, &stop));
        }
        scope.spawn(|| compact(&workspace, &stop));
        scope.spawn(|| roll_up(&workspace, &stop));
        let served = serve(&arguments, state);
        stop.store(true, Ordering::Relaxed);
        served
    })?;
    workspace.store.close()?;
    Ok(true)
}

fn router(configuration: &Configuration) -> anyhow::Result<Router> {
    Router::new(&configuration.settings).map_err(|(log_type, option, error)| {
        anyhow::anyhow!("cannot use `{option}` of `{log_type}`: {error}")
    })
}

fn auth_config(arguments: &ServeArguments) -> anyhow::Result<AuthConfig> {
    let path = arguments.configuration.config.as_ref();
    let path = path.map(|folder| folder.join("users.toml"));
    let users = match path.filter(|path| path.exists()) {
        Some(path) => Some(UsersFile::load(&path)?),
        None => None,
    };
    Ok(AuthConfig {
        users,
        host_names: arguments.host_name.clone(),
        secure_cookie: arguments.secure_cookie,
    })
}

fn serve(arguments: &ServeArguments, state: AppState) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(arguments.listen)
            .await
            .with_context(|| format!("cannot listen on `{}`", arguments.listen))?;
        println!("Yagura is at http://{}/", listener.local_addr()?);
        yagura_api::serve(listener, state, interrupted()).await?;
        Ok(())
    })
}

/// Ends when the process is asked to stop.
async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::error!("cannot wait for the interrupt: {error}");
        std::future::pending::<()>().await;
    }
}

/// Loads what is in the watched folders and what arrives there.
fn watch(
    arguments: &ServeArguments,
    configuration: &Configuration,
    workspace: &Workspace,
    stop: &AtomicBool,
) {
    let ingest = Ingest {
        configuration,
        workspace,
        bucket: &arguments.key.bucket,
        threads: processors(),
        again: false,
    };
    let (folders, rule) = (arguments.watch.clone(), key_rule(&arguments.key));
    let mut watcher = Watcher::new(folders, rule, FILE_SETTLES_AFTER);
    while !stop.load(Ordering::Relaxed) {
        configuration.databases.look();
        let started = Instant::now();
        let objects = watcher.look().unwrap_or_else(|error| {
            tracing::warn!("{error}");
            Vec::new()
        });
        let rest = (started.elapsed() * RESTS_PER_LOOK).clamp(SHORTEST_FOLDER_REST, LOOK_INTERVAL);
        // A few at a time, so that what arrived first can be searched first.
        for objects in objects.chunks(64) {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            if let Err(error) = ingest.run(objects, &Progress::default()) {
                tracing::error!("{error:#}; trying again");
                objects.iter().for_each(|object| watcher.forget(object));
            }
        }
        std::thread::sleep(rest);
    }
}

/// Merges what belongs to days that are over, now and then.
fn compact(workspace: &Workspace, stop: &AtomicBool) {
    let mut last = Instant::now();
    while !stop.load(Ordering::Relaxed) {
        if last.elapsed() >= COMPACT_INTERVAL {
            if let Err(error) = workspace.store.compact_closed() {
                tracing::warn!("cannot merge days that are over: {error}");
            }
            last = Instant::now();
        }
        std::thread::sleep(LOOK_INTERVAL);
    }
}

/// Keeps the roll-up of entities in step with what is loaded.
fn roll_up(workspace: &Workspace, stop: &AtomicBool) {
    let mut pace = Pace::default();
    while !stop.load(Ordering::Relaxed) {
        let should_stop = || stop.load(Ordering::Relaxed);
        if let Err(error) = workspace.roll_up.refresh(Some(&mut pace), should_stop) {
            tracing::warn!("cannot count entities: {error:#}");
        }
        let started = Instant::now();
        while started.elapsed() < ROLL_UP_INTERVAL && !stop.load(Ordering::Relaxed) {
            std::thread::sleep(LOOK_INTERVAL);
        }
    }
}

fn assets() -> AssetSource {
    Arc::new(|path, accept_encoding| {
        let asset = match path {
            "" | "index.html" => yagura_web::index_html(accept_encoding),
            path => yagura_web::asset(path, accept_encoding),
        }?;
        Some(Asset {
            bytes: asset.bytes,
            content_type: Cow::Borrowed(asset.content_type),
            encoding: asset.encoding,
            etag: asset.etag,
            cache_control: asset.cache_control,
        })
    })
}
