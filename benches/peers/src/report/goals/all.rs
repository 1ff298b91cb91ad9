//! All goals, in the order of their table.

use super::Goal;
use crate::sample::figure;

/// The cases whose figures they are about.
pub(crate) const CASES: [&str; 18] = [
    "reverse-1k",
    "reverse-10k",
    "varied-1k",
    "varied-10k",
    "flight",
    "forward-1k",
    "tunnel",
    "p99",
    "post-nagle",
    "h2",
    "connections",
    "download",
    "upload",
    "turns",
    "idle-pairs",
    "memory",
    "disk",
    "disk-api",
];

pub(super) const GOALS: [Goal; 26] = [
    Goal::at_most("nothing recorded (`off`), reverse: CPU, nginx = 1", 0.95, Some(0.6), |figures| {
        figures.ratio("reverse-1k", figure::CPU, "off", "nginx")
    }),
    Goal::at_most("nothing recorded (`metrics`), CONNECT: CPU, nginx = 1", 0.95, Some(0.6), |figures| {
        figures.ratio("forward-1k", figure::CPU, "metrics-connect", "nginx")
    }),
    Goal::at_most("`full`, 1 KiB: CPU, nginx = 1", 0.9, Some(0.75), |figures| {
        figures.ratio("reverse-1k", figure::CPU, "full", "nginx")
    })
    .with_dropped("reverse-1k", "full"),
    Goal::at_most("`full`, 1 KiB that differs each time: CPU, nginx = 1", 0.9, Some(0.75), |figures| {
        figures.ratio("varied-1k", figure::CPU, "full", "nginx")
    })
    .with_dropped("varied-1k", "full"),
    Goal::at_most("`full`, 10 KiB that differ each time: CPU, nginx = 1", 1.05, Some(0.85), |figures| {
        figures.ratio("varied-10k", figure::CPU, "full", "nginx")
    })
    .with_dropped("varied-10k", "full"),
    Goal::at_most("`full`, 10 KiB, always the same: CPU, nginx = 1", 1.4, Some(1.0), |figures| {
        figures.ratio("reverse-10k", figure::CPU, "full", "nginx")
    })
    .with_dropped("reverse-10k", "full"),
    Goal::at_most("flight recorder, 1 KiB: CPU, `metrics` = 1", 1.15, Some(1.05), |figures| {
        figures.ratio("flight", figure::CPU, "flight", "metrics")
    }),
    Goal::at_most("`full`, CONNECT: CPU, mitmdump -w = 1", 0.025, None, |figures| {
        figures.ratio("forward-1k", figure::CPU, "full-connect", "mitmdump")
    })
    .with_dropped("forward-1k", "full-connect"),
    Goal::at_most("HTTP/2 clients, `off`: CPU, HAProxy = 1", 1.0, Some(0.85), |figures| {
        figures.ratio("h2", figure::CPU, "off", "haproxy")
    }),
    Goal::at_most("HTTP/2 clients, `full`: CPU, HAProxy = 1", 1.4, Some(1.1), |figures| {
        figures.ratio("h2", figure::CPU, "full", "haproxy")
    })
    .with_dropped("h2", "full"),
    Goal::at_most("1,000 hosts in turn, `full`, CONNECT: CPU, one host = 1", 1.3, Some(1.1), |figures| {
        figures.median("turns", figure::HOSTS_TO_ONE, "full-connect")
    })
    .with_dropped("turns", "full-connect"),
    Goal::at_most("the same, one host over a few connections = 1", 1.3, Some(1.1), |figures| {
        figures.median("turns", figure::HOSTS_TO_FEW, "full-connect")
    })
    .with_dropped("turns", "full-connect"),
    Goal::at_most("tunnel: CPU, HAProxy tcp = 1", 0.8, Some(0.6), |figures| {
        figures.ratio("tunnel", figure::CPU, "off-connect", "haproxy-tcp")
    }),
    Goal::at_least("requests/s, saturated: `full`, nothing recorded = 1", 0.75, None, |figures| {
        figures.ratio("reverse-1k", figure::RATE, "full", figures.quiet("reverse-1k"))
    })
    .with_dropped("reverse-1k", "full"),
    Goal::at_most("p99 that `full` adds at half load, nginx's addition = 1", 1.5, Some(1.0), |figures| {
        figures.median("p99", figure::TIMES[0], "full")
    })
    .within(figure::TIMES)
    .with_dropped("p99", "full"),
    Goal::at_most("p99 that `full` adds to nothing recorded, at half load, ms", 0.3, None, |figures| {
        Some(figures.median("p99", figure::BEYOND_OFF[0], "full")? / 1e3)
    })
    .within(figure::BEYOND_OFF)
    .with_dropped("p99", "full"),
    Goal::at_most(
        "small upload, head and body apart, `full`, CONNECT: p50, direct = 1",
        1.5,
        None,
        |figures| figures.ratio("post-nagle", figure::P50, "full-connect", "direct"),
    )
    .with_dropped("post-nagle", "full-connect"),
    Goal::at_most("new TLS connection, `full`, CONNECT: CPU, hudsucker = 1", 0.65, Some(0.5), |figures| {
        figures.ratio("connections", figure::CPU, "full-connect", "hudsucker")
    }),
    Goal::at_least("100 MiB download, `full`: speed, nginx = 1", 1.1, Some(1.3), |figures| {
        figures.ratio("download", figure::SPEED, "full-connect", "nginx")
    }),
    Goal::at_least("100 MiB upload, `full`: speed, nginx = 1", 1.15, Some(1.3), |figures| {
        figures.ratio("upload", figure::SPEED, "full-connect", "nginx")
    }),
    Goal::at_least("100 MiB download, `full`: speed, direct = 1", 0.6, None, |figures| {
        figures.ratio("download", figure::SPEED, "full-connect", "direct")
    }),
    Goal::at_least("100 MiB upload, `full`: speed, direct = 1", 0.6, None, |figures| {
        figures.ratio("upload", figure::SPEED, "full-connect", "direct")
    }),
    Goal::at_most("memory of an idle decrypted connection pair, `full`, KiB", 30.0, Some(16.0), |figures| {
        Some(figures.median("idle-pairs", figure::PAIR, "full-connect")? / 1024.0)
    }),
    Goal::at_most("memory from 10,000 to 1,000,000 exchanges, `full`, MB", 20.0, None, |figures| {
        Some(figures.median("memory", figure::GROWTH, "full")? / 1e6)
    }),
    Goal::at_most("bytes on disk, a JSON API's exchange with 1 KiB, `full`", 800.0, Some(400.0), |figures| {
        figures.median("disk-api", figure::DISK, "full")
    })
    .with_dropped("disk-api", "full"),
    Goal::at_most("bytes on disk, 10 KiB of JSON, `full`: mitmdump -w = 1", 1.0, Some(0.5), |figures| {
        figures.ratio("disk", figure::DISK, "full-connect", "mitmdump")
    })
    .with_dropped("disk", "full-connect"),
];
