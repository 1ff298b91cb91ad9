//! A root's key that a program outside holds: a hardware token, an agent, a signing service.

use std::io::{Read as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use rcgen::{PublicKeyData, SignatureAlgorithm, SigningKey, SubjectPublicKeyInfo};
use rustix::process::{Pid, Signal, kill_process_group};

/// How long a signature may take.
const LIMIT: Duration = Duration::from_secs(10);
/// The longest signature that is read: RSA's with 16,384 bits take 2 KiB.
const LONGEST: u64 = 4096;

/// The names of algorithms for the program that signs (`$DASHCAM_SIGN_ALGORITHM`).
const ALGORITHMS: [(&SignatureAlgorithm, &str); 4] = [
    (&rcgen::PKCS_ECDSA_P256_SHA256, "ecdsa-p256-sha256"),
    (&rcgen::PKCS_ECDSA_P384_SHA384, "ecdsa-p384-sha384"),
    (&rcgen::PKCS_RSA_SHA256, "rsa-pkcs1-sha256"),
    (&rcgen::PKCS_ED25519, "ed25519"),
];

/// A key that signs by running a shell command: it reads what is to be signed from its stdin and writes the signature
/// (DER for ECDSA), and nothing else, to its stdout, as `openssl dgst -sha256 -sign KEY` does.
pub(crate) struct ExternalKey {
    command: String,
    public: SubjectPublicKeyInfo,
    limit: Duration,
}

impl ExternalKey {
    /// The key whose public half is `public`, in DER.
    pub(crate) fn new(command: &str, public: &[u8]) -> Result<Self, rcgen::Error> {
        let public = SubjectPublicKeyInfo::from_der(public)?;
        Ok(Self { command: command.to_owned(), public, limit: LIMIT })
    }

    /// The signature, or why there is none.
    fn signature(&self, message: &[u8]) -> Result<Vec<u8>, String> {
        let algorithm = ALGORITHMS.iter().find(|(algorithm, _)| *algorithm == self.public.algorithm());
        let (_, algorithm) = algorithm.ok_or("the key is of a kind that dashcam does not know")?;
        let mut child = Command::new("sh")
            .args(["-c", &self.command])
            .env("DASHCAM_SIGN_ALGORITHM", algorithm)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // So that it ends as a whole.
            .process_group(0)
            .spawn()
            .map_err(|error| format!("it can't be started: {error}"))?;
        let group = child.id();
        // What is signed is shorter than what a pipe holds. One that has read enough may be gone.
        let _ = child.stdin.take().map(|mut input| input.write_all(message));
        let answer = answer(child)?;
        match answer.recv_timeout(self.limit) {
            Ok(Ok((bytes, status))) if status.success() && !bytes.is_empty() => Ok(bytes),
            Ok(Ok((_, status))) if status.success() => Err("it wrote no signature".to_owned()),
            Ok(Ok((_, status))) => Err(format!("it ended with {status}")),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => {
                end(group);
                Err(format!("it took longer than {} s", self.limit.as_secs_f64()))
            }
        }
    }
}

type Answer = std::io::Result<(Vec<u8>, ExitStatus)>;

/// The program's output and its end, as soon as it has.
fn answer(mut child: Child) -> Result<mpsc::Receiver<Answer>, String> {
    let (done, answer) = mpsc::sync_channel(1);
    let read = move || {
        let mut bytes = Vec::new();
        let output = child.stdout.take().map_or(Ok(0), |output| output.take(LONGEST).read_to_end(&mut bytes));
        let ended = output.and_then(|_| child.wait());
        // An error means that nobody waits any more.
        let _ = done.send(ended.map(|status| (bytes, status)));
    };
    let thread = std::thread::Builder::new().name("signature".to_owned()).spawn(read);
    thread.map(|_| answer).map_err(|error| error.to_string())
}

/// Ends the program and what it has started.
fn end(group: u32) {
    let group = i32::try_from(group).ok().and_then(Pid::from_raw);
    // It may have ended by itself.
    let _ = group.map(|group| kill_process_group(group, Signal::KILL));
}

impl PublicKeyData for ExternalKey {
    fn der_bytes(&self) -> &[u8] {
        self.public.der_bytes()
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        self.public.algorithm()
    }
}

impl SigningKey for ExternalKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        self.signature(message).map_err(|why| {
            tracing::warn!("the command that signs for the root failed: {why}");
            rcgen::Error::RemoteKeyError
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn key(command: &str, limit: Duration) -> ExternalKey {
        let public = rcgen::KeyPair::generate().unwrap().subject_public_key_info();
        ExternalKey { limit, ..ExternalKey::new(command, &public).unwrap() }
    }

    #[test]
    fn it_reads_the_message_and_writes_the_signature() {
        let echo = key("printf '%s ' \"$DASHCAM_SIGN_ALGORITHM\"; cat", LIMIT);
        assert_eq!(echo.signature(b"message").unwrap(), b"ecdsa-p256-sha256 message");
    }

    #[test]
    fn failures_say_what_happened() {
        for (command, expect) in [
            ("true", "no signature"),
            ("cat; exit 3", "exit status: 3"),
            ("exec 1>&-; exit 1", "exit status: 1"),
        ] {
            let error = key(command, LIMIT).signature(b"m").unwrap_err();
            assert!(error.contains(expect), "{command}: {error}");
        }
    }

    #[test]
    fn one_that_hangs_is_ended_with_what_it_started() {
        let start = Instant::now();
        for command in ["sleep 600 & sleep 600", "echo done; exec 1>&-; sleep 600"] {
            let error = key(command, Duration::from_millis(50)).signature(b"m").unwrap_err();
            assert!(error.contains("longer than 0.05 s"), "{command}: {error}");
        }
        assert!(start.elapsed() < LIMIT);
    }
}
