//! Log files in the bucket that no digest names.

use jiff::Timestamp;
use trailmeter_logs::{KeyClass, classify_key};

use crate::digest_key::Chain;
use crate::finding::{Event, Finding, Period};
use crate::location::Location;
use crate::named::{NamedLogFiles, log_file_time};
use crate::ports::{FetchError, KeyService, Objects};
use crate::reason::Reason;
use crate::walk::Verifier;

impl<O: Objects, K: KeyService> Verifier<O, K> {
    /// Lists the log files of the time that the digests cover, and tells of those that none names.
    ///
    /// That is no proof of anything: another trail may deliver to the same place. So it should not be asked where
    /// [`Listing::others`](crate::Listing) says that one does.
    pub async fn unnamed(
        &self,
        bucket: &str,
        chain: &Chain,
        named: &NamedLogFiles,
        tell: &mut (impl FnMut(Event<'_>) + Send),
    ) -> Result<(), FetchError> {
        for period in named.judged() {
            let mut after = format!("{}{}", chain.log_folder(), day(period.from));
            let last_day = format!("{}{}", chain.log_folder(), day(period.to));
            loop {
                let page = self.objects().keys(bucket, &chain.log_folder(), &after).await?;
                // An answer that does not go on would be asked for without end.
                let Some(last) = page.last().filter(|last| **last > after) else { break };
                after.clone_from(last);
                for key in page.into_iter().filter(|key| is_log_file_of(key, period)) {
                    let location = Location::new(bucket, key);
                    if !named.has(&location) {
                        let finding = Finding { location, reason: Reason::Unnamed, period: None };
                        tell(Event::Finding(&finding));
                    }
                }
                if !after.starts_with(&last_day) && after > last_day {
                    break;
                }
            }
        }
        Ok(())
    }
}

fn is_log_file_of(key: &str, period: Period) -> bool {
    matches!(classify_key(key), KeyClass::Log(_))
        && log_file_time(key).is_some_and(|time| period.from <= time && time <= period.to)
}

fn day(time: Timestamp) -> String {
    time.strftime("%Y/%m/%d/").to_string()
}
