//! Tables in Markdown, aligned so that they can be read on a terminal as well.

/// A table with its first column to the left and the others to the right.
#[derive(Debug)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new<const N: usize>(heads: [&str; N]) -> Self {
        Self { rows: vec![heads.iter().map(|head| cell(head)).collect()] }
    }

    pub(crate) fn row(&mut self, cells: &[String]) {
        self.rows.push(cells.iter().map(|text| cell(text)).collect());
    }

    pub(crate) fn text(&self) -> String {
        let columns = self.rows.first().map_or(0, Vec::len);
        let width = |column: usize| {
            self.rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default().max(3)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let mut text = String::new();
        for (number, row) in self.rows.iter().enumerate() {
            for (column, (cell, &width)) in row.iter().zip(&widths).enumerate() {
                let padded =
                    if column == 0 { format!("| {cell:<width$} ") } else { format!("| {cell:>width$} ") };
                text.push_str(&padded);
            }
            text.push_str("|\n");
            if number == 0 {
                for (column, &width) in widths.iter().enumerate() {
                    let dashes = "-".repeat(width + 1);
                    let rule = if column == 0 { ["|", &dashes, "-"] } else { ["|", &dashes, ":"] };
                    text += &rule.concat();
                }
                text.push_str("|\n");
            }
        }
        text
    }
}

/// Nothing in a cell may end it.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// A number with a comma after every three digits.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Three digits that say something.
pub(crate) fn short(number: f64) -> String {
    match number.abs() {
        size if size >= 99.95 => format!("{number:.0}"),
        size if size >= 9.995 => format!("{number:.1}"),
        size if size >= 0.995 || size == 0.0 => format!("{number:.2}"),
        size => {
            let mut digits = 2;
            let mut first = size * 10.0;
            while first < 0.995 && digits < 12 {
                first *= 10.0;
                digits += 1;
            }
            format!("{number:.digits$}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_aligned_and_nothing_ends_a_cell() {
        let mut table = Table::new(["work", "ratio"]);
        table.row(&["a|b".to_owned(), "1.00".to_owned()]);
        table.row(&["ü".to_owned(), "12.00".to_owned()]);
        assert_eq!(table.text(), "| work | ratio |\n|------|------:|\n| a\\|b |  1.00 |\n| ü    | 12.00 |\n");
    }

    #[test]
    fn numbers_are_grouped_and_short() {
        assert_eq!(
            [grouped(0), grouped(999), grouped(1000), grouped(1_234_567)],
            ["0", "999", "1,000", "1,234,567"]
        );
        for (number, text) in [
            (1234.5, "1234"),
            (12.34, "12.3"),
            (1.234, "1.23"),
            (0.1234, "0.12"),
            (0.000_296, "0.00030"),
            (0.0, "0.00"),
        ] {
            assert_eq!(short(number), text, "{number}");
        }
    }
}
