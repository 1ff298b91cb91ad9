//! The flight recorder, as the command line and `config.toml` say it.

use std::time::Duration;

use anyhow::{Result, bail};
use dashcam_flight::Pace;

use super::said;
use crate::cli::ServeArgs;
use crate::config::Config;
use crate::flight::FlightOptions;

/// How long a snapshot goes on after what set it off.
const AFTER: Duration = Duration::from_secs(10);
/// How long after a snapshot traffic sets off none.
const COOLDOWN: Duration = Duration::from_secs(60);
/// Snapshots that traffic set off and that are kept.
const KEEP: usize = 20;

pub(super) fn flight(args: &ServeArgs, config: &Config) -> Result<FlightOptions> {
    let (args, config) = (&args.flight, &config.flight);
    let options = FlightOptions {
        size: args.flight.or(config.ring).map(|ring| ring.0),
        file: args.flight_file.clone().or_else(|| config.file.clone()),
        on: said(&args.flight_on, config.on.as_ref()),
        slow: args.flight_slow.clone().or_else(|| config.slow.clone()),
        pace: Pace {
            after: args.flight_after.or(config.after).map_or(AFTER, |after| after.0),
            cooldown: config.cooldown.unwrap_or(COOLDOWN),
        },
        keep: config.keep.unwrap_or(KEEP).max(1),
    };
    let has_triggers = !options.triggers()?.are_none();
    if has_triggers && options.size.is_none() {
        bail!(
            "--flight-on and --flight-slow ([flight]) need a ring to take snapshots of: add --flight 60s,256MB (ring)"
        );
    }
    Ok(options)
}
