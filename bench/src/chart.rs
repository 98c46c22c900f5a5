//! Charts as SVG, drawn by hand: two kinds, and each has to be read on a light page and a dark one.

mod axis;
mod bars;
mod lines;

pub(crate) use axis::Scale;
pub(crate) use bars::{Bar, Bars};
pub(crate) use lines::{Line, Lines};

/// Words and axes: a grey with more than four to one of contrast on white and on GitHub's black.
const INK: &str = "#6e7781";
/// Lines of the grid.
const GRID: &str = "#6e77814d";
/// The first is Trailmeter's own. All can be told apart on both grounds, and in grey.
const COLOURS: [&str; 4] = ["#2f81f7", "#bf8700", "#8957e5", "#2da44e"];
const WIDTH: f64 = 760.0;

/// A drawing of a height, with a title for those who cannot see it.
fn svg(title: &str, height: f64, body: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" \
         role=\"img\" aria-label=\"{title}\" font-family=\"system-ui, -apple-system, Segoe UI, sans-serif\" font-size=\"13\" \
         fill=\"{INK}\">\n<title>{title}</title>\n{body}</svg>\n",
        title = escaped(title),
    )
}

/// Where a text hangs on its point.
#[derive(Debug, Clone, Copy)]
enum Anchor {
    Start,
    Middle,
    End,
}

fn text(x: f64, y: f64, anchor: Anchor, words: &str) -> String {
    let anchor = match anchor {
        Anchor::Start => "start",
        Anchor::Middle => "middle",
        Anchor::End => "end",
    };
    format!("<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>\n", escaped(words))
}

fn stroke(from: (f64, f64), to: (f64, f64), colour: &str) -> String {
    format!(
        "<line x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\" stroke=\"{colour}\"/>\n",
        from.0, from.1, to.0, to.1
    )
}

fn block((x, y): (f64, f64), (width, height): (f64, f64), colour: &str) -> String {
    format!(
        "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"{colour}\"/>\n"
    )
}

fn dot((x, y): (f64, f64), colour: &str) -> String {
    format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"{colour}\"/>\n")
}

/// Text that stands in XML, inside quotes too.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_is_markup() {
        assert_eq!(escaped(r#"a < b && "c" > d"#), "a &lt; b &amp;&amp; &quot;c&quot; &gt; d");
        let drawing = svg("\"><script>", 10.0, "");
        assert!(!drawing.contains("<script>"), "{drawing}");
    }
}
