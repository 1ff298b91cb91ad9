//! The counts of dashcam, in Prometheus' text format (0.0.4): `docs/API.md` lists the names, which are a supported
//! interface.

mod budget;
mod families;
mod flight;

use dashcam_control::RuleCounts;
use dashcam_exchange::{GapReason, Level, Side, Stage};
use dashcam_proxy::{Connections, Latency, Limit, ProgramCounts, Traffic};
use dashcam_recorder::{GuaranteeCounts, Health, Ledger};
use dashcam_store::Backfill;

use crate::dto::{Budget, Container, Page, RedactionStatus, RejectedSummary};
use families::Families;

/// The name of the format.
pub(crate) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The classes of whole responses, as [`dashcam_proxy::Outcomes`] counts them.
const CLASSES: [&str; 6] = ["1xx", "2xx", "3xx", "4xx", "5xx", "other"];
/// Bounds of the histograms: powers of two from 64 µs to 67 s.
const BOUNDS: std::ops::RangeInclusive<u32> = 6..=26;

/// All that is shown, read at one moment.
pub(crate) struct Readings {
    pub(crate) version: &'static str,
    pub(crate) traffic: Traffic,
    pub(crate) limited: Vec<(Limit, u64)>,
    pub(crate) transit_bytes: u64,
    /// `None` if no programs are looked for.
    pub(crate) programs: Option<ProgramCounts>,
    pub(crate) ledger: Ledger,
    pub(crate) rules: Vec<RuleCounts>,
    pub(crate) redaction: Option<RedactionStatus>,
    pub(crate) health: Health,
    pub(crate) connections: Connections,
    pub(crate) level: Level,
    pub(crate) rejected: RejectedSummary,
    pub(crate) page: Page,
    /// `None` if the store does not say.
    pub(crate) backfills: Option<Vec<Backfill>>,
    /// `None` without a flight recorder.
    pub(crate) flight: Option<dashcam_flight::Status>,
    /// `None` if the recording is only read.
    pub(crate) budget: Option<Budget>,
    /// Likewise.
    pub(crate) limits: Option<Container>,
}

/// The text.
pub(crate) fn text(readings: &Readings) -> String {
    let mut families = Families::default();
    instance(&mut families, readings);
    traffic(&mut families, &readings.traffic);
    limited(&mut families, &readings.limited);
    readings.programs.iter().for_each(|counts| programs(&mut families, counts));
    rejected(&mut families, &readings.rejected);
    ledger(&mut families, &readings.ledger);
    rules(&mut families, &readings.rules);
    if let Some(status) = &readings.redaction {
        redaction(&mut families, status);
    }
    page(&mut families, &readings.page);
    readings.budget.iter().for_each(|budget| budget::budget(&mut families, budget));
    readings.limits.iter().for_each(|limits| budget::limits(&mut families, limits));
    readings.backfills.iter().for_each(|left| backfills(&mut families, left));
    readings.flight.iter().for_each(|status| flight::recorder(&mut families, status));
    families.text()
}

fn instance(families: &mut Families, readings: &Readings) {
    families.gauge("dashcam_build_info", "Always 1; its label is dashcam's version.");
    families.sample(&[("version", readings.version)], 1);
    families.gauge("dashcam_level", "1 for the level that is set, 0 for the others.");
    for level in [Level::Off, Level::Metrics, Level::Metadata, Level::Full] {
        families.sample(&[("level", level.as_str())], u64::from(level == readings.level));
    }
    families.gauge("dashcam_connections_open", "Client connections that are open.");
    families.sample(&[], readings.connections.clients as u64);
    connections(families, &readings.connections);
    families.gauge("dashcam_transit_bytes", "Bytes in transit that are held, as limits.transit counts them.");
    families.sample(&[], readings.transit_bytes);
    families.counter(
        "dashcam_clients_refused_total",
        "Client connections that were not let in (--allow-client).",
    );
    families.sample(&[], readings.traffic.clients_refused);
    families
        .gauge("dashcam_recorder_queued_bytes", "Heads, bodies and messages held in memory by the recorder.");
    families.sample(&[], readings.health.queued_bytes as u64);
    guarantees(families, readings.health.guarantees);
    let Health { pause, stalled, .. } = &readings.health;
    families.gauge("dashcam_recorder_failing", "1 if recording is paused, or the disk hangs, else 0.");
    families.sample(&[], u64::from(pause.is_some() || stalled.is_some()));
    families.gauge("dashcam_recording_paused", "1 for the reason for which recording is paused, else 0.");
    for reason in [GapReason::DiskFull, GapReason::DiskError] {
        let paused = pause.as_ref().is_some_and(|pause| pause.reason == reason);
        families.sample(&[("reason", reason.as_str())], u64::from(paused));
    }
}

fn guarantees(families: &mut Families, counts: GuaranteeCounts) {
    families.gauge("dashcam_guarantee_waiting", "Exchanges that wait for the recording, as their rule says.");
    families.sample(&[], counts.waiting as u64);
    families.counter("dashcam_guarantee_waits_total", "How often an exchange had to wait for room.");
    families.sample(&[], counts.waits);
    let about = "Requests of lossless rules that were refused because they could not be recorded.";
    families.counter("dashcam_lossless_refused_total", about);
    families.sample(&[], counts.refused);
    let about = "Exchanges of lossless rules that were broken off because they could not be recorded.";
    families.counter("dashcam_lossless_broken_off_total", about);
    families.sample(&[], counts.broken_off);
}

fn redaction(families: &mut Families, status: &RedactionStatus) {
    families.gauge("dashcam_redaction_off", "1 if secrets are recorded as they pass, else 0.");
    families.sample(&[], u64::from(status.set.is_none()));
    families.counter("dashcam_redacted_values_total", "Secrets that were replaced in what is recorded.");
    families.sample(&[], status.replaced);
    families.counter("dashcam_sealed_secrets_total", "Sealed secrets that were handed over to the store.");
    families.sample(&[], status.sealed);
    let about = "Bodies and messages that were withheld, as nobody could tell what is in them.";
    families.counter("dashcam_withheld_bodies_total", about);
    families.sample(&[], status.withheld);
    families.counter("dashcam_redaction_faults_total", "Records that redaction failed on, and withheld.");
    families.sample(&[], status.faults);
}

fn connections(families: &mut Families, connections: &Connections) {
    let limits = connections.limits;
    families.gauge("dashcam_connections_limit", "Client connections that may be open; 0: any number.");
    families.sample(&[], limits.clients as u64);
    let about = "Connections to upstreams: in use, kept, or being opened.";
    families.gauge("dashcam_upstream_connections_open", about);
    families.sample(&[], connections.upstreams as u64);
    let about = "Connections to upstreams that may be open; 0: any number.";
    families.gauge("dashcam_upstream_connections_limit", about);
    families.sample(&[], limits.upstreams as u64);
}

fn traffic(families: &mut Families, traffic: &Traffic) {
    families.counter("dashcam_requests_total", "Requests that ended, by how: each counts once.");
    for (class, count) in CLASSES.iter().zip(traffic.outcomes.complete) {
        families.sample(&[("class", class)], count);
    }
    for (class, count) in [
        ("failed", traffic.outcomes.failed),
        ("refused", traffic.outcomes.refused),
        ("aborted", traffic.outcomes.aborted),
    ] {
        families.sample(&[("class", class)], count);
    }
    families.gauge("dashcam_requests_in_progress", "Requests that began and have not ended.");
    families.sample(&[], traffic.in_progress());
    families.counter(
        "dashcam_failures_total",
        "Why requests failed or were refused; those that did not occur are left out.",
    );
    failures(families, &traffic.failures);
    families.counter("dashcam_connection_failures_total", "Why client connections failed, likewise.");
    failures(families, &traffic.connection_failures);
    families.counter("dashcam_request_body_bytes_total", "Bytes of requests' bodies that passed.");
    families.sample(&[], traffic.request_bytes);
    families.counter("dashcam_response_body_bytes_total", "Bytes of responses' bodies that passed.");
    families.sample(&[], traffic.response_bytes);
    let about = "From a request's head to its response's head, of all that got a response.";
    histogram(families, ("dashcam_response_head_seconds", about), &traffic.to_head);
    let about =
        "From a request's head to its response's end, of whole responses; without upgraded connections.";
    histogram(families, ("dashcam_request_duration_seconds", about), &traffic.to_end);
}

fn limited(families: &mut Families, limited: &[(Limit, u64)]) {
    families
        .counter("dashcam_limited_total", "How often a limit refused, cut or closed something, by limit.");
    for (limit, count) in limited {
        families.sample(&[("limit", limit.name())], *count);
    }
}

fn programs(families: &mut Families, counts: &ProgramCounts) {
    families.counter(
        "dashcam_programs_total",
        "Connections of this machine's programs that were looked for, by outcome.",
    );
    for (outcome, count) in [
        ("found", counts.found),
        ("gone", counts.gone),
        ("hidden", counts.hidden),
        ("crowded", counts.crowded),
    ] {
        families.sample(&[("outcome", outcome)], count);
    }
}

fn rejected(families: &mut Families, rejected: &RejectedSummary) {
    families.counter("dashcam_tls_rejected_total", "Handshakes that the other side refused, by side.");
    families.sample(&[("side", "client")], rejected.by_clients);
    families.sample(&[("side", "upstream")], rejected.by_upstreams);
    let about = "Connections that were tunnelled because of earlier refusals (--tunnel-rejected).";
    families.counter("dashcam_rejected_tunnels_total", about);
    families.sample(&[], rejected.tunnelled);
    families.gauge("dashcam_rejected_pairs", "Pairs of a client and a host that are tunnelled for refusals.");
    families.sample(&[], rejected.pairs);
    let about = "Pairs of a client and a host with refusals that were forgotten for want of room.";
    families.counter("dashcam_rejected_forgotten_total", about);
    families.sample(&[], rejected.forgotten);
}

fn failures(families: &mut Families, failures: &[(Side, Stage, u64)]) {
    for (side, stage, count) in failures.iter().filter(|(.., count)| *count > 0) {
        families.sample(&[("side", side.as_str()), ("stage", stage.as_str())], *count);
    }
}

fn histogram(families: &mut Families, (name, about): (&str, &str), latency: &Latency) {
    let up_to = |bits| ((1_u64 << bits) as f64 / 1e6, latency.up_to(bits));
    families.histogram((name, about), BOUNDS.map(up_to), latency.count(), latency.sum.as_secs_f64());
}

fn ledger(families: &mut Families, ledger: &Ledger) {
    for (name, about, count) in [
        ("seen", "Exchanges that were to be recorded.", ledger.seen),
        ("stored", "Exchanges that were stored.", ledger.stored),
        ("metadata_only", "Of the stored, those without bodies because of the level.", ledger.metadata_only),
        ("truncated", "Of the stored, those of which a body or a message was cut.", ledger.truncated),
        ("not_recorded", "Exchanges that passed while the level was off or metrics.", ledger.not_recorded),
        ("not_kept", "Exchanges that were seen and that a rule did not keep.", ledger.not_kept),
        ("sampled_out", "Exchanges that were seen and are not in their rule's sample.", ledger.sampled_out),
    ] {
        families.counter(&format!("dashcam_exchanges_{name}_total"), about);
        families.sample(&[], count);
    }
    families
        .counter("dashcam_exchanges_dropped_total", "Exchanges that were seen and not stored, by reason.");
    for (reason, count) in &ledger.dropped {
        families.sample(&[("reason", reason.as_str())], *count);
    }
    families.gauge("dashcam_exchanges_open", "Exchanges under way that are being recorded.");
    families.sample(&[], ledger.open);
    families.gauge("dashcam_exchanges_pending", "Exchanges that ended and are on their way to the store.");
    families.sample(&[], ledger.pending);
}

fn rules(families: &mut Families, rules: &[RuleCounts]) {
    families.counter(
        "dashcam_rule_exchanges_total",
        "Exchanges that a rule decided about, by outcome; without rules there is none.",
    );
    for rule in rules {
        let outcomes = [("kept", rule.kept), ("not_kept", rule.not_kept), ("sampled_out", rule.sampled_out)];
        for (outcome, count) in outcomes {
            families.sample(&[("rule", &rule.name), ("outcome", outcome)], count);
        }
    }
    families.counter("dashcam_rule_bytes_total", "Bytes of heads and bodies that a rule kept.");
    for rule in rules {
        families.sample(&[("rule", &rule.name)], rule.bytes);
    }
}

fn backfills(families: &mut Families, left: &[Backfill]) {
    let about = "Exchanges of an older recording that background work has still to go through.";
    families.gauge("dashcam_backfill_exchanges_left", about);
    for name in Backfill::NAMES {
        let left = left.iter().find(|backfill| backfill.name == name);
        families.sample(&[("backfill", name)], left.map_or(0, |left| left.total - left.done));
    }
}

fn page(families: &mut Families, page: &Page) {
    families
        .counter("dashcam_page_sign_ins_failed_total", "Wrong tokens that the page's listener was shown.");
    families.sample(&[], page.sign_ins_failed);
    families.counter(
        "dashcam_audit_lost_total",
        "Entries of the audit log that were lost because the disk did not take them.",
    );
    families.sample(&[], page.audit_lost);
    families.gauge("dashcam_page_sessions", "Sessions of browsers that have signed in to the page.");
    families.sample(&[], page.sessions);
    families.gauge("dashcam_page_connections_open", "Connections to the page that are open.");
    families.sample(&[], page.connections_open);
    families.counter(
        "dashcam_page_refused_total",
        "What the page's listener refused or closed because there were too many of it.",
    );
    for (what, count) in [
        ("connections", page.refused.connections),
        ("displaced", page.refused.displaced),
        ("watchers", page.refused.watchers),
        ("exports", page.refused.exports),
        ("replays", page.refused.replays),
    ] {
        families.sample(&[("what", what)], count);
    }
}
