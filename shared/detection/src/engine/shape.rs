//! What is asked of every record, whatever the detectors: its types, its event, its time.

use std::borrow::Cow;

use trailmeter_logs::Record;

use super::fields::Fields;
use super::keys::{KeyId, Keys};
use super::time::Times;
use super::token::{Span, Token, value_at};
use crate::event_key::EventKey;

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
    pub(super) fn fits(&self, fields: &Fields<'_, '_>) -> bool {
        let begins = |keys: &[KeyId], first: u8| {
            keys.iter().all(|&key| {
                fields
                    .value(key)
                    .is_none_or(|value| value.first().is_some_and(|&byte| byte == first || byte == b'n'))
            })
        };
        begins(&self.texts, b'"') && begins(&self.objects, b'{')
    }

    /// The id of the event, if it has one.
    pub(super) fn event_id<'r>(&self, fields: &Fields<'r, '_>) -> Option<Cow<'r, str>> {
        self.event_id.into_iter().find_map(|key| {
            let (value, span) = fields.scalar(key)?;
            Token::with(value, span).text()
        })
    }

    /// What the id of the event comes to, if it has one.
    #[inline]
    pub(super) fn event_key(&self, fields: &Fields<'_, '_>) -> Option<EventKey> {
        let uuid = || match fields.scalar(self.event_id[0])? {
            (value, Span { length: 38, is_plain_text: true }) => EventKey::of_uuid(&value[1..37]),
            _ => None,
        };
        uuid().or_else(|| self.event_id(fields).map(|id| EventKey::new(&id)))
    }

    /// When it happened, in seconds since 1970, if it says so.
    #[inline]
    pub(super) fn time(&self, fields: &Fields<'_, '_>, times: &mut Times) -> Option<i64> {
        times.read(fields.record, fields.start(self.event_time)?)
    }

    /// Whether it is a data event.
    #[inline]
    pub(super) fn is_data_event(&self, fields: &Fields<'_, '_>) -> bool {
        let begins = |key, with: &[u8]| fields.value(key).is_some_and(|value| value.starts_with(with));
        begins(self.event_category, b"\"Data\"")
            || begins(self.management_event, b"f")
            || !begins(self.event_category, b"\"Management\"") && self.is_in_category_data(fields)
    }

    #[cold]
    fn is_in_category_data(&self, fields: &Fields<'_, '_>) -> bool {
        self.is_in_category(fields, "Data")
    }

    /// Whether it sums up other events.
    pub(super) fn is_aggregated(&self, fields: &Fields<'_, '_>) -> bool {
        self.is_in_category(fields, "Aggregated")
    }

    fn is_in_category(&self, fields: &Fields<'_, '_>, category: &str) -> bool {
        let scalar = fields.scalar(self.event_category);
        scalar
            .is_some_and(|(value, span)| Token::with(value, span).text().is_some_and(|text| text == category))
    }

    /// Whether it updates an event that was delivered before.
    pub(super) fn is_update(&self, fields: &Fields<'_, '_>) -> bool {
        fields.start(self.addendum).is_some_and(|start| {
            value_at(fields.record, start).is_some_and(|addendum| Record::is_of_an_update(&addendum))
        })
    }
}
