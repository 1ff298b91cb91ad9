//! Where a run took place, and with which versions.

use std::fs;
use std::process::Command;

use crate::options::Options;
use crate::peer;

/// Facts by name, in the order in which they are shown.
pub(super) fn look(options: &Options) -> Vec<(String, String)> {
    let mut facts = vec![
        ("date".to_owned(), said("date", &["-u", "+%Y-%m-%d %H:%M UTC"])),
        ("processor".to_owned(), field("/proc/cpuinfo", "model name", ':')),
        ("cores".to_owned(), std::thread::available_parallelism().map_or(0, usize::from).to_string()),
        ("memory".to_owned(), field("/proc/meminfo", "MemTotal", ':')),
        ("kernel".to_owned(), said("uname", &["-srm"])),
        ("system".to_owned(), field("/etc/os-release", "PRETTY_NAME", '=')),
    ];
    for build in &options.builds {
        let version = Command::new(&build.program).arg("--version").output();
        let version = version.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
        facts.push((build.name.clone(), version.unwrap_or_default()));
    }
    facts.extend(peer::versions());
    facts
}

fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
}

/// The first value of that name in a file of names and values.
fn field(file: &str, name: &str, separator: char) -> String {
    let text = fs::read_to_string(file).unwrap_or_default();
    let value = text.lines().find_map(|line| {
        let (key, value) = line.split_once(separator)?;
        (key.trim() == name).then(|| value.trim().trim_matches('"').to_owned())
    });
    value.unwrap_or_default()
}
