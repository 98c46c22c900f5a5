//! What a corpus is to be.

use jiff::Timestamp;

/// What a corpus is to be. The same plan always gives the same bytes.
///
/// Shares are per mille: whole numbers, because the draws behind them have to be the same on every
/// machine.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Decides every draw.
    pub seed: u64,
    /// Files of management and data events.
    pub files: usize,
    /// Records in each of them, repeats and malformed ones included.
    pub records_per_file: usize,
    /// Records that were delivered before: same event id, same body.
    pub repeats_per_mille: u32,
    /// Records that are no JSON object.
    pub malformed_per_mille: u32,
    /// Second records with `addendum.reason` `UPDATED_DATA`, each behind its original in one file.
    pub addenda_per_mille: u32,
    /// Delivery time of the newest files. Earlier rounds lie five minutes apart, records up to
    /// twenty minutes before their delivery. Nothing reads a clock: who needs "now" passes it.
    pub until: Timestamp,
    /// Twelve digits each; files take turns.
    pub accounts: Vec<String>,
    /// Region folders; files take turns.
    pub regions: Vec<String>,
    /// `o-…` of an organisation trail.
    pub organization: Option<String>,
    /// The trail's key prefix, without a slash at its end.
    pub prefix: Option<String>,
    /// Further files: digests, which are skipped.
    pub digest_files: usize,
    /// Further files: Insight events.
    pub insight_files: usize,
    /// Further files: network activity events.
    pub network_activity_files: usize,
    /// Further files: aggregated events.
    pub aggregated_files: usize,
    /// Further files: objects that are none of CloudTrail's, which are skipped.
    pub unknown_files: usize,
    /// Multiplies how often templates are drawn that the default pack counts. 1 is an ordinary
    /// account, where a few per cent match; 0 leaves none.
    pub suspicion: u32,
    /// How many records in a row come from one session, on average. 1 makes each a stranger to its
    /// neighbours. Real files are nearer to 8: the same few calls with the same key, over and over,
    /// which is what they owe their compression to.
    pub burst: u32,
    /// Whether all that callers choose is full of escapes, characters beyond ASCII and JSON in
    /// strings. Otherwise it is so here and there, as in real files.
    pub escapes: bool,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            seed: 1,
            files: 10,
            records_per_file: 200,
            repeats_per_mille: 0,
            malformed_per_mille: 0,
            addenda_per_mille: 0,
            // 2026-03-14T09:05:00Z: fixed, so that a corpus with no word about time stays the same.
            until: Timestamp::constant(1_773_479_100, 0),
            accounts: vec!["111122223333".to_owned(), "444455556666".to_owned()],
            regions: vec!["eu-central-1".to_owned(), "us-east-1".to_owned(), "ap-northeast-2".to_owned()],
            organization: None,
            prefix: None,
            digest_files: 0,
            insight_files: 0,
            network_activity_files: 0,
            aggregated_files: 0,
            unknown_files: 0,
            suspicion: 1,
            burst: 1,
            escapes: false,
        }
    }
}

impl Plan {
    /// A corpus with some of everything: every kind of file, a fifth of the records twice,
    /// malformed records, addenda, a prefix and an organisation.
    pub fn with_everything(seed: u64) -> Self {
        Self {
            seed,
            repeats_per_mille: 200,
            malformed_per_mille: 10,
            addenda_per_mille: 5,
            organization: Some("o-a1b2c3d4e5".to_owned()),
            prefix: Some("audit/cloudtrail".to_owned()),
            digest_files: 2,
            insight_files: 2,
            network_activity_files: 2,
            aggregated_files: 2,
            unknown_files: 2,
            suspicion: 3,
            ..Self::default()
        }
    }
}
