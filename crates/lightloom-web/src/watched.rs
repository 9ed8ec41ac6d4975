//! Connections of `ureq` whose waits end: no single wait is longer than the time-out, also where the bytes of a TLS record or
//! of the frame around a body come one by one, of which whoever reads the body sees nothing.

use std::io;
use std::time::{Duration, Instant};

use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, DefaultConnector, NextTimeout, Transport as Connection,
};
use ureq::{Error, Timeout};

use super::fetch::Pace;

/// Makes connections of the usual kind.
#[derive(Debug)]
pub(super) struct Watching {
    usual: DefaultConnector,
    longest: Duration,
    pace: Pace,
}

impl Watching {
    /// No wait is longer than `longest`, and bytes come at this pace.
    pub fn new(longest: Duration, pace: Pace) -> Self {
        Self { usual: DefaultConnector::default(), longest, pace }
    }
}

impl Connector<()> for Watching {
    type Out = Watched;

    fn connect(&self, details: &ConnectionDetails, chained: Option<()>) -> Result<Option<Watched>, Error> {
        let connection = self.usual.connect(details, chained)?;
        Ok(connection.map(|connection| Watched { connection, longest: self.longest, pace: self.pace.clone() }))
    }
}

#[derive(Debug)]
pub(super) struct Watched {
    connection: Box<dyn Connection>,
    longest: Duration,
    pace: Pace,
}

impl Connection for Watched {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.connection.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.pace.begin();
        self.connection.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, mut timeout: NextTimeout) -> Result<bool, Error> {
        if timeout.after > self.longest.into() {
            (timeout.after, timeout.reason) = (self.longest.into(), Timeout::PerRead);
        }
        let before = self.connection.buffers().input().len();
        let asked = Instant::now();
        let has_come = self.connection.await_input(timeout)?;
        let came = self.connection.buffers().input().len().saturating_sub(before);
        let is_slow = |slow| Error::Io(io::Error::new(io::ErrorKind::TimedOut, slow));
        self.pace.came(came as u64, asked.elapsed()).map_err(is_slow)?;
        Ok(has_come)
    }

    fn is_open(&mut self) -> bool {
        self.connection.is_open()
    }

    fn is_tls(&self) -> bool {
        self.connection.is_tls()
    }
}
