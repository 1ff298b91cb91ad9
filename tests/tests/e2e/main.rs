//! dashcam from outside: the real binary between real clients and real upstreams.

mod access;
mod archive;
mod ca;
mod certificates;
mod cli;
mod clients;
mod crash;
mod disk;
mod exposed;
mod failures;
mod foreign;
mod forward;
mod grpc;
mod hostile;
mod large;
mod load;
mod maintenance;
mod metrics;
mod older;
mod page;
mod pins;
mod read_only;
mod retention;
mod reverse;
mod shares;
mod sse;
mod start;
mod tls;
mod toggle;
mod websocket;
mod websocket_ends;
mod websocket_large;
mod websocket_wire;

use dashcam_tests::same;
