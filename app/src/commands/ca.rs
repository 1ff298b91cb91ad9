//! `dashcam ca`: the certificate that clients are to trust.

use std::path::Path;

use anyhow::{Context as _, Result};
use dashcam_ca::{Authority, trust};

use crate::cli::{CaArgs, CaChange};
use crate::exit::CannotStart;
use crate::home::Home;
use crate::terminal::{Color, is_colored, paint, print};

/// Shows it, or changes this system's trust.
pub(crate) fn ca(home: &Home, args: CaArgs) -> Result<()> {
    home.create()?;
    let (authority, _) = Authority::open_or_create(home.path()).context(CannotStart)?;
    let root = authority.root_path();
    let (plan, yes) = match args.change {
        None => return print(page(root, &authority.fingerprint(), is_colored())),
        Some(CaChange::Install(args)) => (trust::install_plan(root)?, args.yes),
        Some(CaChange::Uninstall(args)) => (trust::uninstall_plan(root)?, args.yes),
    };
    print(plan.to_string())?;
    if yes { Ok(plan.run()?) } else { print("Nothing was done: --yes does it (as root).\n") }
}

fn page(root: &Path, fingerprint: &str, is_colored: bool) -> String {
    let mut text = format!("certificate  {}\nSHA-256      {fingerprint}\n", root.display());
    for (client, instruction) in trust::instructions(root) {
        let instruction = instruction.replace('\n', "\n  ");
        text.push_str(&format!("\n{}\n  {instruction}\n", paint(client, Color::Bold, is_colored)));
    }
    text
}
