//! Bounds: on time, messages, memory, the recording's size, and decoding.

use anyhow::{Result, bail};
use dashcam_proxy::Timeouts;
use dashcam_recorder::Limits;
use dashcam_store::{Packing, Retention};
use dashcam_views::decode::Decoding;

use crate::bounds;
use crate::cli::ServeArgs;
use crate::config;

pub(super) fn timeouts(config: &config::Timeouts) -> Timeouts {
    let default = Timeouts::default();
    let limit = |limit| (limit != config::NEVER).then_some(limit);
    Timeouts {
        detect: config.detect.unwrap_or(default.detect),
        tls_handshake: config.tls_handshake.unwrap_or(default.tls_handshake),
        silent_refusal: config.silent_refusal.unwrap_or(default.silent_refusal),
        request_head: config.request_head.unwrap_or(default.request_head),
        proxy_header: config.proxy_header.unwrap_or(default.proxy_header),
        connect: config.connect.unwrap_or(default.connect),
        parent: config.parent.unwrap_or(default.parent),
        response_head: config.response_head.map_or(default.response_head, limit),
        response_head_of_streams: config.response_head.map_or(default.response_head_of_streams, limit),
        body: config.body.map_or(default.body, limit),
        body_of_streams: config.body.map_or(default.body_of_streams, limit),
        body_grace: config.body_grace.unwrap_or(default.body_grace),
        write: config.write.unwrap_or(default.write),
        write_over_share: config.write_over_share.unwrap_or(default.write_over_share),
        tunnel_idle: config.tunnel_idle.map_or(default.tunnel_idle, limit),
        half_closed: config.half_closed.unwrap_or(default.half_closed),
        idle: config.idle.unwrap_or(default.idle),
    }
}

pub(super) fn message_limits(config: &config::Limits) -> Result<dashcam_proxy::Limits> {
    let default = dashcam_proxy::Limits::default();
    let limits = dashcam_proxy::Limits {
        head: config.head.unwrap_or(default.head),
        fields: config.fields.unwrap_or(default.fields),
        h2_streams: config.h2_streams.unwrap_or(default.h2_streams),
        transit: config.transit.unwrap_or(default.transit),
        body_rate: config.body_rate.unwrap_or(default.body_rate),
    };
    let fits = (1024..=16 << 20).contains(&limits.head)
        && (16..=65_536).contains(&limits.fields)
        && (1..=100_000).contains(&limits.h2_streams);
    if !fits {
        bail!(
            "config.toml: in [limits], head must be 1024 to 16777216, fields 16 to 65536, and h2_streams 1 to 100000"
        );
    }
    // A sixteenth is a connection's share, and it must be able to send one head.
    if limits.transit / 16 < limits.head {
        bail!(
            "config.toml: in [limits], transit = {} leaves a connection too little for one head: set at least 16 times head, {}",
            limits.transit,
            limits.head * 16
        );
    }
    Ok(limits)
}

pub(super) fn limits(config: &config::Recorder) -> Result<Limits> {
    let default = Limits::default();
    let address_share = config.address_share.unwrap_or(default.address_share);
    if !(1..=100).contains(&address_share) {
        bail!("config.toml: in [recorder], address_share must be 1 to 100 (percent)");
    }
    Ok(Limits {
        exchanges: config.exchanges.unwrap_or(default.exchanges).max(1),
        memory: config.memory.unwrap_or(default.memory),
        address_share,
        part: default.part,
        lossless_wait: config.lossless_wait.unwrap_or(default.lossless_wait),
        lossless_waiting: config.lossless_waiting.unwrap_or(default.lossless_waiting),
    })
}

pub(super) fn retention(args: &ServeArgs, config: &config::Retention) -> Retention {
    let size = args.max_size.or(config.max_size);
    Retention {
        size: size.map_or(Some(bounds::DEFAULT_SIZE), |bound| bound.0),
        age: args.max_age.or(config.max_age).and_then(|bound| bound.0),
        exchanges: args.max_exchanges.or(config.max_exchanges).and_then(|bound| bound.0),
    }
}

pub(super) fn packing(args: &ServeArgs, config: &config::Recording) -> Packing {
    let plain = args.plain_bodies || config.plain_bodies.unwrap_or_default();
    if plain { Packing::Plain } else { Packing::Packed }
}

/// Limits on decoding a body for a reader.
pub(crate) fn decoding(config: &config::Decoding) -> Decoding {
    let default = Decoding::default();
    Decoding { codings: config.codings.unwrap_or(default.codings), time: config.time.unwrap_or(default.time) }
}
