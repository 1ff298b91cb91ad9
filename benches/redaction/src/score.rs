//! Precision and recall.

use dashcam_secrets::case::Case;
use dashcam_secrets::marked::Class;

/// One scanner's result.
#[derive(Debug)]
pub(crate) struct Score {
    /// Its name.
    pub(crate) name: String,
    /// Secrets that it found.
    pub(crate) found: usize,
    /// Finds that are no secret.
    pub(crate) wrong: usize,
}

/// Prints the table.
pub(crate) fn print(rows: &[Score], cases: &[Case]) {
    let count = |class| cases.iter().map(|case| case.marked(class).count()).sum::<usize>();
    let (secrets, alike) = (count(Class::Secret), count(Class::LookAlike));
    println!("{secrets} secrets and {alike} look-alikes in {} exchanges\n", cases.len());
    println!("| scanner | secrets found | recall % | false finds | precision % |");
    println!("|---|---:|---:|---:|---:|");
    for Score { name, found, wrong } in rows {
        let percent = |part: usize, whole: usize| part as f64 * 100.0 / whole.max(1) as f64;
        let (recall, precision) = (percent(*found, secrets), percent(*found, found + wrong));
        println!("| {name} | {found} | {recall:.1} | {wrong} | {precision:.1} |");
    }
    println!();
}
