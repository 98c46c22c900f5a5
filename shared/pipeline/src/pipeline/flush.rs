//! Sends the requests and keeps account of what may have been counted.

use super::Pipeline;
use crate::aggregate::Datum;
use crate::packing::{Group, requests};
use crate::ports::{Effect, MetricSink};
use crate::report::{Problem, Report};

impl<S, M: MetricSink + Sync, H> Pipeline<S, M, H> {
    /// Puts every group. Returns for each of `messages` whether its counts were taken for sure.
    ///
    /// The uncertain case is decided here and nowhere else: the messages come back, so that
    /// nothing is lost, and their matches are reported as perhaps counted twice.
    pub(super) async fn flush(&self, groups: Vec<Group>, messages: usize, report: &mut Report) -> Vec<bool> {
        let mut taken = vec![true; messages];
        for group in groups.into_iter().filter(|group| !group.aggregate.is_empty()) {
            let mut matches_taken = 0;
            for request in requests(group.aggregate.data()) {
                let matches: u64 = request.iter().map(|datum: &Datum| datum.matches).sum();
                report.requests += 1;
                let Err(error) = self.sink.put(&request).await else {
                    matches_taken += matches;
                    continue;
                };
                group.messages.iter().for_each(|&message| taken[message] = false);
                // What earlier requests of the group took is counted again when it comes back.
                let uncertain = if error.effect == Effect::Uncertain { matches } else { 0 };
                let maybe_twice = matches_taken + uncertain;
                self.carry.add(maybe_twice);
                report.problems.push(Problem::Put { error, maybe_twice });
                break;
            }
        }
        taken
    }
}
