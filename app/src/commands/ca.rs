//! `dashcam ca`: the certificate that clients are to trust.

use std::path::PathBuf;

use anyhow::{Context as _, Result, anyhow};
use dashcam_ca::{NewRoot, Permitted, RootCertificate, trust};

use crate::ca_key;
use crate::cli::{CaArgs, CaChange, NewArgs};
use crate::config::Config;
use crate::exit::CannotStart;
use crate::home::Home;
use crate::options;
use crate::terminal::{Color, is_colored, paint, print, print_line};

/// Shows it, changes this system's trust, or makes another. `given` is the home that was named.
pub(crate) fn ca(given: Option<PathBuf>, args: CaArgs) -> Result<()> {
    let (home, whose) = match Home::of_sudo_user(given.as_ref())? {
        Some((home, user)) => (home, Some(user)),
        None => (Home::new(given)?, None),
    };
    if let Some(user) = &whose {
        print_line(&format!("home         {} (of {user}, who called sudo)", home.path().display()))?;
    }
    match args.change {
        None => print(page(&there(&home)?, is_colored())),
        Some(CaChange::New(_)) if whose.is_some() => Err(anyhow!(
            "the home belongs to another user, who could not read files that root makes: run this without sudo, or give a home with --home"
        )),
        Some(CaChange::New(args)) => new(&home, args).context(CannotStart),
        Some(CaChange::Install(args)) => install(&home, args.yes),
        Some(CaChange::Uninstall(args)) => uninstall(args.yes),
    }
}

/// The root in `home`; none is made.
fn there(home: &Home) -> Result<RootCertificate> {
    RootCertificate::read(home.path())?.ok_or_else(|| {
        let home = home.path().display();
        anyhow!(
            "there is no certificate authority in {home} yet: start dashcam once, or run `dashcam ca new`; --home names another home"
        )
    })
}

fn new(home: &Home, args: NewArgs) -> Result<()> {
    home.create()?;
    home.refuse_exposed()?;
    let key = options::ca_key(&args.key, &Config::read(&home.config())?);
    let public_key = args
        .public_key
        .as_ref()
        .map(|path| std::fs::read_to_string(path).with_context(|| path.display().to_string()));
    let default = NewRoot::default();
    let wanted = NewRoot {
        permitted: args.permit.into_iter().fold(Permitted::default(), Permitted::and),
        days: args.days.unwrap_or(default.days),
        key: ca_key::for_new(&key, args.passphrase)?,
        public_key: public_key.transpose()?,
        replace: args.replace,
    };
    let made = dashcam_ca::create(home.path(), &wanted)?;
    print(facts(&made.certificate))?;
    for kept in &made.kept {
        print_line(&format!("kept         {}", kept.display()))?;
    }
    if !made.kept.is_empty() {
        print_line("Make clients trust the new certificate before you start dashcam again.")?;
    }
    Ok(())
}

fn install(home: &Home, yes: bool) -> Result<()> {
    let root = there(home)?;
    home.refuse_exposed()?;
    let plan = trust::install_plan(&root)?;
    print(facts(&root))?;
    if let Some(before) = plan.installed().filter(|before| before.fingerprint() != root.fingerprint()) {
        print_line(&format!("in place of  {}", before.fingerprint()))?;
    }
    print(plan.to_string())?;
    if !yes {
        return print("Nothing was done: add --yes to do it (as root).\n");
    }
    plan.run()?;
    let now = plan.installed().map_or("nothing".to_owned(), |root| root.fingerprint());
    print_line(&format!("trusted now  {now}"))
}

fn uninstall(yes: bool) -> Result<()> {
    let plan = trust::uninstall_plan()?;
    match plan.installed() {
        Some(root) => print(facts(&root))?,
        None => print_line("This system trusts no certificate of dashcam's.")?,
    }
    print(plan.to_string())?;
    if yes { Ok(plan.run()?) } else { print("Nothing was done: add --yes to do it (as root).\n") }
}

fn facts(root: &RootCertificate) -> String {
    let permitted = root.permitted().map_or(String::new(), |all| format!("only for     {all}\n"));
    let (path, fingerprint, until) = (root.path().display(), root.fingerprint(), root.last_day());
    format!("certificate  {path}\nSHA-256      {fingerprint}\nvalid until  {until}\n{permitted}")
}

fn page(root: &RootCertificate, is_colored: bool) -> String {
    let mut text = facts(root);
    for (client, instruction) in trust::instructions(root.path()) {
        let instruction = instruction.replace('\n', "\n  ");
        text.push_str(&format!("\n{}\n  {instruction}\n", paint(client, Color::Bold, is_colored)));
    }
    text
}
