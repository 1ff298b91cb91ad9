//! Snippets of `dashcam show --as`, run by the programs that they are for: the origin gets what was recorded.

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::clients::{clean, curl_command, python};
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::within;
use dashcam_tests::origin::{Origin, Seen};
use dashcam_tests::raw;
use tokio::process::Command;

use crate::same::through;

/// A body that no shell shows.
const BYTES: &[u8] = b"a\0\xff'\"\\\r\n";

async fn recorded(dashcam: &Dashcam, origin: &Origin, path: &str, arguments: &[&str]) -> Result<String> {
    let mut curl = curl_command(&through(dashcam), &origin.url(path));
    let run = within("curl", async { Ok(curl.args(arguments).output().await?) }).await?;
    ensure!(run.status.success(), "curl: {}", String::from_utf8_lossy(&run.stderr));
    Ok(dashcam.api().ended(path).await?["id"].to_string())
}

/// Runs what `dashcam show ID --as FORMAT` prints.
async fn run(dashcam: &Dashcam, id: &str, format: &str) -> Result<()> {
    let output = cli(dashcam.home())?.args(["show", id, "--as", format]).output().await?;
    ensure!(output.status.success(), "{format}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout)?;
    let mut command = match format {
        "curl" => Command::new("sh"),
        "fetch" => Command::new("node"),
        "requests" | "httpx" => Command::new(python()?),
        // Its config file stands between the signs of a here-string.
        "powershell" => Command::new("curl"),
        _ => return send(&text).await,
    };
    let folder = tempfile::tempdir()?;
    match format {
        "fetch" => command.args(["--input-type=module", "--eval", &text]),
        "powershell" => {
            for file in text.lines().filter_map(|line| line.strip_prefix("[IO.File]::WriteAllBytes(\"$PWD/"))
            {
                let (name, rest) = file.split_once('"').context("a name")?;
                let base64 = rest.split('\'').nth(1).context("contents")?;
                let bytes = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, base64)?;
                std::fs::write(folder.path().join(name), bytes)?;
            }
            let config =
                text.split_once("@'\n").and_then(|(_, rest)| rest.split_once("'@")).context("a config")?;
            std::fs::write(folder.path().join("config"), config.0)?;
            command.args(["-q", "--noproxy", "*", "--config", "config"])
        }
        _ => command.args(["-c", &text]),
    };
    let mut command = clean(command);
    command.current_dir(folder.path());
    let output = within(format, async { Ok(command.output().await?) }).await?;
    ensure!(output.status.success(), "{format}: {text}\n{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// Sends a request as it stands on the wire to the host that it names.
async fn send(request: &str) -> Result<()> {
    let host = request.lines().find_map(|line| line.strip_prefix("Host: ")).context("a host")?;
    let mut stream = raw::open(host.trim().parse()?).await?;
    raw::send(&mut stream, request).await?;
    let mut answer = [0; 12];
    tokio::io::AsyncReadExt::read_exact(&mut stream, &mut answer).await?;
    ensure!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
    Ok(())
}

/// Fields of one name, of all that a client sent, as one value.
fn value(seen: &Seen, name: &str) -> String {
    let all = seen.fields.iter().filter(|(field, _)| field.eq_ignore_ascii_case(name));
    let all: Vec<&str> = all.map(|(_, value)| value.as_str()).collect();
    all.join(", ")
}

/// Checks that the last that came is the first, but for fields that the client added.
fn assert_same(origin: &Origin, path: &str, format: &str, names: &[&str]) {
    let seen = origin.site().seen_for(path);
    let (first, last) = (&seen[0], &seen[seen.len() - 1]);
    assert!(seen.len() > 1, "{format} sent nothing");
    assert_eq!((&first.method, &first.target), (&last.method, &last.target), "{format}");
    assert_eq!((&first.digest, &first.body), (&last.digest, &last.body), "{format}");
    for name in names {
        assert_eq!(value(first, name), value(last, name), "{format}: {name}");
    }
}

#[tokio::test]
async fn they_make_the_same_request_again() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::unredacted(&[]).await?;
    let fields = [
        "-HX-Quote: it's \"quoted\" \\ $(id) `id`",
        "-HX-Twice: 1",
        "-HX-Twice: 2",
        "-HCookie: a=1; b=2",
        "-HUser-Agent: me/1",
        "-HAccept: a/b",
        "-HContent-Type: application/json",
    ];
    let names = ["X-Quote", "X-Twice", "Cookie", "User-Agent", "Accept", "Content-Type"];
    let text = "{\"a\": \"it's \u{fc} \\\\ {{b}} \\\"c\\\"\"}";
    let (json, path) = (["-d", text], "/echo?snippet=json&q=%20a%2Fb");
    let id = recorded(&dashcam, &origin, path, &[&fields[..], &json].concat()).await?;
    for format in ["curl", "powershell", "fetch", "requests", "httpx", "http"] {
        run(&dashcam, &id, format).await?;
        assert_same(&origin, path, format, &names);
    }
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("body");
    std::fs::write(&file, BYTES)?;
    let (data, path) = (format!("@{}", file.display()), "/echo?snippet=bytes");
    let bytes = ["-X", "PUT", "--data-binary", &data];
    let id = recorded(&dashcam, &origin, path, &[&fields[..], &bytes].concat()).await?;
    for format in ["curl", "powershell", "fetch", "requests", "httpx"] {
        run(&dashcam, &id, format).await?;
        assert_same(&origin, path, format, &names);
    }
    let path = "/echo?snippet=get";
    let id = recorded(&dashcam, &origin, path, &fields[..6]).await?;
    for format in ["curl", "powershell", "fetch", "requests", "httpx", "http"] {
        run(&dashcam, &id, format).await?;
        assert_same(&origin, path, format, &names[..5]);
    }
    Ok(())
}
