//! `config.toml` is watched: the settings that it names come into force while dashcam runs.
//!
//! Its identity is looked at each second, through all links, so that it doesn't matter whether an editor writes it in
//! place or renames another one to it, or Kubernetes leads a link elsewhere. It is read once two looks found the same
//! file, so that no half of one counts.

mod beside;

use std::collections::BTreeSet;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use dashcam_changes::Changes;
use dashcam_web_ui::dto::{ConfigFile, ConfigProblem, ConfigState};
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

use crate::config::{self, Config, ConfigFault};
use crate::home::Home;
use crate::options::{Options, Sources};

pub(crate) use self::beside::Beside;

/// How often the file is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// The keys that come into force at once, and tables of which all do.
const AT_ONCE: [&str; 5] = ["record", "body_limit", "rules", "budget.", "redaction."];
/// The same of a flight recorder that runs.
const OF_FLIGHT: [&str; 5] = ["flight.on", "flight.slow", "flight.after", "flight.cooldown", "flight.keep"];

/// A file as it is: device, inode, length, and the times of its last changes.
type Identity = Option<[i64; 7]>;

/// The watched file.
pub(crate) struct ConfigWatch {
    home: Home,
    sources: Sources,
    /// The text that dashcam was started with.
    first: String,
    /// The text that was read last; `None` if it could not be.
    last: Option<String>,
    changes: Changes,
    beside: Beside,
    told: watch::Sender<ConfigFile>,
}

/// The file as it was read.
enum Read {
    /// It is as it was when it was last read.
    Same,
    /// It has another text.
    Text(String),
    /// It is there, and can't be read.
    Unreadable(ConfigFault),
    /// It is being changed.
    Moving,
}

impl ConfigWatch {
    /// Watches the file of `home`, of which `options` came; the receiver shows how it stands.
    pub(crate) fn new(
        options: &Options,
        changes: Changes,
        beside: Beside,
    ) -> (Self, watch::Receiver<ConfigFile>) {
        let file = ConfigFile {
            path: options.home.config().display().to_string(),
            state: ConfigState::InForce,
            since: dashcam_recorder::now().into(),
            problem: None,
            at_next_start: Vec::new(),
        };
        let (told, receiver) = watch::channel(file);
        let first = options.sources.config.clone();
        let watch = Self {
            home: options.home.clone(),
            sources: options.sources.clone(),
            last: Some(first.clone()),
            first,
            changes,
            beside,
            told,
        };
        (watch, receiver)
    }

    /// Watches until `stop`.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let path = self.home.config();
        let (mut seen, mut read): (Option<Identity>, Option<Identity>) = (None, None);
        while stop.run_until_cancelled(tokio::time::sleep(LOOK)).await.is_some() {
            // A disk that hangs is waited for, unless dashcam ends.
            let Some(Some(now)) = stop.run_until_cancelled(blocking(&path, identity)).await else { continue };
            let is_settled = seen.replace(now) == Some(now);
            if !is_settled || read == Some(now) {
                continue;
            }
            let last = self.last.clone();
            let Some(Some(found)) =
                stop.run_until_cancelled(blocking(&path, move |path| look(path, now, last.as_deref()))).await
            else {
                continue;
            };
            match found {
                Read::Moving => continue,
                Read::Same => {}
                Read::Text(text) => self.changed(text).await,
                Read::Unreadable(fault) => {
                    self.last = None;
                    self.stands(Err(fault));
                }
            }
            read = Some(now);
        }
    }

    /// Puts a new text in force, or says why not.
    async fn changed(&mut self, text: String) {
        self.last = Some(text.clone());
        let (home, sources) = (self.home.clone(), self.sources.clone());
        // It names files that are looked at.
        let options = spawn_blocking(move || options(home, sources, &text)).await;
        let Ok(options) = options else { return };
        let put = match options {
            Ok(options) => self.put_in_force(&options).await,
            Err(fault) => Err(fault),
        };
        self.stands(put);
    }

    /// Tells how the file stands.
    fn stands(&self, put: Result<(), ConfigFault>) {
        let mut file = self.told.borrow().clone();
        file.since = dashcam_recorder::now().into();
        match put {
            Ok(()) => {
                (file.state, file.problem) = (ConfigState::InForce, None);
                let last = self.last.as_deref().unwrap_or_default();
                file.at_next_start = other_keys(&self.first, last, self.beside.has_recorder());
                if !file.at_next_start.is_empty() {
                    let keys = file.at_next_start.join(", ");
                    tracing::info!("{}: {keys}: dashcam goes by them at its next start", file.path);
                }
            }
            Err(fault) => {
                tracing::warn!("{fault}; nothing of the file is in force before that is mended");
                (file.state, file.problem) = (ConfigState::Invalid, Some(problem(&fault)));
            }
        }
        self.told.send_replace(file);
    }

    async fn put_in_force(&mut self, options: &Options) -> Result<(), ConfigFault> {
        let path = self.home.config();
        let mut in_file = options.in_file.clone();
        if options.level.is_some() {
            // The command line goes before the file.
            in_file.level = self.changes.level_in_file();
        }
        let of_file = |refused: String| ConfigFault::of_file(&path, refused);
        // Before the rules, which may name its sets.
        let redacts = self.beside.redacting().change(&options.redaction, &in_file);
        if redacts.map_err(|error| of_file(format!("{error:#}")))? {
            tracing::info!("{} has changed: [redaction] is in force as it says", path.display());
        }
        let put = self.changes.file(&in_file).map_err(|refused| of_file(refused.to_string()))?;
        let beside = self.beside.put_in_force(options).await;
        let beside = beside.map_err(|error| of_file(format!("{error:#}")))?;
        if !beside.is_empty() {
            tracing::info!("{} has changed: {} is in force as it says", path.display(), beside.join(", "));
        }
        match put {
            Some(_) => tracing::info!("{} has changed: its settings are in force", path.display()),
            None => tracing::info!("{} has changed: no setting in it has", path.display()),
        }
        Ok(())
    }
}

fn options(home: Home, sources: Sources, text: &str) -> Result<Options, ConfigFault> {
    let path = home.config();
    home.refuse_exposed().map_err(|error| ConfigFault::of_file(&path, format!("{error:#}")))?;
    let config = Config::parse(&path, text)?;
    let Sources { db, args, container, .. } = sources;
    let options = Options::new(home, db, &args, config, &container);
    options.map_err(|error| ConfigFault::of_file(&path, format!("{error:#}")))
}

fn problem(fault: &ConfigFault) -> ConfigProblem {
    let place = fault.place.as_ref();
    ConfigProblem {
        line: place.map(|place| place.line as u64),
        column: place.map(|place| place.column as u64),
        text: place.map(|place| place.text.clone()),
        message: fault.message.clone(),
    }
}

async fn blocking<T: Send + 'static>(
    path: &Path,
    work: impl FnOnce(&Path) -> T + Send + 'static,
) -> Option<T> {
    let path: PathBuf = path.to_owned();
    spawn_blocking(move || work(&path)).await.ok()
}

/// `None` where no file is.
fn identity(path: &Path) -> Identity {
    let file = match std::fs::metadata(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        // It is there and can't be looked at, which is told when it is read.
        Err(_) => return Some([0; 7]),
    };
    let (device, inode) = (file.dev().cast_signed(), file.ino().cast_signed());
    let length = file.len().cast_signed();
    Some([device, inode, length, file.mtime(), file.mtime_nsec(), file.ctime(), file.ctime_nsec()])
}

/// Reads the file, which was `before`.
fn look(path: &Path, before: Identity, last: Option<&str>) -> Read {
    let text = config::text(path);
    if identity(path) != before {
        return Read::Moving;
    }
    match text {
        Ok(text) if last == Some(&text) => Read::Same,
        Ok(text) => Read::Text(text),
        Err(fault) => Read::Unreadable(fault),
    }
}

/// The keys, apart from those that are in force at once, with other values in `now` than in `first`; `TABLE.KEY` for
/// those in tables.
fn other_keys(first: &str, now: &str, has_recorder: bool) -> Vec<String> {
    let (first, now) = (keys(first), keys(now));
    let differing = first.symmetric_difference(&now).map(|(key, _)| key.clone());
    let keys: BTreeSet<String> = differing.collect();
    let is_at_once = |key: &str| {
        let of_table = |name: &str| name.ends_with('.') && key.starts_with(name);
        AT_ONCE.iter().any(|name| key == *name || of_table(name))
            || (has_recorder && OF_FLIGHT.contains(&key))
    };
    keys.into_iter().filter(|key| !is_at_once(key)).collect()
}

fn keys(text: &str) -> BTreeSet<(String, String)> {
    let table: toml::Table = text.parse().unwrap_or_default();
    let of_one = |(key, value): (String, toml::Value)| match value {
        toml::Value::Table(table) => {
            table.into_iter().map(|(inner, value)| (format!("{key}.{inner}"), value.to_string())).collect()
        }
        value => vec![(key, value.to_string())],
    };
    table.into_iter().flat_map(of_one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_differ_are_named_but_for_those_in_force() {
        let first = "record = \"full\"\nlog = \"info\"\n[timeouts]\nidle = \"1s\"\n";
        let now = "record = \"off\"\nno_web = true\n[timeouts]\nidle = \"2s\"\n[[rules]]\nname = \"a\"\n";
        assert_eq!(other_keys(first, now, true), ["log", "no_web", "timeouts.idle"]);
        assert!(other_keys(first, "log = 'info'\n[timeouts]\nidle='1s'", true).is_empty());
        let now = format!("{first}[budget]\ncpu = '5%'\n[flight]\nring = '9s,9MB'\nslow = '5x'\n");
        assert_eq!(other_keys(first, &now, true), ["flight.ring"]);
        assert_eq!(other_keys(first, &now, false), ["flight.ring", "flight.slow"]);
    }

    #[test]
    fn a_file_is_known_through_links_and_a_missing_one_is_empty() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        assert_eq!(identity(&path), None);
        assert!(matches!(look(&path, None, Some("")), Read::Same));
        for name in ["one", "two"] {
            std::fs::write(folder.path().join(name), format!("log = '{name}'")).unwrap();
        }
        std::os::unix::fs::symlink("one", &path).unwrap();
        let one = identity(&path);
        assert!(matches!(look(&path, one, None), Read::Text(text) if text == "log = 'one'"));
        std::fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink("two", &path).unwrap();
        assert_ne!(identity(&path), one);
        assert!(matches!(look(&path, one, None), Read::Moving));
    }
}
