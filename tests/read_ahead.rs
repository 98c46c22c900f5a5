//! S3 is asked for several objects at once, and the answers count as if it had been one after the other.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use trailmeter_testkit::bad_input::good_file;
use trailmeter_testkit::http::{Answer, Response, Server};
use trailmeter_testkit::runtime_api::Function;
use trailmeter_testkit::strict_cloudwatch::StrictCloudWatch;

use crate::counts::Counts;
use crate::messages::{back, batch, s3};
use crate::support::{detect, key};

const BUCKET: &str = "trailmeter-logs-ahead";
const RECORDS: usize = 3;
/// Far beyond what it takes to be asked again: it ends a wait that nothing else would end.
const GUARD: Duration = Duration::from_secs(5);

/// How many requests there are at once.
#[derive(Default)]
struct Requests {
    state: Mutex<Seen>,
    changed: Condvar,
}

#[derive(Default)]
struct Seen {
    all: usize,
    at_once: usize,
    most_at_once: usize,
}

impl Requests {
    /// Keeps each request waiting until there were as many at once as there can be.
    fn hold(&self, expected: usize) {
        let mut seen = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        seen.all += 1;
        seen.at_once += 1;
        seen.most_at_once = seen.most_at_once.max(seen.at_once);
        self.changed.notify_all();
        let waits = |seen: &mut Seen| seen.most_at_once < expected;
        let (mut seen, _) =
            self.changed.wait_timeout_while(seen, GUARD, waits).unwrap_or_else(PoisonError::into_inner);
        seen.at_once -= 1;
    }
}

/// A batch of ten, of which as many are on their way at once as the setting says.
#[test]
fn objects_of_a_batch_are_under_way_together() -> Result<()> {
    for (setting, expected) in [("0", 1), ("3", 3), ("8", 8), ("64", 10)] {
        let requests = Arc::new(Requests::default());
        let file = good_file(RECORDS)?;
        let of_server = Arc::clone(&requests);
        let store = Server::start(move |_| {
            of_server.hold(expected);
            Answer::Respond(Response::new(200, &[("etag", "\"1\"")], file.clone()))
        })?;
        let cloudwatch = StrictCloudWatch::start()?;
        let function = Function::start(
            &detect()?,
            &[
                ("AWS_ENDPOINT_URL_S3", format!("http://{}", store.address()).as_str()),
                ("AWS_ENDPOINT_URL_CLOUDWATCH", &cloudwatch.endpoint()),
                ("TRAILMETER_BUCKETS", BUCKET),
                ("TRAILMETER_READ_AHEAD", setting),
            ],
        )?;
        let names: Vec<String> = (0..10).map(|at| format!("m{at}")).collect();
        let messages: Vec<_> = names.iter().map(|name| (name.as_str(), s3(BUCKET, &key(name)))).collect();
        assert_eq!(function.invoke(&batch(&messages))?.response()?, back(&[]));
        let seen = requests.state.lock().unwrap_or_else(PoisonError::into_inner);
        assert_eq!((seen.all, seen.most_at_once), (10, expected), "{setting}");
        drop(seen);
        let counts = Counts::of(&cloudwatch)?;
        assert_eq!(counts.get("ObjectsRead"), 10);
        // The same records in each: they count once.
        assert_eq!(
            (counts.get("RecordsRead"), counts.get("AccessDenied")),
            (10 * RECORDS as u64, RECORDS as u64)
        );
    }
    Ok(())
}
