//! The cost of recording and the container's limits, in the units that Prometheus wants: seconds, bytes, and ratios from 0
//! to 1.

use super::families::Families;
use crate::dto::{Budget, Container, Cost, CostName, Step};

/// The step in force, what was measured, and the account of steps.
pub(super) fn budget(families: &mut Families, budget: &Budget) {
    let seconds = budget.seconds;
    let steps = [
        (Step::Full, seconds.full),
        (Step::Heads, seconds.heads),
        (Step::Sample, seconds.sample),
        (Step::Metrics, seconds.metrics),
    ];
    let about =
        "1 for the step to which the budget or the container's memory holds recording, 0 for the others.";
    families.gauge("dashcam_step", about);
    for (step, _) in steps {
        families.sample(&[("step", step.as_str())], u64::from(step == budget.in_force.step));
    }
    families.counter("dashcam_step_seconds_total", "How long each step was in force.");
    for (step, seconds) in steps {
        families.fraction(&[("step", step.as_str())], seconds);
    }
    families.counter("dashcam_steps_total", "Steps that were taken, down and up.");
    families.sample(&[("direction", "down")], budget.steps_down);
    families.sample(&[("direction", "up")], budget.steps_up);
    measures(families, ("cost", "The cost of recording at the last look."), &budget.costs, |cost| {
        Some(cost.value)
    });
    measures(families, ("cost_limit", "The bounds of these costs."), &budget.costs, |cost| cost.bound);
}

/// A family for each unit: values of several units in one would have no sum.
fn measures(
    families: &mut Families,
    (name, about): (&str, &str),
    costs: &[Cost],
    value: fn(&Cost) -> Option<f64>,
) {
    for (unit, factor) in [("ratio", 0.01), ("bytes", 1.0), ("seconds", 1e-6), ("exchanges", 1.0)] {
        families.gauge(&format!("dashcam_{name}_{unit}"), about);
        for cost in costs {
            let (label, unit_of_cost) = unit_of(cost.name);
            if let (true, Some(value)) = (unit_of_cost == unit, value(cost)) {
                families.fraction(&[("cost", label)], value * factor);
            }
        }
    }
}

/// The name of a cost, and the unit in which it is told.
fn unit_of(cost: CostName) -> (&'static str, &'static str) {
    match cost {
        CostName::Cpu => ("cpu", "ratio"),
        CostName::Queue => ("queue", "ratio"),
        CostName::Memory => ("memory", "bytes"),
        CostName::Disk => ("disk", "bytes"),
        CostName::Container => ("container", "bytes"),
        CostName::P99 => ("p99", "seconds"),
        CostName::Dropped => ("dropped", "exchanges"),
    }
}

/// The container's limits; families without a sample where there is none.
pub(super) fn limits(families: &mut Families, limits: &Container) {
    families.gauge("dashcam_cpus", "CPUs that dashcam may use at once: those of the machine, or a quota.");
    families.fraction(&[], limits.cpus);
    for (name, about, value) in [
        (
            "memory_bytes",
            "Memory that the container uses, without files that can be dropped.",
            limits.memory_used,
        ),
        ("memory_limit_bytes", "Its limit.", limits.memory_limit),
        ("threads", "Threads and processes of the container.", limits.threads_used),
        ("threads_limit", "Their limit.", limits.threads_limit),
    ] {
        families.gauge(&format!("dashcam_container_{name}"), about);
        value.iter().for_each(|value| families.sample(&[], *value));
    }
}

#[cfg(test)]
mod tests {
    use dashcam_views::dto::Time;

    use super::*;
    use crate::dto::{StepInForce, StepSeconds};

    #[test]
    fn units_are_those_of_prometheus() {
        let cost = |name, value, bound| Cost { name, value, bound, beyond: false };
        let in_force =
            StepInForce { step: Step::Heads, since: Time(jiff::Timestamp::UNIX_EPOCH), because: None };
        let costs = vec![
            cost(CostName::Cpu, 12.5, Some(50.0)),
            cost(CostName::Memory, 1024.0, None),
            cost(CostName::P99, 500.0, Some(1000.0)),
        ];
        let seconds = StepSeconds { full: 1.5, ..StepSeconds::default() };
        let mut families = Families::default();
        budget(&mut families, &Budget { in_force, costs, steps_down: 2, steps_up: 1, seconds });
        let text = families.text();
        for expect in [
            "dashcam_step{step=\"full\"} 0\ndashcam_step{step=\"heads\"} 1\n",
            "dashcam_step_seconds_total{step=\"full\"} 1.5\n",
            "dashcam_steps_total{direction=\"down\"} 2\n",
            "dashcam_cost_ratio{cost=\"cpu\"} 0.125\n",
            "dashcam_cost_bytes{cost=\"memory\"} 1024\n",
            "dashcam_cost_seconds{cost=\"p99\"} 0.0005\n",
            "dashcam_cost_limit_ratio{cost=\"cpu\"} 0.5\n",
        ] {
            assert!(text.contains(expect), "{expect} in\n{text}");
        }
        assert!(!text.contains("dashcam_cost_limit_bytes{"), "{text}");
    }
}
