//! The cost of recording in `dashcam status`: the step, the costs, the container's limits.

use dashcam_web_ui::dto::{Budget, Container, Cost, CostName, Step};
use jiff::tz::TimeZone;

use crate::row::{duration, size};
use crate::terminal::{Color, paint};

/// The rows.
pub(super) fn rows(
    budget: &Budget,
    container: Option<&Container>,
    is_colored: bool,
) -> Vec<(&'static str, String)> {
    let mut rows = Vec::new();
    if budget.in_force.step != Step::Full || budget.steps_down > 0 {
        rows.push(("step", step(budget, is_colored)));
    }
    let costs: Vec<_> = budget.costs.iter().filter_map(|cost| self::cost(cost, is_colored)).collect();
    if !costs.is_empty() {
        rows.push(("cost", costs.join(", ")));
    }
    rows.extend(container.map(|container| ("machine", machine(container))));
    rows
}

/// The step in force, and how many were taken.
fn step(budget: &Budget, is_colored: bool) -> String {
    let Budget { in_force, steps_down, steps_up, .. } = budget;
    let since = in_force.since.0.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S");
    let because = in_force.because.as_ref().map(|because| format!(": {because}")).unwrap_or_default();
    let kept = match in_force.step {
        Step::Full => "full",
        Step::Heads => "heads (no bodies are recorded)",
        Step::Sample => "sample (one exchange in ten is recorded, without bodies)",
        Step::Metrics => "metrics (exchanges are counted only)",
    };
    let text = format!("{kept} since {since}{because}");
    let color = if in_force.step == Step::Full { text } else { paint(&text, Color::Red, is_colored) };
    format!("{color}; {steps_down} steps down and {steps_up} up so far")
}

/// A cost and its bound; `None` for one that tells only when it is beyond its bound.
fn cost(cost: &Cost, is_colored: bool) -> Option<String> {
    let value = |value: f64| match cost.name {
        CostName::Cpu | CostName::Queue => format!("{value:.1} %"),
        CostName::P99 => duration(value as i64),
        CostName::Memory | CostName::Disk | CostName::Container => size(value as u64),
        CostName::Dropped => format!("{value:.0}"),
    };
    let (before, behind) = match cost.name {
        CostName::Cpu => ("", " of the CPUs"),
        CostName::Memory => ("", " in memory"),
        CostName::Disk => ("", " of disk"),
        CostName::P99 => ("delay p99 ", ""),
        CostName::Queue if cost.beyond => ("queue ", " full"),
        CostName::Dropped if cost.beyond => ("", " found no room"),
        CostName::Queue | CostName::Dropped | CostName::Container => return None,
    };
    let bound = match (cost.name, cost.bound) {
        (CostName::Queue | CostName::Dropped, _) | (_, None) => String::new(),
        (_, Some(bound)) => format!(" (budget {})", value(bound)),
    };
    let text = format!("{before}{}{behind}{bound}", value(cost.value));
    Some(if cost.beyond { paint(&text, Color::Red, is_colored) } else { text })
}

/// The limits that hold for dashcam, and its shares of them.
fn machine(container: &Container) -> String {
    let Container { cpus, cpu_quota, workers, recorder_memory, open_files, .. } = container;
    let quota = if cpu_quota.is_some() { " by quota" } else { "" };
    let mut parts = vec![format!("{cpus} CPUs{quota}, {workers} threads for traffic")];
    if let (Some(used), Some(limit)) = (container.memory_used, container.memory_limit) {
        parts.push(format!("{} of {} of memory", size(used), size(limit)));
    }
    parts.push(format!("the recorder may hold {}", size(*recorder_memory)));
    if let (Some(used), Some(limit)) = (container.threads_used, container.threads_limit) {
        parts.push(format!("{used} of {limit} threads and processes"));
    }
    parts.push(format!("{open_files} open files"));
    parts.join("; ")
}

#[cfg(test)]
mod tests {
    use dashcam_views::dto::Time;
    use dashcam_web_ui::dto::{StepInForce, StepSeconds};

    use super::*;

    fn budget(step: Step, costs: Vec<Cost>) -> Budget {
        let because = Some("recording takes 12.3 % of the CPUs, and the budget is 5 %".to_owned());
        let in_force = StepInForce { step, since: Time(jiff::Timestamp::UNIX_EPOCH), because };
        let steps_down = u64::from(step != Step::Full);
        Budget { in_force, costs, steps_down, steps_up: 0, seconds: StepSeconds::default() }
    }

    fn cost(name: CostName, value: f64, bound: Option<f64>, beyond: bool) -> Cost {
        Cost { name, value, bound, beyond }
    }

    #[test]
    fn costs_are_shown_with_their_bounds() {
        let costs = vec![
            cost(CostName::Cpu, 1.23, Some(5.0), false),
            cost(CostName::Memory, f64::from(3 << 20), None, false),
            cost(CostName::P99, 800.0, Some(1000.0), false),
            cost(CostName::Queue, 3.0, Some(90.0), false),
            cost(CostName::Dropped, 7.0, Some(0.0), true),
        ];
        let rows = rows(&budget(Step::Full, costs), None, false);
        let expect = "1.2 % of the CPUs (budget 5.0 %), 3.0 MiB in memory, delay p99 800 µs (budget 1 ms), 7 found no room";
        assert_eq!(rows, [("cost", expect.to_owned())]);
    }

    #[test]
    fn a_step_says_what_it_costs_the_recording_and_why() {
        let rows = rows(&budget(Step::Heads, Vec::new()), None, false);
        let (name, text) = &rows[0];
        assert_eq!((*name, rows.len()), ("step", 1));
        assert!(text.starts_with("heads (no bodies are recorded) since 1970-01-0"), "{text}");
        assert!(text.ends_with("the budget is 5 %; 1 steps down and 0 up so far"), "{text}");
    }

    #[test]
    fn the_container_is_shown_as_far_as_it_limits() {
        let mut container = Container {
            cpus: 1.5,
            cpu_quota: Some(1.5),
            workers: 2,
            memory_used: Some(120 << 20),
            memory_limit: Some(256 << 20),
            recorder_memory: 32 << 20,
            threads_used: Some(40),
            threads_limit: Some(64),
            open_files: 1024,
        };
        let expect = "1.5 CPUs by quota, 2 threads for traffic; 120.0 MiB of 256.0 MiB of memory; the recorder may hold \
                      32.0 MiB; 40 of 64 threads and processes; 1024 open files";
        assert_eq!(machine(&container), expect);
        (container.cpu_quota, container.memory_limit, container.threads_limit) = (None, None, None);
        let expect = "1.5 CPUs, 2 threads for traffic; the recorder may hold 32.0 MiB; 1024 open files";
        assert_eq!(machine(&container), expect);
    }
}
