//! The parts that all contenders of a run share: a folder, a certificate, bodies to serve, and origins.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use super::process::free_port;
use xtask::step::run_command;

/// Bodies that the origin serves, by path, and their sizes in bytes.
pub(crate) const BODIES: [(&str, usize); 6] = [
    ("0.json", 0),
    ("1k.json", 1 << 10),
    ("10k.json", 10 << 10),
    ("100k.json", 100 << 10),
    ("1m.json", 1 << 20),
    ("100m.bin", LARGE as usize),
];

/// The size of what is downloaded and uploaded, in bytes.
pub(crate) const LARGE: u64 = 100 << 20;

/// Answers that are all different, for what a recording takes on the disk.
pub(crate) const ANSWERS: usize = 4000;

/// The path of one of them.
pub(crate) fn answer(number: usize) -> String {
    format!("answers/{number}.json")
}

/// The run's own place.
pub(crate) struct Site {
    /// Certificate (`cert.pem`, `key.pem`, `both.pem`) and bodies (`www`); contenders get folders in it.
    pub(crate) folder: PathBuf,
    /// The port of the origin, an nginx.
    pub(crate) origin: u16,
    /// The port of the origin that takes uploads, varies and holds responses, and echoes, in this process.
    pub(crate) sink: u16,
}

impl Site {
    /// Makes a new `folder`, with everything in it that contenders need.
    pub(crate) fn build(folder: &Path) -> Result<Self> {
        // What an earlier run has left, if any.
        let _none = fs::remove_dir_all(folder);
        fs::create_dir_all(folder.join("www"))?;
        certificate(folder)?;
        for (name, size) in BODIES {
            body(&folder.join("www").join(name), size).with_context(|| name.to_owned())?;
        }
        fs::create_dir_all(folder.join("www/answers"))?;
        for number in 0..ANSWERS {
            fs::write(folder.join("www").join(answer(number)), json(10 << 10, number as u32 * 1000 + 1))?;
        }
        Ok(Self { folder: folder.to_owned(), origin: free_port()?, sink: free_port()? })
    }
}

/// The certificate that origins and peers show; nobody checks it here.
fn certificate(folder: &Path) -> Result<()> {
    let mut openssl = Command::new("openssl");
    openssl.args(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=localhost"
            .split(' '),
    );
    // An authority too: Squid and hudsucker sign with it.
    openssl.args(
        "-addext subjectAltName=DNS:localhost,IP:127.0.0.1 -addext basicConstraints=critical,CA:TRUE"
            .split(' '),
    );
    openssl.args("-keyout key.pem -out cert.pem".split(' '));
    run_command(openssl.current_dir(folder).stderr(Stdio::null()))?;
    let both = [fs::read(folder.join("cert.pem"))?, fs::read(folder.join("key.pem"))?].concat();
    Ok(fs::write(folder.join("both.pem"), both)?)
}

/// JSON of exactly `size` bytes; for more than 1 MiB just zeros, which take no room on the disk.
fn body(file: &Path, size: usize) -> Result<()> {
    if size > 1 << 20 {
        return Ok(File::create(file)?.set_len(size as u64)?);
    }
    Ok(fs::write(file, json(size, 0))?)
}

/// A list of records from number `first` on, as an API answers, padded to `size`.
fn json(size: usize, first: u32) -> String {
    let mut text = String::new();
    if size < 2 {
        return text;
    }
    text.push('[');
    for id in first.. {
        let hash = id.wrapping_mul(2_654_435_761);
        let record = format!(
            "{{\"id\":{id},\"name\":\"user-{hash:08x}\",\"active\":{},\"score\":{}}}",
            id % 3 == 0,
            hash % 1000
        );
        if text.len() + record.len() + 2 > size {
            break;
        }
        if id > first {
            text.push(',');
        }
        text.push_str(&record);
    }
    text.extend(std::iter::repeat_n(' ', size - text.len() - 1));
    text.push(']');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_have_their_size_and_are_json() {
        for size in [2, 100, 1 << 10, 10 << 10] {
            let text = json(size, 0);
            assert_eq!(text.len(), size);
            let _value: serde_json::Value = serde_json::from_str(&text).unwrap();
        }
        assert_eq!(json(0, 0), "");
    }
}
