//! The cost of issuing a leaf: `cargo run --release -p dashcam-ca --example issue_cost`.

use std::time::Instant;

use dashcam_ca::Authority;

const HOSTS: u32 = 2000;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let home = tempfile::tempdir()?;
    let (authority, _) = Authority::open_or_create(home.path())?;
    for round in ["new host", "kept host"] {
        let start = Instant::now();
        for host in 0..HOSTS {
            authority.leaf(&format!("host-{host}.example.com")).await?;
        }
        println!("{round}: {:.1} µs each", (start.elapsed() / HOSTS).as_secs_f64() * 1e6);
    }
    Ok(())
}
