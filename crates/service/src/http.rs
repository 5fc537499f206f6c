//! The accept loop: every connection has a time for its headers, its bodies and its answers, and there are only so many.
//!
//! Our own, because `axum::serve` sets no timer: a client that sends one byte a minute would keep its connection for ever.

mod idle;
mod table;

use crate::config::Limits;
use crate::limits;
use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::{Request, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use idle::{IdleBody, Watched};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use table::Table;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinSet;
use tower::ServiceExt;

pub(crate) use idle::BodyError;

/// A body that gives these pieces as they come, and is cut by an error among them.
pub(crate) fn streamed(receive: mpsc::Receiver<io::Result<Bytes>>) -> Body {
    let next = |mut receive: mpsc::Receiver<_>| async move { receive.recv().await.map(|piece| (piece, receive)) };
    Body::from_stream(futures_util::stream::unfold(receive, next))
}

/// Pause after `accept` failed (too many open files): nothing else would slow the loop.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How long things may take on a connection.
#[derive(Clone, Copy, Debug)]
struct Times {
    header: Duration,
    idle: Duration,
    body: Duration,
}

/// What a service for strangers bounds besides.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Guests {
    /// Connections at once from one address; none is the limit of all together.
    pub(crate) each: Option<usize>,
    /// A connection is closed after its answer: nobody keeps a place by asking now and then.
    pub(crate) once: bool,
}

/// Answers on this listener until told to stop, then lets requests under way end, for so long.
pub(crate) async fn accept(
    listener: TcpListener,
    router: Router,
    limits: &Limits,
    guests: Guests,
    mut stop: watch::Receiver<bool>,
    drain: Duration,
) {
    let places = Arc::new(Semaphore::new(limits.connections));
    let seconds = Duration::from_secs;
    let times = Times {
        header: seconds(limits.header_seconds),
        idle: seconds(limits.idle_seconds),
        body: seconds(limits.body_seconds),
    };
    let mut connections = JoinSet::new();
    let table = Table::new(guests.each);
    loop {
        // A place first: when all are taken, newcomers wait in the system's queue.
        let place = tokio::select! {
            place = places.clone().acquire_owned() => place,
            () = told(&mut stop) => break,
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = told(&mut stop) => break,
        };
        match accepted {
            Ok((stream, from)) => {
                // One address too many times: closed at once, its place is free again.
                let Some(seat) = table.seat(from.ip()) else { continue };
                let (router, stop) = (router.clone(), stop.clone());
                connections.spawn(async move {
                    let _places = (place, seat);
                    serve_connection(stream, router, times, guests.once, stop).await;
                });
            }
            Err(error) => {
                tracing::warn!(%error, "accept failed");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    let ended = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(drain, ended).await.is_err() {
        tracing::warn!("requests under way were cut after the time given to end");
    }
}

/// Waits until told to stop, or until nobody can tell any more.
async fn told(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn serve_connection(
    stream: TcpStream,
    router: Router,
    times: Times,
    once: bool,
    mut stop: watch::Receiver<bool>,
) {
    let _ = stream.set_nodelay(true);
    let answer = move |request: Request<Incoming>| {
        let body = |incoming| Body::new(IdleBody::new(incoming, times.idle, times.body));
        router.clone().oneshot(request.map(body))
    };
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .keep_alive(!once)
        .header_read_timeout(times.header)
        .max_headers(limits::HEADERS)
        .max_buf_size(limits::HEADER_BYTES);
    let io = TokioIo::new(Watched::new(stream, times.idle));
    let connection = builder.serve_connection(io, service_fn(answer));
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = told(&mut stop) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "connection ended");
    }
}
