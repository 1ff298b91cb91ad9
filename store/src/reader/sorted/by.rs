//! The values that exchanges are sorted by.

/// A value of exchanges to sort them by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortBy {
    /// Their numbers.
    Id,
    /// When they began.
    StartedAt,
    /// Their methods.
    Method,
    /// The hosts that they were for.
    Host,
    /// Paths and queries.
    Path,
    /// Statuses.
    Status,
    /// Types of the responses' contents.
    Type,
    /// Bytes of the requests' bodies.
    RequestSize,
    /// Bytes of the responses' bodies.
    ResponseSize,
    /// From start to end.
    Duration,
    /// The addresses of their clients, without ports.
    Client,
    /// The names of the programs that sent them.
    Program,
    /// The rules that decided about their recording.
    Rule,
    /// Their tags, in their order, as one text.
    Tags,
    /// The statuses of gRPC calls.
    GrpcStatus,
}
