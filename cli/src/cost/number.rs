//! Numbers as they are calculated with and as they are printed.

/// A count as a float, to be multiplied by prices and shares.
#[expect(clippy::cast_precision_loss, reason = "beyond 2^53 an estimate may be off by one")]
pub(crate) fn float(count: u64) -> f64 {
    count as f64
}

/// To a millionth, so that no digit hangs on the order of a sum.
pub(crate) fn rounded(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}

/// Dollars and cents; what is less than a cent and yet something is said to be so.
pub(crate) fn dollars(usd: f64) -> String {
    if usd > 0.0 && usd < 0.005 { "< 0.01".to_owned() } else { grouped(usd, 2) }
}

/// As many digits as matter.
pub(crate) fn quantity(number: f64) -> String {
    let is_whole = (number - number.round()).abs() < 1e-9;
    match number {
        _ if is_whole => grouped(number, 0),
        _ if number >= 100.0 => grouped(number, 0),
        _ if number >= 1.0 => grouped(number, 1),
        _ if number >= 0.001 => grouped(number, 3),
        _ => "< 0.001".to_owned(),
    }
}

/// With a comma between thousands.
pub(crate) fn grouped(number: f64, decimals: usize) -> String {
    let text = format!("{number:.decimals$}");
    let (whole, rest) = text.find('.').map_or((text.as_str(), ""), |dot| text.split_at(dot));
    let mut out = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_printed_with_the_digits_that_matter() {
        for (number, expected) in [
            (0.0, "0"),
            (3.0, "3"),
            (1234.0, "1,234"),
            (1_234_567.0, "1,234,567"),
            (123_456.7, "123,457"),
            (12.345, "12.3"),
            (0.04218, "0.042"),
            (0.0001, "< 0.001"),
        ] {
            assert_eq!(quantity(number), expected, "{number}");
        }
        for (usd, expected) in
            [(0.0, "0.00"), (0.0001, "< 0.01"), (0.005, "0.01"), (9.999, "10.00"), (1234.5, "1,234.50")]
        {
            assert_eq!(dollars(usd), expected, "{usd}");
        }
    }
}
