//! What a finding stands under in the top lists. `page/script/rows.js` makes the same words of the same
//! fields, so that an entry of a list finds its findings in the table.

use std::borrow::Cow;

use trailmeter_detection::finding::Event;

/// By what findings are ranked, in the order of the page.
pub(super) const FIELDS: [(&str, Label); 6] = [
    ("actor", |event| Some(actor(event))),
    ("address", |event| event.source_ip.as_deref().map(Cow::Borrowed)),
    ("api", api),
    ("error", |event| event.error_code.as_deref().map(Cow::Borrowed)),
    ("account", |event| event.account.as_deref().map(Cow::Borrowed)),
    ("region", |event| event.region.as_deref().map(Cow::Borrowed)),
];

pub(super) type Label = fn(&Event) -> Option<Cow<'_, str>>;

/// The same name in two accounts is two people.
fn actor(event: &Event) -> Cow<'_, str> {
    let actor = &event.actor;
    match actor.account.as_deref() {
        Some(account) => Cow::Owned(format!("{} ({account})", actor.name)),
        None => Cow::Borrowed(&actor.name),
    }
}

/// `s3:GetObject`, as policies say it.
fn api(event: &Event) -> Option<Cow<'_, str>> {
    let name = event.event_name.as_deref()?;
    let source = event.event_source.as_deref().unwrap_or_default();
    Some(match source.strip_suffix(".amazonaws.com").unwrap_or(source) {
        "" => Cow::Borrowed(name),
        service => Cow::Owned(format!("{service}:{name}")),
    })
}
