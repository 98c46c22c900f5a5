//! The engine: which detectors match a record, found without asking each.
//!
//! The judge of what matches is [`model::evaluate`](crate::model::evaluate), which asks every test of every
//! detector. The engine comes to the same answers in four steps, and only the last costs more the more
//! detectors there are:
//!
//! 1. [`keys`]: the members of a plain record are known by their colons; of those that any detector
//!    reads, the start of the value is noted down.
//! 2. [`memo`]: the value of a field was nearly always met before. Its entry says which detectors can still match a
//!    record with that value in that field, whatever else stands in it.
//! 3. The sets of the fields are cut with each other until none is left, which is how most records end, or no
//!    field is left that could rule out more.
//! 4. [`plan`]: of the few candidates left, the rule is decided from the answers in the entries. Where these do not
//!    suffice, the reference evaluator is asked, of the members that the rule reads alone.
//!
//! A record that is not plain takes none of these steps: it is parsed as a whole, and the reference evaluator is
//! asked of every detector.

mod bits;
mod column;
mod eight;
mod fields;
mod form;
mod keys;
mod memo;
mod plan;
mod reads;
mod scan_state;
mod shape;
mod time;
mod token;
mod values;

use column::Columns;
use keys::Keys;
use memo::Conclude;
use plan::Plan;
use reads::Reads;
pub(crate) use scan_state::Lease;
use scan_state::Pool;
use shape::Shape;
use trailmeter_logs::LogKind;

use crate::detector::Detector;

/// What is worked out once for a set of detectors.
#[derive(Debug)]
pub(crate) struct Engine {
    columns: Columns,
    shape: Shape,
    detectors: Vec<Compiled>,
    /// The detectors that match if no column rules them out.
    exact: Vec<u64>,
    /// The detectors that are asked of files of CloudTrail, and those that are of access logs.
    of_cloudtrail: Vec<u64>,
    of_access_logs: Vec<u64>,
    /// By column: the detectors whose rule asks it.
    asking: Vec<Vec<u64>>,
    /// All columns, the one first that most detectors ask.
    order: Vec<usize>,
    pool: Pool,
}

#[derive(Debug)]
struct Compiled {
    rule: Plan,
    exclusions: Vec<Plan>,
    /// What rule and exclusions read.
    reads: Reads,
    /// What its value and its dimensions read; `None` if it has no such thing.
    series: Option<Reads>,
}

impl Engine {
    pub(crate) fn new(detectors: &[Detector]) -> Self {
        let mut columns = Columns::default();
        let shape = Shape::new(&mut columns.keys);
        let compiled: Vec<Compiled> =
            detectors.iter().map(|detector| Compiled::new(detector, &mut columns)).collect();
        columns.keys.build();
        let mut asking = vec![vec![0; bits::words(compiled.len())]; columns.as_slice().len()];
        for (at, detector) in compiled.iter().enumerate() {
            detector.rule.questions(&mut |question| bits::insert(&mut asking[question.column], at));
        }
        let mut exact = vec![0; bits::words(compiled.len())];
        for (at, _) in compiled.iter().enumerate().filter(|(_, detector)| detector.is_exact()) {
            bits::insert(&mut exact, at);
        }
        let mut order: Vec<usize> = (0..asking.len()).collect();
        order.sort_by_key(|&column| std::cmp::Reverse(bits::ones(&asking[column]).count()));
        let of_kind = |kind| {
            let mut set = vec![0; bits::words(detectors.len())];
            let taking = detectors.iter().enumerate().filter(|(_, detector)| detector.source.takes(kind));
            taking.for_each(|(at, _)| bits::insert(&mut set, at));
            set
        };
        Self {
            columns,
            shape,
            detectors: compiled,
            exact,
            of_cloudtrail: of_kind(LogKind::Events),
            of_access_logs: of_kind(LogKind::AccessLog),
            asking,
            order,
            pool: Pool::default(),
        }
    }

    fn keys(&self) -> &Keys {
        &self.columns.keys
    }
}

impl Compiled {
    fn new(detector: &Detector, columns: &mut Columns) -> Self {
        let rule = Plan::of(detector.rule.expr(), columns);
        let exclusions: Vec<Plan> =
            detector.exclusions.iter().map(|exclusion| Plan::of(exclusion.rule.expr(), columns)).collect();
        let reads = Reads::of_rules(
            std::iter::once(&detector.rule)
                .chain(detector.exclusions.iter().map(|exclusion| &exclusion.rule)),
            &mut columns.keys,
        );
        let series = Reads::of_series(detector, &mut columns.keys);
        Self { rule, exclusions, reads, series }
    }

    fn is_exact(&self) -> bool {
        self.exclusions.is_empty() && self.rule.is_exact()
    }
}

impl Conclude for Engine {
    fn conclude(&self, column: usize, answers: &dyn Fn(usize) -> Option<bool>) -> Vec<u64> {
        let mut possible = bits::all(self.detectors.len());
        for detector in bits::ones(&self.asking[column]) {
            let decided = self.detectors[detector].rule.decide(&mut |question| {
                if question.column == column { answers(question.test) } else { None }
            });
            if decided == Some(false) {
                bits::remove(&mut possible, detector);
            }
        }
        possible
    }
}

#[cfg(test)]
mod tests;
