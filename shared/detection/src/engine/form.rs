//! What holds for all records of a shape, whatever their values.
//!
//! The keys of a record, and which of its values are no strings or numbers, follow from its shape. So does which fields
//! are absent, and which detectors that alone rules out.

use trailmeter_logs::{Members, ShapeId, Spot};

use super::fields::Fields;
use super::memo::{DEEP, EntryId, PASSING};
use super::scan_state::{Met, NOT_LOOKED_UP};
use super::{Engine, bits};

/// What is known of a record before its values are looked at.
#[derive(Debug, Default)]
pub(super) struct Form {
    /// By key: where its value stands.
    pub(super) spots: Vec<Spot>,
    /// Whether the fields have the types that they have in every record.
    pub(super) fits: bool,
    /// The detectors that can match.
    pub(super) possible: Vec<u64>,
    /// The detectors that match if no column rules them out.
    pub(super) exact: Vec<u64>,
    /// By column: its entry, if it is the same in each record.
    pub(super) entries: Vec<EntryId>,
    /// How often entries had been forgotten when these were looked up.
    forgotten: u64,
    /// The other columns that can rule out any more, the one first that most detectors ask.
    pub(super) columns: Vec<usize>,
}

/// The forms of the shapes that were met.
#[derive(Debug, Default)]
pub(super) struct Forms {
    /// By the place of the shape.
    known: Vec<Known>,
    /// That of a record whose shape was not met often enough.
    passing: Form,
}

#[derive(Debug, Default)]
struct Known {
    /// Of the shape.
    number: Option<u64>,
    met: u32,
    form: Option<Box<Form>>,
}

/// How often a shape is met before its form is worked out.
const OFTEN: u32 = 4;

impl Forms {
    /// The form of a record.
    #[inline]
    pub(super) fn of(
        &mut self,
        engine: &Engine,
        met: &mut Met,
        record: &[u8],
        members: Members<'_>,
    ) -> &Form {
        if let Some(id) = members.shape() {
            if self.known.len() <= id.place {
                self.known.resize_with(ShapeId::PLACES, Known::default);
            }
            let known = &mut self.known[id.place];
            if known.number != Some(id.number) {
                *known = Known { number: Some(id.number), ..Known::default() };
            }
            known.form.take_if(|form| form.forgotten != met.forgotten);
            known.met = known.met.saturating_add(1);
            if known.met > OFTEN {
                return known
                    .form
                    .get_or_insert_with(|| Box::new(Form::of_shape(engine, met, record, members)));
            }
        }
        self.passing.set(engine, record, members);
        &self.passing
    }
}

impl Form {
    /// Makes this the form of one record, of which no more is said than it takes to read it.
    fn set(&mut self, engine: &Engine, record: &[u8], members: Members<'_>) {
        if self.possible.len() < engine.exact.len() {
            self.possible = bits::all(engine.detectors.len());
            self.exact = vec![0; self.possible.len()];
            self.entries = vec![NOT_LOOKED_UP; engine.order.len()];
            self.columns.clone_from(&engine.order);
        }
        engine.keys().note(record, members, &mut self.spots);
        self.fits = engine.shape.fits(&Fields::new(record, members, &self.spots));
    }

    #[cold]
    fn of_shape(engine: &Engine, met: &mut Met, record: &[u8], members: Members<'_>) -> Self {
        let mut form = Self { forgotten: met.forgotten, ..Self::default() };
        form.set(engine, record, members);
        form.exact.clone_from(&engine.exact);
        let fields = Fields::new(record, members, &form.spots);
        let mut own = Vec::new();
        for &at in &engine.order {
            if !engine.columns.as_slice()[at].is_the_same(&fields) {
                own.push(at);
                continue;
            }
            let (memo, entry) = met.find(engine, &fields, at);
            bits::retain(&mut form.possible, memo.possible(entry));
            if matches!(entry, DEEP | PASSING) {
                bits::take_out(&mut form.exact, &engine.asking[at]);
            }
            if entry != PASSING {
                form.entries[at] = entry;
            }
        }
        // If any was forgotten meanwhile, this form is made again for the next record.
        own.retain(|&at| bits::meet(&form.possible, &engine.asking[at]));
        form.columns = own;
        form
    }
}
