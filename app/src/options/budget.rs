//! The cost that recording may have, as the command line and `config.toml` say.

use std::time::Duration;

use dashcam_governor::{Budget, Pace};
use dashcam_store::Retention;

use crate::config;

/// How often is looked.
const LOOK: Duration = Duration::from_secs(1);

/// The budget, and how soon recording is held back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct BudgetOptions {
    pub(crate) budget: Budget,
    /// How often is looked.
    pub(crate) look: Duration,
    pub(crate) pace: Pace,
}

impl BudgetOptions {
    /// The bounds of the recording, so that it fits into the budget's disk.
    pub(crate) fn within(&self, retention: Retention) -> Retention {
        let size = [retention.size, self.budget.retention_size()].into_iter().flatten().min();
        Retention { size, ..retention }
    }
}

/// Puts it together. `none` on the command line stands in place of all parts in the file.
pub(super) fn budget(said: Option<Budget>, file: &config::Budget) -> BudgetOptions {
    let of_file = Budget { cpu: file.cpu, memory: file.memory, disk: file.disk, p99: file.p99 };
    let budget = match said {
        Some(said) if said.is_none() => said,
        said => said.unwrap_or_default().or(of_file),
    };
    let default = Pace::default();
    let pace = Pace {
        down_after: file.down_after.unwrap_or(default.down_after).max(1),
        up_after: file.up_after.unwrap_or(default.up_after),
    };
    BudgetOptions { budget, look: file.look.unwrap_or(LOOK), pace }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_on_the_command_line_means_none() {
        let file = config::Budget { cpu: Some(5.0), disk: Some(7), ..config::Budget::default() };
        let budget = |said: Option<&str>| budget(said.map(|said| said.parse().unwrap()), &file).budget;
        assert_eq!(budget(None), Budget { cpu: Some(5.0), disk: Some(7), ..Budget::default() });
        assert_eq!(budget(Some("cpu=1%")), Budget { cpu: Some(1.0), disk: Some(7), ..Budget::default() });
        assert_eq!(budget(Some("none")), Budget::default());
    }
}
