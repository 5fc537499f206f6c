//! When to stop serving.

use tokio::sync::watch;

/// Tells the service when to stop.
#[derive(Debug)]
pub struct Shutdown {
    pub(crate) signals: bool,
    pub(crate) hand: watch::Receiver<bool>,
    /// Kept so that the channel stays open when nobody holds a [`Stop`].
    _keep: Option<Stop>,
}

/// Stops the service it was made with.
#[derive(Clone, Debug)]
pub struct Stop(watch::Sender<bool>);

impl Shutdown {
    /// On SIGTERM or SIGINT.
    pub fn on_signals() -> Self {
        let (stop, hand) = watch::channel(false);
        Self { signals: true, hand, _keep: Some(Stop(stop)) }
    }

    /// When the [`Stop`] says so, or is dropped with all its clones; signals are left alone.
    pub fn by_hand() -> (Self, Stop) {
        let (stop, hand) = watch::channel(false);
        (Self { signals: false, hand, _keep: None }, Stop(stop))
    }
}

impl Stop {
    /// The service begins to stop.
    pub fn now(&self) {
        let _ = self.0.send(true);
    }
}
