//! Clients that go on asking, a few requests a second: each kind of traffic once, then by chance.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::chance::Chance;
use crate::client::{Client, trusting};
use crate::error::DemoError;
use crate::places::Places;
use crate::scenes::{SCENES, Scene};

const SEED: u64 = 1;
/// How far apart scenes begin: the first time that each is played, and later.
const FIRST: Duration = Duration::from_millis(250);
const LATER: Duration = Duration::from_millis(700);
/// How many scenes go on at the same time.
const MOST: usize = 24;

/// The world in which a scene plays.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) places: Places,
    /// A client that trusts the proxy's root.
    pub(crate) client: Client,
    /// A client that trusts the origin's root and no other.
    pub(crate) distrustful: Client,
}

/// Clients of the origin, behind a proxy.
#[derive(Debug)]
pub struct Traffic(Arc<World>);

impl Traffic {
    /// Clients that ask the origin at `places` through the proxy at `proxy`. They trust the proxy's `root` (PEM); one trusts
    /// only the root of the origin, `origins_root`.
    ///
    /// # Errors
    /// When a root is none.
    pub fn new(proxy: SocketAddr, places: Places, root: &str, origins_root: &str) -> Result<Self, DemoError> {
        let client = |pem| Ok::<_, DemoError>(Client::new(proxy, &Arc::new(trusting(pem)?), "shop-web/3.2"));
        let (client, distrustful) = (client(root)?, client(origins_root)?.named("updater/0.9"));
        Ok(Self(Arc::new(World { places, client, distrustful })))
    }

    /// Sends traffic until it is dropped.
    pub async fn run(self) {
        let mut chance = Chance::new(SEED);
        let mut playing = JoinSet::new();
        for scene in SCENES {
            self.play(&mut playing, scene, &mut chance).await;
            sleep(FIRST).await;
        }
        let often: Vec<&Scene> =
            SCENES.iter().flat_map(|scene| std::iter::repeat_n(scene, scene.weight)).collect();
        loop {
            let scene = *chance.one_of(&often);
            self.play(&mut playing, scene, &mut chance).await;
            sleep(LATER).await;
        }
    }

    async fn play(&self, playing: &mut JoinSet<()>, scene: &'static Scene, chance: &mut Chance) {
        while playing.try_join_next().is_some() {}
        if playing.len() >= MOST {
            playing.join_next().await;
        }
        let played = (scene.play)(Arc::clone(&self.0), Chance::new(chance.next()));
        playing.spawn(async move {
            if let Err(error) = played.await {
                tracing::debug!(scene = scene.name, %error, "a scene of the demonstration ended early");
            }
        });
    }
}
