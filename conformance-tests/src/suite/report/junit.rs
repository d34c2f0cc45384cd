//! A report that CI systems show: the XML of `JUnit`, a suite for each chapter.

use std::fmt::Write;

use super::{Finding, Report, shortened};
use crate::suite::Outcome;

const LINE_CHARS_MAX: usize = 2_000;

impl Report {
    /// A `testsuites` document. What does not apply or could not run is skipped, with its reason.
    pub fn to_junit(&self) -> String {
        let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        self.write_junit(&mut xml).unwrap_or_default();
        xml
    }

    fn write_junit(&self, out: &mut String) -> std::fmt::Result {
        writeln!(
            out,
            "<testsuites name=\"scim-conformance\" tests=\"{}\" failures=\"{}\" skipped=\"{}\" time=\"{:.3}\">",
            self.findings.len(),
            self.count("failed"),
            self.count("notApplicable") + self.count("couldNotRun"),
            self.elapsed.as_secs_f64()
        )?;
        for (chapter, findings) in self.by_chapter() {
            let failed = findings.iter().filter(|finding| finding.failed()).count();
            let skipped = findings
                .iter()
                .filter(|finding| skipped(finding).is_some())
                .count();
            let time: f64 = findings
                .iter()
                .map(|finding| finding.elapsed.as_secs_f64())
                .sum();
            writeln!(
                out,
                "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failed}\" skipped=\"{skipped}\" time=\"{time:.3}\">",
                escaped(chapter.name),
                findings.len(),
            )?;
            for finding in findings {
                case(out, finding)?;
            }
            writeln!(out, "  </testsuite>")?;
        }
        writeln!(out, "</testsuites>")
    }
}

fn case(out: &mut String, finding: &Finding) -> std::fmt::Result {
    let check = finding.check;
    write!(
        out,
        "    <testcase classname=\"{}.{}\" name=\"{}\" time=\"{:.3}\"",
        escaped(finding.chapter.name),
        check.level.name(),
        escaped(check.id),
        finding.elapsed.as_secs_f64()
    )?;
    if let Some(why) = skipped(finding) {
        return writeln!(out, "><skipped message=\"{}\"/></testcase>", escaped(&why));
    }
    let Outcome::Failed(why) = &finding.outcome else {
        return writeln!(out, "/>");
    };
    writeln!(
        out,
        "><failure type=\"{}\" message=\"{}\">{}</failure></testcase>",
        check.level.name(),
        escaped(why),
        escaped(&explained(finding))
    )
}

fn skipped(finding: &Finding) -> Option<String> {
    match &finding.outcome {
        Outcome::NotApplicable(why) => Some(format!("not applicable: {why}")),
        Outcome::CouldNotRun(why) => Some(format!("could not run: {why}")),
        Outcome::Passed | Outcome::Failed(_) => None,
    }
}

fn explained(finding: &Finding) -> String {
    let mut text = format!("{}\n", finding.check.requires);
    for exchange in finding.evidence() {
        for line in exchange.sent.lines().chain(exchange.came_back.lines()) {
            text.push_str(&shortened(line, LINE_CHARS_MAX));
            text.push('\n');
        }
    }
    text.push_str("to fix it: ");
    text.push_str(finding.check.fix);
    text
}

/// For an element's text and an attribute's value alike. XML 1.0 §2.2 has no way to write most
/// control characters; they become U+FFFD.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push_str("&#10;"),
            '\t' => escaped.push(sign),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            sign if sign.is_control() && sign < '\u{80}' => escaped.push('\u{fffd}'),
            sign => escaped.push(sign),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn what_xml_cannot_hold_is_replaced() {
        assert_eq!(
            escaped("a<b> & \"c\"\u{0}\u{1b}\n"),
            "a&lt;b&gt; &amp; &quot;c&quot;\u{fffd}\u{fffd}&#10;"
        );
    }
}
