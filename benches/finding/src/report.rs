//! The results, for people: Markdown.

use crate::ask::Answered;
use crate::fill::Appended;

/// A table of answers of one contender.
pub(crate) fn table(title: &str, answered: &[Answered]) -> String {
    let mut text = format!("\n### {title}\n\n");
    text += "| question | p50 ms | p95 ms | longest ms | CPU ms each | questions | rows | peak RSS MB |\n";
    text += "|---|---:|---:|---:|---:|---:|---:|---:|\n";
    for one in answered {
        let ms = |us: u64| format!("{:.1}", us as f64 / 1e3);
        let (p50, p95, longest, cpu) = (ms(one.p50), ms(one.p95), ms(one.longest), ms(one.cpu));
        let (questions, rows, peak) = (one.questions, one.rows, one.peak as f64 / 1e6);
        text += &format!(
            "| {} | {p50} | {p95} | {longest} | {cpu} | {questions} | {rows} | {peak:.0} |\n",
            one.kind.title()
        );
    }
    text
}

/// A line about what was written.
pub(crate) fn written(title: &str, appended: &Appended) -> String {
    let Appended { exchanges, seconds, longest } = appended;
    let rate = *exchanges as f64 / seconds.max(1e-9);
    let longest = longest.as_secs_f64() * 1e3;
    format!("{title}: {exchanges} exchanges, {rate:.0} a second; the longest append took {longest:.0} ms")
}
