//! The talk with a SOCKS5 client before its tunnel.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use dashcam_exchange::{Destination, Failure, Scheme, Side, Stage};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{Instant, timeout_at};

use crate::net::io::Io;
use crate::net::limited::Limit;
use crate::serve::access::Authentication;
use crate::serve::mode::socks5::Reply;
use crate::serve::server::Server;

/// The version that greetings and requests begin with.
pub(super) const VERSION: u8 = 5;
/// The version of the part about the password.
const PASSWORD_VERSION: u8 = 1;
/// Methods of authentication: none, a name and a password, and that none of a client's will do.
const NO_AUTHENTICATION: u8 = 0;
const PASSWORD: u8 = 2;
const NO_METHOD: u8 = 0xff;
/// The command that opens a tunnel; the others are BIND (2) and UDP ASSOCIATE (3).
const CONNECT: u8 = 1;
/// Types of addresses.
const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;

/// A client that gets no tunnel.
#[derive(Debug)]
pub(super) struct Refused {
    /// Its last bytes from us.
    pub(super) told: Vec<u8>,
    pub(super) failure: Failure,
}

/// A client's negotiation.
pub(super) struct Negotiation<'a> {
    io: &'a mut Io,
    server: &'a Server,
    client: SocketAddr,
    /// For all that the client is to say.
    deadline: Instant,
}

impl<'a> Negotiation<'a> {
    pub(super) fn new(io: &'a mut Io, server: &'a Server, client: SocketAddr) -> Self {
        let deadline = Instant::now() + server.context.config.timeouts.request_head;
        Self { io, server, client, deadline }
    }

    /// The destination that the client asks for. Nothing of what it sends after that is consumed, and it has no answer
    /// to its request yet.
    pub(super) async fn destination(mut self) -> Result<Destination, Refused> {
        let methods = self.greeting().await?;
        let authentication = self.server.access.authentication.as_ref();
        let method = match authentication {
            // Some clients offer nothing but a password, whether or not they are to show one.
            None => [NO_AUTHENTICATION, PASSWORD].into_iter().find(|method| methods.contains(method)),
            Some(_) => Some(PASSWORD).filter(|method| methods.contains(method)),
        };
        let Some(method) = method else {
            let failure = match authentication {
                Some(_) => Authentication::nothing_shown("socks5h"),
                None => failure("it offers no method of authentication that dashcam knows"),
            };
            return Err(Refused { told: vec![VERSION, NO_METHOD], failure });
        };
        self.say(&[VERSION, method]).await?;
        if method == PASSWORD {
            self.password(authentication).await?;
        }
        self.request().await
    }

    /// The methods of authentication that the client knows.
    async fn greeting(&mut self) -> Result<Vec<u8>, Refused> {
        let [version] = self.take().await?;
        self.expect(version, VERSION)?;
        self.text().await
    }

    /// Lets the client show its name and password, and answers whether they are right (RFC 1929).
    async fn password(&mut self, authentication: Option<&Authentication>) -> Result<(), Refused> {
        let [version] = self.take().await?;
        self.expect(version, PASSWORD_VERSION)?;
        let (user, password) = (self.text().await?, self.text().await?);
        if let Some(authentication) = authentication {
            let checked = authentication.check_pair(self.client.ip(), (&user, &password), "socks5h").await;
            checked.map_err(|failure| Refused { told: vec![PASSWORD_VERSION, 1], failure })?;
        }
        self.say(&[PASSWORD_VERSION, 0]).await
    }

    /// The destination of the client's request, if that is one that we serve.
    async fn request(&mut self) -> Result<Destination, Refused> {
        let [version, command, _reserved, kind] = self.take().await?;
        self.expect(version, VERSION)?;
        let host = match kind {
            IPV4 => IpAddr::from(Ipv4Addr::from(self.take::<4>().await?)).to_string(),
            IPV6 => Ipv6Addr::from(self.take::<16>().await?).to_string(),
            NAME => String::from_utf8_lossy(&self.text().await?).into_owned(),
            unknown => {
                let failure =
                    failure(&format!("its destination has an address of the unknown type {unknown}"));
                return Err(refused(Reply::AddressTypeNotSupported, failure));
            }
        };
        let port = u16::from_be_bytes(self.take().await?);
        if command != CONNECT {
            let name = match command {
                2 => "BIND".to_owned(),
                3 => "UDP ASSOCIATE".to_owned(),
                unknown => format!("the unknown command {unknown}"),
            };
            let failure = failure(&format!("it asks for {name}, and dashcam knows only CONNECT"));
            return Err(refused(Reply::CommandNotSupported, failure));
        }
        destination(&host, port).ok_or_else(|| {
            refused(
                Reply::Failed,
                failure(&format!("\u{201c}{}\u{201d} is no name of a host", host.escape_debug())),
            )
        })
    }

    async fn say(&mut self, bytes: &[u8]) -> Result<(), Refused> {
        self.io.write_all(bytes).await.map_err(|_| ended())
    }

    fn expect(&self, version: u8, expected: u8) -> Result<(), Refused> {
        if version == expected {
            return Ok(());
        }
        Err(Refused {
            told: Vec::new(),
            failure: failure(&format!("it goes on with {version} in place of {expected}")),
        })
    }

    /// The next bytes, of which the first says how many follow.
    async fn text(&mut self) -> Result<Vec<u8>, Refused> {
        let [length] = self.take().await?;
        self.look(length.into()).await?;
        let mut bytes = vec![0; length.into()];
        self.io.read_exact(&mut bytes).await.map_err(|_| ended())?;
        Ok(bytes)
    }

    async fn take<const N: usize>(&mut self) -> Result<[u8; N], Refused> {
        self.look(N).await?;
        let mut bytes = [0; N];
        self.io.read_exact(&mut bytes).await.map_err(|_| ended())?;
        Ok(bytes)
    }

    /// Waits until as many bytes as `wanted` can be read.
    async fn look(&mut self, wanted: usize) -> Result<(), Refused> {
        while self.io.ahead().len() < wanted {
            match timeout_at(self.deadline, self.io.look_further()).await {
                Ok(Ok(1..)) => {}
                Ok(Ok(0) | Err(_)) => return Err(ended()),
                Err(_) => return Err(self.late()),
            }
        }
        Ok(())
    }

    fn late(&self) -> Refused {
        self.server.context.limited.count(Limit::RequestHeadTime);
        let limit = self.server.context.config.timeouts.request_head.as_secs_f64();
        Refused {
            told: Vec::new(),
            failure: failure(&format!("it is not complete after {limit} s (timeouts.request_head)")),
        }
    }
}

/// A destination by its `host`, which may be an address as a text too.
fn destination(host: &str, port: u16) -> Option<Destination> {
    let authority = match host.parse() {
        Ok(IpAddr::V6(ip)) => format!("[{ip}]:{port}"),
        _ => format!("{host}:{port}"),
    };
    let destination = Destination::parse(Scheme::Https, &authority).ok()?;
    (destination.port == port).then_some(destination)
}

fn refused(reply: Reply, failure: Failure) -> Refused {
    Refused { told: reply.bytes().to_vec(), failure }
}

fn ended() -> Refused {
    Refused { told: Vec::new(), failure: failure("the connection ended inside it") }
}

fn failure(why: &str) -> Failure {
    Failure::new(Side::Client, Stage::RequestHead, format!("The client's SOCKS5 request was refused: {why}."))
}
