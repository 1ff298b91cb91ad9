//! The contenders: peers, the ways in which traffic comes to them, and how each is started.

mod dashcam;
mod haproxy;
pub(crate) mod hudsucker;
pub(crate) mod mitmdump;
pub(crate) mod newer;
mod nginx;
mod squid;
pub(crate) mod variant;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

pub(crate) use dashcam::Dashcam;

use super::load::{Route, oha};
use super::options::Build;
use super::process::{Process, free_port};
use super::site::Site;
use xtask::root;

/// Numbers of fields that the origin knows how to add.
pub(crate) const HEADERS: [usize; 3] = [5, 20, 80];

/// A program between client and origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Peer {
    /// None: the client speaks with the origin.
    Direct,
    /// https to https, no log: the yardstick.
    Nginx,
    /// The same in a newer version than the system's.
    NewerNginx,
    /// https to https, no log.
    Envoy,
    /// `mode http`.
    Haproxy,
    /// `mode tcp`.
    HaproxyTcp,
    /// `ssl_bump`.
    Squid,
    /// `mitmdump -w`.
    Mitmdump,
    /// hudsucker with handlers that do nothing (`benches/hudsucker`).
    Hudsucker,
    /// dashcam, recording at that level, or as a variant.
    Dashcam(&'static str),
}

/// How traffic comes to a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// The client takes it for the origin.
    Reverse,
    /// The client sends it CONNECT.
    Forward,
}

/// A peer of a case, ready to be started.
#[derive(Debug, Clone)]
pub(crate) struct Contender {
    pub(crate) peer: Peer,
    pub(crate) way: Way,
    /// For tables; unique within a case.
    pub(crate) name: String,
    /// The binary, of a dashcam.
    pub(crate) build: Option<Build>,
}

/// A contender at work.
pub(crate) struct Running {
    /// None where there is no proxy.
    pub(crate) process: Option<Process>,
    /// How the load generators reach the origin.
    pub(crate) route: Route,
    /// To ask what it has recorded.
    pub(crate) dashcam: Option<Dashcam>,
    /// Where it records, of a contender that does.
    pub(crate) recording: Option<Recording>,
}

/// The recording that a contender has written.
pub(crate) enum Recording {
    /// A file that grows.
    File(PathBuf),
    /// A dashcam's database.
    Database(Dashcam),
}

impl Recording {
    /// Bytes that are in use.
    pub(crate) fn bytes(&self) -> Result<u64> {
        match self {
            Self::File(file) => Ok(fs::metadata(file).map_or(0, |file| file.len())),
            Self::Database(dashcam) => dashcam.used(),
        }
    }

    /// Bytes of its files, once the contender has ended.
    pub(crate) fn size_at_rest(&self) -> Result<u64> {
        match self {
            Self::File(_) => self.bytes(),
            Self::Database(dashcam) => dashcam.file_bytes(),
        }
    }

    /// The size of the same as HAR; `None` if the contender writes none.
    pub(crate) fn har_bytes(&self) -> Result<Option<u64>> {
        match self {
            Self::File(_) => Ok(None),
            Self::Database(dashcam) => dashcam.har_bytes().map(Some),
        }
    }
}

impl Peer {
    /// Its name for `--peers` and in files.
    pub(crate) fn slug(&self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Nginx => "nginx",
            Self::NewerNginx => "nginx-newer",
            Self::Envoy => "envoy",
            Self::Haproxy => "haproxy",
            Self::HaproxyTcp => "haproxy-tcp",
            Self::Squid => "squid",
            Self::Mitmdump => "mitmdump",
            Self::Hudsucker => "hudsucker",
            Self::Dashcam(level) => level,
        }
    }

    /// For people.
    fn name(&self) -> &'static str {
        match self {
            Self::Direct => "no proxy",
            Self::Nginx => "nginx",
            Self::NewerNginx => "nginx, newer",
            Self::Envoy => "Envoy",
            Self::Haproxy => "HAProxy, http",
            Self::HaproxyTcp => "HAProxy, tcp",
            Self::Squid => "Squid, ssl-bump",
            Self::Mitmdump => "mitmdump -w",
            Self::Hudsucker => "hudsucker, no-op",
            Self::Dashcam(level) => level,
        }
    }
}

impl Contender {
    /// The contenders that stand for `peer`: one, or one for each build of dashcam.
    pub(crate) fn of(peer: &Peer, way: Way, builds: &[Build]) -> Vec<Self> {
        let named = |name: String, build: Option<&Build>| Self {
            peer: peer.clone(),
            way,
            name,
            build: build.cloned(),
        };
        let Peer::Dashcam(level) = peer else { return vec![named(peer.name().to_owned(), None)] };
        let way = if way == Way::Forward { ", CONNECT" } else { "" };
        builds.iter().map(|build| named(format!("{}, `{level}`{way}", build.name), Some(build))).collect()
    }

    /// For goals and programs: the peer's, and the way for a dashcam that is sent CONNECT.
    pub(crate) fn slug(&self) -> String {
        let connect = matches!(self.peer, Peer::Dashcam(_)) && self.way == Way::Forward;
        format!("{}{}", self.peer.slug(), if connect { "-connect" } else { "" })
    }

    /// Starts it before the origin on that port, in a folder of its own within the site's, and waits until it listens.
    pub(crate) fn start(&self, site: &Site, origin: u16, folder: &str) -> Result<Running> {
        let folder = site.folder.join(folder);
        fs::create_dir_all(&folder)?;
        let place = Place { site, folder, port: free_port()?, origin };
        let process = match &self.peer {
            Peer::Direct => {
                let route = Route::to(origin);
                return Ok(Running { process: None, route, dashcam: None, recording: None });
            }
            Peer::Dashcam(level) => {
                let build = self.build.as_ref().context("a dashcam without a binary")?;
                return Dashcam::start(&place, build, self.way, level);
            }
            Peer::Nginx => nginx::start(&place, "nginx.conf"),
            Peer::NewerNginx => newer::start_nginx(&place),
            Peer::Envoy => newer::start_envoy(&place),
            Peer::Haproxy => haproxy::start(&place, "haproxy-http.cfg"),
            Peer::HaproxyTcp => haproxy::start(&place, "haproxy-tcp.cfg"),
            Peer::Squid => squid::start(&place),
            Peer::Mitmdump => mitmdump::start(&place),
            Peer::Hudsucker => hudsucker::start(&place),
        }?;
        let flows = (self.peer == Peer::Mitmdump).then(|| Recording::File(mitmdump::flows(&place)));
        Ok(Running { process: Some(process), route: place.route(self.way), dashcam: None, recording: flows })
    }
}

/// Where a contender is to work.
pub(crate) struct Place<'a> {
    site: &'a Site,
    folder: PathBuf,
    port: u16,
    origin: u16,
}

impl Place<'_> {
    /// A configuration from `benches/`, filled in and written to the folder.
    fn configure(&self, template: &str) -> Result<PathBuf> {
        let text = fs::read_to_string(root().join("benches").join(template))?;
        let file = self.folder.join(template);
        let text = text
            .replace("@PORT@", &self.port.to_string())
            .replace("@ORIGIN@", &self.origin.to_string())
            .replace("@HEADERS@", &headers())
            .replace("@FOLDER@", &self.folder.display().to_string())
            .replace("@SITE@", &self.site.folder.display().to_string());
        fs::write(&file, text)?;
        Ok(file)
    }

    fn route(&self, way: Way) -> Route {
        match way {
            Way::Reverse => Route::to(self.port),
            Way::Forward => Route::through(self.port, self.origin),
        }
    }
}

/// Starts the origin: an nginx that serves files from the site's folder.
pub(crate) fn origin(site: &Site) -> Result<Process> {
    let folder = site.folder.join("origin");
    fs::create_dir_all(&folder)?;
    nginx::start(&Place { site, folder, port: site.origin, origin: 0 }, "origin.conf")
}

/// Locations of the origin whose responses have so many fields more.
fn headers() -> String {
    let mut text = String::new();
    for count in HEADERS {
        let fields: String =
            (0..count).map(|index| format!("add_header {}; ", header(index).replace(": ", " "))).collect();
        text += &format!("        location /headers/{count}/ {{ alias @SITE@/www/; {fields}}}\n");
    }
    text
}

/// A field as applications add them to requests and responses.
pub(crate) fn header(index: usize) -> String {
    format!("X-Field-{index}: 0123456789abcdef")
}

/// The versions that the installed peers and load generators report.
pub(crate) fn versions() -> Vec<(String, String)> {
    let mitmdump = mitmdump::program();
    let oha = oha::program();
    let (newer_nginx, envoy) = (newer::nginx_program(), newer::envoy_program());
    let programs = [
        ("nginx", Path::new(nginx::program()), "-v"),
        ("nginx, newer", &newer_nginx, "-v"),
        ("Envoy", &envoy, "--version"),
        ("HAProxy", Path::new(haproxy::program()), "-v"),
        ("Squid", Path::new(squid::program()), "-v"),
        ("mitmdump", &mitmdump, "--version"),
        ("wrk", Path::new("wrk"), "-v"),
        ("oha", &oha, "--version"),
        ("h2load", Path::new("h2load"), "--version"),
        ("curl", Path::new("curl"), "--version"),
    ];
    programs
        .into_iter()
        .filter_map(|(name, program, argument)| Some((name.to_owned(), said(program, argument)?)))
        .collect()
}

/// The first line with a number.
fn said(program: &Path, argument: &str) -> Option<String> {
    let output = Command::new(program).arg(argument).output().ok()?;
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    let line = text.lines().find(|line| line.chars().any(|letter| letter.is_ascii_digit()))?;
    // Some say first where they are.
    let line = line.split_once("  version: ").map_or(line, |(_, version)| version);
    Some(line.trim().to_owned())
}
