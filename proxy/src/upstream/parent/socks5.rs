//! A connection, asked of a SOCKS5 parent (RFC 1928, RFC 1929).

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::config::Credential;
use crate::net::io::Io;
use crate::upstream::no_answer::Unreached;
use crate::upstream::parent::refusal::Refusal;
use crate::upstream::parent::target::Target;

const VERSION: u8 = 5;
/// The version of the part about the password.
const PASSWORD_VERSION: u8 = 1;
const CONNECT: u8 = 1;
/// Methods of authentication: none, a name and a password, and that none of ours will do.
const NO_AUTHENTICATION: u8 = 0;
const PASSWORD: u8 = 2;
const NO_METHOD: u8 = 0xff;
/// Types of addresses.
const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;

/// Asks for a connection to `target`. On success nothing behind the parent's answer is consumed.
pub(super) async fn ask(
    io: &mut Io,
    target: &Target,
    credential: Option<&Credential>,
) -> Result<(), Refusal> {
    authenticate(io, credential.and_then(Credential::plain)).await?;
    send(io, &request(target)?).await?;
    let [version, reply, _, kind] = read(io).await?;
    if version != VERSION {
        return Err(Refusal::NotSocks5);
    }
    if reply != 0 {
        return Err(refused(reply));
    }
    // Where the parent is seen from; nobody here needs it.
    let length = match kind {
        IPV4 => 4,
        IPV6 => 16,
        NAME => usize::from(read::<1>(io).await?[0]),
        _ => return Err(Refusal::NotSocks5),
    };
    let mut bound = vec![0; length + 2];
    io.read_exact(&mut bound).await.map(drop).map_err(broken)
}

async fn authenticate(io: &mut Io, credential: Option<(&str, &str)>) -> Result<(), Refusal> {
    let offered: &[u8] = match credential {
        None => &[VERSION, 1, NO_AUTHENTICATION],
        Some(_) => &[VERSION, 2, NO_AUTHENTICATION, PASSWORD],
    };
    send(io, offered).await?;
    let [version, method] = read(io).await?;
    match (version, method, credential) {
        (VERSION, NO_AUTHENTICATION, _) => Ok(()),
        (VERSION, PASSWORD, Some((user, password))) => {
            let mut login = vec![PASSWORD_VERSION];
            for part in [user, password] {
                login.push(u8::try_from(part.len()).map_err(|_| Refusal::TooLong)?);
                login.extend_from_slice(part.as_bytes());
            }
            send(io, &login).await?;
            match read(io).await? {
                [_, 0] => Ok(()),
                [_, _] => Err(no_password(true)),
            }
        }
        (VERSION, NO_METHOD, known) => Err(no_password(known.is_some())),
        _ => Err(Refusal::NotSocks5),
    }
}

fn no_password(is_known: bool) -> Refusal {
    Refusal::Password { is_known, answer: "SOCKS5 authentication", others: None }
}

fn request(target: &Target) -> Result<Vec<u8>, Refusal> {
    let mut request = vec![VERSION, CONNECT, 0];
    let port = match target {
        Target::Address(SocketAddr::V4(address)) => {
            request.push(IPV4);
            request.extend_from_slice(&address.ip().octets());
            address.port()
        }
        Target::Address(SocketAddr::V6(address)) => {
            request.push(IPV6);
            request.extend_from_slice(&address.ip().octets());
            address.port()
        }
        Target::Name(host, port) => {
            request.extend_from_slice(&[NAME, u8::try_from(host.len()).map_err(|_| Refusal::TooLong)?]);
            request.extend_from_slice(host.as_bytes());
            *port
        }
    };
    request.extend_from_slice(&port.to_be_bytes());
    Ok(request)
}

/// A reply (RFC 1928 §6).
fn refused(reply: u8) -> Refusal {
    let (meaning, unreached) = match reply {
        1 => ("general failure", None),
        2 => return Refusal::NotAllowed,
        3 => ("network unreachable", Some(Unreached::Network)),
        4 => ("host unreachable", Some(Unreached::Host)),
        5 => ("connection refused", Some(Unreached::Refused)),
        6 => ("TTL expired", Some(Unreached::Silent)),
        7 => ("command not supported", None),
        8 => ("address type not supported", None),
        _ => ("unknown reply", None),
    };
    Refusal::Reply { reply, meaning, unreached }
}

async fn send(io: &mut Io, bytes: &[u8]) -> Result<(), Refusal> {
    io.write_all(bytes).await.map_err(broken)?;
    io.flush().await.map_err(broken)
}

async fn read<const N: usize>(io: &mut Io) -> Result<[u8; N], Refusal> {
    let mut bytes = [0; N];
    io.read_exact(&mut bytes).await.map_err(broken)?;
    Ok(bytes)
}

fn broken(error: io::Error) -> Refusal {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Refusal::Closed,
        _ => Refusal::Broken(error),
    }
}
