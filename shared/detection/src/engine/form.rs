//! What holds for all records of a shape, whatever their values.
//!
//! The keys of a record, and which of its values are no strings or numbers, follow from its shape. So does which fields
//! are absent, and which detectors that alone rules out.

use trailmeter_logs::{Members, ShapeId, Spot};

use super::column::Standing;
use super::fields::Fields;
use super::memo::{DEEP, EntryId};
use super::scan_state::{Met, NOT_LOOKED_UP};
use super::{Engine, bits};

/// What is known of a record before its values are looked at.
#[derive(Debug, Default)]
pub(super) struct Form {
    /// Of the shape; nothing if this is said of one record alone.
    number: Option<u64>,
    /// By key: where its value stands.
    pub(super) spots: Vec<Spot>,
    /// Whether the fields have the types that they have in every record.
    pub(super) fits: bool,
    /// The detectors that can match.
    pub(super) possible: Vec<u64>,
    /// Of these, those that match if no column rules them out.
    pub(super) exact: Vec<u64>,
    /// By column: its entry, if it is the same in each record.
    pub(super) entries: Vec<EntryId>,
    /// The others, by their rank.
    pub(super) varying: Vec<u64>,
}

/// The forms of the shapes that were met.
#[derive(Debug, Default)]
pub(super) struct Forms {
    /// By the place of the shape.
    known: Vec<Option<Box<Form>>>,
    /// That of a record without a shape.
    passing: Form,
}

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
        let Some(id) = members.shape() else {
            self.passing.set(engine, record, members);
            return &self.passing;
        };
        if self.known.len() <= id.place {
            self.known.resize_with(ShapeId::PLACES, || None);
        }
        let known = &mut self.known[id.place];
        known.take_if(|form| form.number != Some(id.number));
        known.get_or_insert_with(|| Box::new(Form::of_shape(id.number, engine, met, record, members)))
    }
}

impl Form {
    /// Makes this the form of one record, of which no more is said than it takes to read it.
    fn set(&mut self, engine: &Engine, record: &[u8], members: Members<'_>) {
        if self.entries.is_empty() {
            let columns = engine.columns.as_slice().len();
            self.possible = bits::all(engine.detectors.len());
            self.exact = vec![0; self.possible.len()];
            self.entries = vec![NOT_LOOKED_UP; columns];
            self.varying = bits::all(columns);
        }
        engine.keys().note(record, members, &mut self.spots);
        self.fits = engine.shape.fits(&Fields::new(record, members, &self.spots));
    }

    #[cold]
    fn of_shape(number: u64, engine: &Engine, met: &mut Met, record: &[u8], members: Members<'_>) -> Self {
        let mut form = Self::default();
        form.set(engine, record, members);
        form.number = Some(number);
        form.exact.clone_from(&engine.exact);
        let fields = Fields::new(record, members, &form.spots);
        for (rank, &at) in engine.order.iter().enumerate() {
            let column = &engine.columns.as_slice()[at];
            if let Standing::Scalar(b'"' | b'-' | b'0'..=b'9') = column.standing(&fields) {
                continue;
            }
            let (memo, entry) = met.find(engine, &fields, at);
            form.entries[at] = entry;
            bits::remove(&mut form.varying, rank);
            bits::retain(&mut form.possible, memo.possible(entry));
            if entry == DEEP {
                bits::take_out(&mut form.exact, &engine.asking[at]);
            }
        }
        form
    }
}
