//! Where the origin is: names that no resolver knows (RFC 6761 §6.2), and ports of this machine.

/// The origin's names.
pub(crate) const HOSTS: [&str; 6] = [SHOP, API, GRPC, CHAT, LLM, WAREHOUSE];
/// The site.
pub(crate) const SHOP: &str = "shop.test";
/// The API behind it.
pub(crate) const API: &str = "api.shop.test";
/// A gRPC service.
pub(crate) const GRPC: &str = "grpc.shop.test";
/// A chat over WebSocket.
pub(crate) const CHAT: &str = "chat.shop.test";
/// A language model.
pub(crate) const LLM: &str = "llm.shop.test";
/// An upstream that is down.
pub(crate) const WAREHOUSE: &str = "warehouse.shop.test";

/// The origin's ports on 127.0.0.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Places {
    /// The port with TLS.
    pub(crate) https: u16,
    /// The port without.
    pub(crate) http: u16,
    /// A port on which nobody listens.
    pub(crate) refusing: u16,
}

impl Places {
    /// The addresses of the origin's names, as `--resolve` takes them: `HOST:PORT:ADDRESS`.
    #[must_use]
    pub fn resolves(&self) -> Vec<String> {
        let ports = [self.https, self.http, self.refusing];
        let of = |host: &&str| ports.map(|port| format!("{host}:{port}:127.0.0.1"));
        HOSTS.iter().flat_map(of).collect()
    }
}
