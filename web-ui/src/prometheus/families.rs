//! The text format itself: families of samples with their types.

use std::fmt::{Display, Write as _};

/// A text in the making.
#[derive(Default)]
pub(super) struct Families {
    text: String,
    /// The family whose samples come now.
    name: String,
}

impl Families {
    /// Begins a family of counts that only grow.
    pub(super) fn counter(&mut self, name: &str, about: &str) {
        self.begin(name, about, "counter");
    }

    /// Begins a family of figures that may go up and down.
    pub(super) fn gauge(&mut self, name: &str, about: &str) {
        self.begin(name, about, "gauge");
    }

    /// A sample of the family that was begun last.
    pub(super) fn sample(&mut self, labels: &[(&str, &str)], value: u64) {
        self.line("", labels, value);
    }

    /// The same of a value that is no whole number.
    pub(super) fn fraction(&mut self, labels: &[(&str, &str)], value: f64) {
        self.line("", labels, value);
    }

    /// A histogram: how many are no greater than each bound, how many there are, and their sum.
    pub(super) fn histogram(
        &mut self,
        (name, about): (&str, &str),
        up_to: impl Iterator<Item = (f64, u64)>,
        count: u64,
        sum: f64,
    ) {
        self.begin(name, about, "histogram");
        for (bound, count) in up_to {
            self.line("_bucket", &[("le", &bound.to_string())], count);
        }
        self.line("_bucket", &[("le", "+Inf")], count);
        self.line("_sum", &[], sum);
        self.line("_count", &[], count);
    }

    pub(super) fn text(self) -> String {
        self.text
    }

    fn begin(&mut self, name: &str, about: &str, kind: &str) {
        name.clone_into(&mut self.name);
        self.push(format_args!("# HELP {name} {about}\n# TYPE {name} {kind}\n"));
    }

    fn line(&mut self, suffix: &str, labels: &[(&str, &str)], value: impl Display) {
        let labels: Vec<String> =
            labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let name = std::mem::take(&mut self.name);
        self.push(format_args!("{name}{suffix}{labels} {value}\n"));
        self.name = name;
    }

    fn push(&mut self, line: std::fmt::Arguments<'_>) {
        self.text.write_fmt(line).expect("a string takes everything");
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_written_as_prometheus_reads_them() {
        let mut families = Families::default();
        families.counter("a_total", "What it is.");
        families.sample(&[("side", "client"), ("odd", "\"\\\n")], 3);
        families.histogram(("b_seconds", "How long."), [(0.5, 1), (2.0, 3)].into_iter(), 4, 7.25);
        let expect = "# HELP a_total What it is.\n# TYPE a_total counter\n\
                      a_total{side=\"client\",odd=\"\\\"\\\\\\n\"} 3\n\
                      # HELP b_seconds How long.\n# TYPE b_seconds histogram\n\
                      b_seconds_bucket{le=\"0.5\"} 1\nb_seconds_bucket{le=\"2\"} 3\n\
                      b_seconds_bucket{le=\"+Inf\"} 4\nb_seconds_sum 7.25\nb_seconds_count 4\n";
        assert_eq!(families.text(), expect);
    }
}
