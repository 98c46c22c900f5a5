//! The key of an object as it is, from the key as the line has it.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// Decodes a key.
///
/// The log encodes the address as the client sent it, which is encoded already as a rule: a space stands there as
/// `%2520`, and an equals sign that the client did not encode as `%3D`. How often is seen from the request itself: if
/// it has in its address what the key is when decoded once, that is decoded too. Where there is no request, as for each
/// key of a batch, it is once.
pub(super) fn decoded<'l>(key: &'l str, request_uri: Option<&str>) -> Cow<'l, str> {
    if !key.contains('%') {
        return Cow::Borrowed(key);
    }
    let once = percent_decode_str(key).decode_utf8_lossy();
    let path = request_uri.and_then(|uri| uri.split(' ').nth(1)).map(|target| {
        let path = target.split_once('?').map_or(target, |(path, _)| path);
        path.trim_start_matches('/')
    });
    if once.contains('%') && path.is_some_and(|path| path.ends_with(&*once)) {
        return Cow::Owned(percent_decode_str(&once).decode_utf8_lossy().into_owned());
    }
    once
}
