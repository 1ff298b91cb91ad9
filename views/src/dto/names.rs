//! The API's enums, all of them strings.

use dashcam_exchange as domain;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

macro_rules! names {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$variant_doc])* $variant),* }

        impl From<domain::$name> for $name {
            fn from(name: domain::$name) -> Self {
                match name { $(domain::$name::$variant => Self::$variant),* }
            }
        }

        impl From<$name> for domain::$name {
            fn from(name: $name) -> Self {
                match name { $($name::$variant => Self::$variant),* }
            }
        }
    };
}

names!(
    /// How much is recorded.
    Level {
        /// Nothing: new CONNECTs are tunnelled unread.
        Off,
        /// Counts and latencies only.
        Metrics,
        /// Heads, sizes, timings and outcome.
        Metadata,
        /// And bodies and messages.
        Full,
    }
);
names!(
    /// How the stored bytes of a body relate to those that passed.
    StoredAs {
        /// They are the bytes that passed, from the first on.
        Sent,
        /// Its content codings are undone, and secrets in it are replaced.
        Redacted,
        /// Nothing is stored: redaction could not read it.
        Withheld,
    }
);
names!(
    /// How an exchange stands.
    State {
        /// Under way.
        Open,
        /// The whole response passed.
        Complete,
        /// It ended with a failure.
        Failed,
        /// The client went away before the end.
        Aborted,
        /// dashcam ended before the exchange did, or had no room for the rest of it.
        Interrupted,
        /// dashcam itself refused it.
        Refused,
    }
);
names!(
    /// How the destination is spoken to.
    Scheme {
        /// Without TLS.
        Http,
        /// With TLS.
        Https,
    }
);
names!(
    /// Which way bytes go.
    Direction {
        /// From the client.
        Request,
        /// To the client.
        Response,
    }
);
names!(
    /// Whose end of the conversation failed.
    Side {
        /// The client.
        Client,
        /// The server that dashcam connects to.
        Upstream,
        /// dashcam itself: what was asked is refused.
        Proxy,
    }
);
names!(
    /// How far things had come.
    Stage {
        /// Finding the protocol.
        Detect,
        /// Resolving the name.
        Dns,
        /// Opening the TCP connection.
        Connect,
        /// The TLS handshake.
        TlsHandshake,
        /// The request's head.
        RequestHead,
        /// The request's body.
        RequestBody,
        /// Waiting for, or reading, the response's head.
        ResponseHead,
        /// The response's body.
        ResponseBody,
        /// A tunnel or an upgraded connection.
        Tunnel,
    }
);
names!(
    /// The protocol that was detected in a stream's first bytes.
    Detected {
        /// A TLS ClientHello.
        Tls,
        /// An HTTP/1 request line.
        Http1,
        /// HTTP/2's preface.
        Http2,
        /// Something else.
        Other,
        /// Nothing within the time limit.
        Silent,
    }
);
names!(
    /// The verdict about a stream.
    Verdict {
        /// Its TLS is terminated and its requests are read.
        Decrypt,
        /// It has no TLS; its requests are read.
        Plain,
        /// It is relayed unread.
        Tunnel,
        /// It is closed.
        Refuse,
    }
);
names!(
    /// The reason for which a stream is relayed unread.
    TunnelReason {
        /// The level is `off`.
        Off,
        /// `--ignore-hosts` or `--allow-hosts` excludes the host.
        Rule,
        /// The root may issue no certificate for the host.
        Constrained,
        /// It is no HTTP.
        NotHttp,
        /// The client speaks a kind of TLS that dashcam doesn't.
        ForeignTls,
        /// The client said nothing: its server speaks first.
        Silent,
        /// The client refused dashcam's certificate several times (`--tunnel-rejected`).
        ClientRejected,
        /// The upstream refused dashcam's TLS several times (`--tunnel-rejected`).
        UpstreamRejected,
    }
);
names!(
    /// A kind of client: those of one kind learn to trust a certificate in the same way.
    Runtime {
        /// Bun.
        Bun,
        /// Chromium, and the browsers and apps that are made of it.
        Chromium,
        /// curl.
        Curl,
        /// Deno.
        Deno,
        /// Firefox.
        Firefox,
        /// git.
        Git,
        /// A program with GnuTLS of which no more is known.
        Gnutls,
        /// A program in Go.
        Go,
        /// A program on a Java virtual machine.
        Java,
        /// Node.js.
        Node,
        /// A program with OpenSSL of which no more is known.
        Openssl,
        /// PHP.
        Php,
        /// Python.
        Python,
        /// Ruby.
        Ruby,
        /// A program with rustls of which no more is known.
        Rustls,
        /// GNU Wget.
        Wget,
    }
);
names!(
    /// The kind of a message.
    MessageKind {
        /// WebSocket text.
        Text,
        /// WebSocket binary.
        Binary,
        /// A WebSocket ping.
        Ping,
        /// A WebSocket pong.
        Pong,
        /// A WebSocket close.
        Close,
        /// A gRPC message, without its prefix and decompressed.
        Grpc,
    }
);
names!(
    /// How a message is compressed that is kept as it passed on the wire.
    MessageCoding {
        /// permessage-deflate: it may refer to earlier messages of its direction.
        Deflate,
        /// gzip.
        Gzip,
        /// zlib, which gRPC calls "deflate".
        Zlib,
        /// The one that the header `grpc-encoding` names.
        Other,
    }
);
names!(
    /// How the upstream ended a connection.
    ConnectionEnd {
        /// It announced the end of TLS.
        CloseNotify,
        /// It closed TCP. Under TLS anybody on the way can do that: the body may be a part of what was sent.
        TcpClose,
    }
);
names!(
    /// Why exchanges are missing from the recording.
    GapReason {
        /// More were under way than there are places in the queue.
        QueueFull,
        /// The disk was full.
        DiskFull,
        /// The database could not be written.
        DiskError,
        /// A fault in the recorder.
        RecorderFault,
        /// One client connection or address had more under way or waiting than its share.
        ClientShare,
    }
);
