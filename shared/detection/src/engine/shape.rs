//! What is asked of every record, whatever the detectors: its types, its event, its time.

use std::borrow::Cow;

use trailmeter_logs::Record;

use super::keys::{KeyId, Keys, Slots};
use super::time::Times;
use super::token::{Token, value_at};

/// The keys of the fields that every record is asked for.
#[derive(Debug)]
pub(super) struct Shape {
    /// Text or null in every record.
    texts: Vec<KeyId>,
    /// An object or null in every record.
    objects: Vec<KeyId>,
    event_id: [KeyId; 2],
    event_time: KeyId,
    event_category: KeyId,
    management_event: KeyId,
    addendum: KeyId,
}

impl Shape {
    pub(super) fn new(keys: &mut Keys) -> Self {
        // The first keys of all: there is room for them.
        let mut add = |name| keys.add(None, name).unwrap_or_default();
        Self {
            texts: Record::TEXTS.map(&mut add).to_vec(),
            objects: Record::OBJECTS.map(&mut add).to_vec(),
            event_id: ["eventID", "eventId"].map(&mut add),
            event_time: add("eventTime"),
            event_category: add("eventCategory"),
            management_event: add("managementEvent"),
            addendum: add("addendum"),
        }
    }

    /// Whether the fields have the types that they have in every record.
    #[inline]
    pub(super) fn fits(&self, record: &[u8], slots: &Slots) -> bool {
        let begins = |keys: &[KeyId], first: u8| {
            keys.iter().all(|&key| {
                slots
                    .start(key)
                    .is_none_or(|start| record.get(start).is_some_and(|&byte| byte == first || byte == b'n'))
            })
        };
        begins(&self.texts, b'"') && begins(&self.objects, b'{')
    }

    /// The id of the event, if it has one.
    pub(super) fn event_id<'r>(&self, record: &'r [u8], slots: &Slots) -> Option<Cow<'r, str>> {
        self.event_id.into_iter().find_map(|key| Token::at(record, slots.start(key)?).text())
    }

    /// When it happened, in seconds since 1970, if it says so.
    #[inline]
    pub(super) fn time(&self, record: &[u8], slots: &Slots, times: &mut Times) -> Option<i64> {
        times.read(record, slots.start(self.event_time)?)
    }

    /// Whether it is a data event.
    #[inline]
    pub(super) fn is_data_event(&self, record: &[u8], slots: &Slots) -> bool {
        let begins = |key, with: &[u8]| {
            slots
                .start(key)
                .is_some_and(|start| record.get(start..).is_some_and(|rest| rest.starts_with(with)))
        };
        begins(self.event_category, b"\"Data\"")
            || begins(self.management_event, b"f")
            || !begins(self.event_category, b"\"Management\"") && self.is_in_category_data(record, slots)
    }

    #[cold]
    fn is_in_category_data(&self, record: &[u8], slots: &Slots) -> bool {
        let start = slots.start(self.event_category);
        start.is_some_and(|start| Token::at(record, start).text().is_some_and(|text| text == "Data"))
    }

    /// Whether it updates an event that was delivered before.
    pub(super) fn is_update(&self, record: &[u8], slots: &Slots) -> bool {
        slots.start(self.addendum).is_some_and(|start| {
            value_at(record, start).is_some_and(|addendum| Record::is_of_an_update(&addendum))
        })
    }
}
