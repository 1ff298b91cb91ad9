//! The process that looks: it asks, and says how long it took until the first hits were there, and until all of it was
//! looked through.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, ensure};
use clap::{Args, ValueEnum};
use dashcam_filter::{Context, Filter};
use dashcam_store::{Start, Store};
use dashcam_views::decode::{Decoders, Decoding};
use dashcam_views::search::{Progress, Search};
use jiff::Zoned;

use crate::random::Random;
use crate::{body, memory};

/// Rows of a page.
const PAGE: usize = 100;
/// How often it is told what was found.
const TOLD: Duration = Duration::from_millis(400);

/// Kinds of questions about contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Question {
    /// A text that about one body of 60 has: the first hits, and the first page.
    Frequent,
    /// A text that about one of 8,000 has: the first hits.
    Rare,
    /// A value at a path of JSON that one of 4,000 has: the first hits.
    Json,
    /// A text that one body has: all of it is looked through.
    Only,
    /// A value at a path that one body has: all of it is looked through.
    OnlyJson,
}

const ALL: [Question; 5] =
    [Question::Frequent, Question::Rare, Question::Json, Question::Only, Question::OnlyJson];

/// Questions to put.
#[derive(Debug, Clone, Args)]
pub(crate) struct Look {
    /// The database.
    #[arg(long)]
    pub(crate) database: PathBuf,
    /// Exchanges that are stored.
    #[arg(long)]
    pub(crate) exchanges: u64,
    /// Questions of each kind; of those that look through all of it, a tenth.
    #[arg(long)]
    pub(crate) queries: u64,
    /// Seconds for a kind at most: fewer questions are put then.
    #[arg(long)]
    pub(crate) seconds: u64,
    /// The kinds, all by default.
    #[arg(long, value_enum, value_delimiter = ',')]
    pub(crate) questions: Vec<Question>,
}

/// The course of one question.
struct Course {
    first: Option<Duration>,
    took: Duration,
    cpu: Duration,
    rows: usize,
    progress: Progress,
}

impl Look {
    /// Puts the questions in a process of its own, so that its memory is that of answering.
    pub(crate) fn in_a_process(&self) -> Result<String> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("look").arg("--database").arg(&self.database);
        for (name, value) in
            [("exchanges", self.exchanges), ("queries", self.queries), ("seconds", self.seconds)]
        {
            command.arg(format!("--{name}={value}"));
        }
        let output = command.stderr(Stdio::inherit()).output().context("cannot run the questions")?;
        ensure!(output.status.success(), "the questions failed: {}", output.status);
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Puts the questions, and prints a table.
    pub(crate) async fn put(&self) -> Result<()> {
        let mut table = "\n| question | first hit p50 ms | p95 ms | page or end p50 ms | p95 ms | GB/s | GB per CPU second \
            | questions | rows | peak RSS MB |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n"
            .to_owned();
        let kinds = if self.questions.is_empty() { &ALL[..] } else { &self.questions };
        for question in kinds {
            memory::forget_peak()?;
            let courses = self.ask(*question).await?;
            row(&mut table, *question, &courses)?;
        }
        println!("{table}");
        Ok(())
    }

    async fn ask(&self, question: Question) -> Result<Vec<Course>> {
        let queries = if question.is_of_all() { self.queries.div_ceil(10) } else { self.queries };
        let (began, mut courses) = (Instant::now(), Vec::new());
        for number in 0..queries {
            let store = Store::open_read_only(&self.database).await?;
            courses.push(course(&store, &question.filter(number, self.exchanges)?).await?);
            store.close().await;
            if began.elapsed().as_secs() >= self.seconds {
                break;
            }
        }
        Ok(courses)
    }
}

async fn course(store: &Store, filter: &Filter) -> Result<Course> {
    let reader = store.reader().clone();
    let decoders = Decoders::new(Decoding::default()).with_recording(&reader);
    let search = Search { reader, decoders, filter: filter.clone() };
    let (began, cpu) = (Instant::now(), memory::cpu()?);
    let (mut next, mut rows, mut first, mut progress) = (Some(Start::NEWEST), 0, None, Progress::default());
    while let Some(start) = next.filter(|_| rows < PAGE) {
        let found = search.page(start, PAGE - rows, Some(Instant::now() + TOLD)).await?;
        rows += found.rows.len();
        first = first.or((rows > 0).then(|| began.elapsed()));
        let more = found.progress.unwrap_or_default();
        progress.looked_at += more.looked_at;
        progress.bytes += more.bytes;
        next = found.next;
    }
    Ok(Course { first, took: began.elapsed(), cpu: memory::cpu()? - cpu, rows, progress })
}

impl Question {
    fn is_of_all(self) -> bool {
        matches!(self, Self::Only | Self::OnlyJson)
    }

    fn title(self) -> &'static str {
        match self {
            Self::Frequent => "text in one body of 60, first page",
            Self::Rare => "text in one body of 8,000",
            Self::Json => "value at a JSON path, one body of 4,000",
            Self::Only => "text in one body of all",
            Self::OnlyJson => "value at a JSON path, one body of all",
        }
    }

    fn filter(self, number: u64, exchanges: u64) -> Result<Filter> {
        let mut random = Random::of(0x100c + self as u64, number);
        let sku = random.below(4000);
        let words = match self {
            Self::Frequent => format!("body:\"A-{sku}\\\"\""),
            Self::Rare => {
                format!("body:\"A-{sku}\\\",\\\"name\\\":\\\"{}\"", random.one_of(&["a", "b", "c", "s"]))
            }
            Self::Json => format!("res.json.items.0.sku:=A-{sku}"),
            Self::Only => format!("body:{}", body::reference(1 + random.below(exchanges))),
            Self::OnlyJson => {
                format!("res.json.reference:={}", body::reference(1 + random.below(exchanges)))
            }
        };
        let (now, presets) = (Zoned::now(), BTreeMap::new());
        let context = Context { now: &now, presets: &presets };
        Filter::parse(&words, &context).map_err(|error| anyhow!("{words}: {error}"))
    }
}

fn row(table: &mut String, question: Question, courses: &[Course]) -> Result<()> {
    let ms = |mut times: Vec<Duration>, share: usize| {
        times.sort();
        let at = (times.len() * share / 100).min(times.len().saturating_sub(1));
        times.get(at).map_or("–".to_owned(), |time| format!("{:.0}", time.as_secs_f64() * 1e3))
    };
    let firsts: Vec<_> = courses.iter().filter_map(|course| course.first).collect();
    let tooks: Vec<_> = courses.iter().map(|course| course.took).collect();
    let bytes: u64 = courses.iter().map(|course| course.progress.bytes).sum();
    let seconds = |time: fn(&Course) -> Duration| courses.iter().map(time).sum::<Duration>().as_secs_f64();
    let rate = bytes as f64 / 1e9 / seconds(|course| course.took).max(1e-9);
    let per_cpu = bytes as f64 / 1e9 / seconds(|course| course.cpu).max(1e-9);
    let rows: usize = courses.iter().map(|course| course.rows).sum();
    writeln!(
        table,
        "| {} | {} | {} | {} | {} | {rate:.2} | {per_cpu:.2} | {} | {rows} | {:.0} |",
        question.title(),
        ms(firsts.clone(), 50),
        ms(firsts, 95),
        ms(tooks.clone(), 50),
        ms(tooks, 95),
        courses.len(),
        memory::peak()? as f64 / 1e6,
    )?;
    Ok(())
}
