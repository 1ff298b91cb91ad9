//! `dashcam descriptors`: the types of Protocol Buffers with which bodies are read. They are a file in the home, which a
//! dashcam that runs looks at before each use.

use std::fs;
use std::io::{ErrorKind, Write as _, stdin};
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use dashcam_views::content::Descriptors;
use dashcam_web_ui::dto::DescriptorSet;

use crate::cli::{DescriptorsCommand, JsonArgs};
use crate::descriptors::{ReadSet, kept, kept_at, read, read_from};
use crate::home::Home;
use crate::new_file::NewFile;
use crate::row::size;
use crate::terminal::{escaped, print, print_json, print_line};

/// Does what `command` says.
pub(crate) fn descriptors(home: &Home, command: Option<DescriptorsCommand>) -> Result<()> {
    match command.unwrap_or(DescriptorsCommand::Ls(JsonArgs { json: false })) {
        DescriptorsCommand::Ls(args) => list(home, args.json),
        DescriptorsCommand::Set { file } => set(home, &file),
        DescriptorsCommand::Rm => remove(home),
    }
}

fn list(home: &Home, json: bool) -> Result<()> {
    let kept = kept(home)
        .context("the descriptor set can't be read: replace it with `dashcam descriptors set FILE`")?;
    let set = kept.map_or_else(
        || DescriptorSet::of(&Descriptors::default(), 0),
        |ReadSet { set, bytes }| DescriptorSet::of(&set, bytes.len() as u64),
    );
    if json {
        return print_json(&serde_json::to_string(&set)?);
    }
    if set.size == 0 {
        return print_line("no descriptor set is kept: `dashcam descriptors set FILE` keeps one");
    }
    print(listed(&set, &kept_at(home)))
}

/// A line for all, and one for each file, message and method.
fn listed(set: &DescriptorSet, path: &Path) -> String {
    let mut text = format!("{}: {}, {}\n", path.display(), size(set.size), counts(set));
    let kinds = [("file", &set.files), ("message", &set.messages), ("method", &set.methods)];
    for (kind, name) in kinds.iter().flat_map(|(kind, names)| names.iter().map(move |name| (kind, name))) {
        text += &format!("{kind:8} {}\n", escaped(name));
    }
    text
}

fn counts(set: &DescriptorSet) -> String {
    let count = |number: usize, word| format!("{number} {word}{}", if number == 1 { "" } else { "s" });
    let [files, messages, methods] = [
        count(set.files.len(), "file"),
        count(set.messages.len(), "message"),
        count(set.methods.len(), "method"),
    ];
    format!("{files}, {messages}, {methods}")
}

fn set(home: &Home, file: &Path) -> Result<()> {
    let ReadSet { set, bytes } = match file.as_os_str() == "-" {
        true => read_from(stdin().lock(), Path::new("standard input"))?,
        false => read(file)?,
    };
    if !home.path().is_dir() {
        bail!(
            "there is no dashcam home at {}: start `dashcam` once, or name another home with --home",
            home.path().display()
        );
    }
    if kept_at(home).is_dir() {
        bail!("{} is a folder: remove it first, as the set is kept in a file there", kept_at(home).display());
    }
    let kept = NewFile::begin(&kept_at(home), true)?;
    kept.file()?.write_all(&bytes).with_context(|| kept_at(home).display().to_string())?;
    kept.finish()?;
    let set = DescriptorSet::of(&set, bytes.len() as u64);
    print_line(&format!("kept {}: the views protobuf and grpc read bodies with them", counts(&set)))
}

fn remove(home: &Home) -> Result<()> {
    let path = kept_at(home);
    match fs::remove_file(&path) {
        Ok(()) => print_line("the descriptor set is gone: bodies are read without types"),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            bail!("no descriptor set is kept: `dashcam descriptors set FILE` keeps one")
        }
        Err(error) => Err(error).with_context(|| path.display().to_string()),
    }
}
