//! `exodus watch`: looks at the files of a run, and never touches it.

use super::common::{duration, people_unit};
use super::streams::escaped;
use super::{Outcome, print};
use exodus::files::Lock;
use exodus::scenario::{self, Date, Scenario};
use exodus::storage::{Curves, FolderKind, Manifest, snapshot::Snapshot};
use exodus::{Error, Result};
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use ratatui::layout::{Constraint, Layout};
use ratatui::style::{Color, Stylize};
use ratatui::symbols::Marker;
use ratatui::text::{Line, Text};
use ratatui::widgets::{Axis, Chart, Dataset, GraphType, Paragraph, Wrap};
use ratatui::{DefaultTerminal, Frame};
use std::collections::VecDeque;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folder of a run, running or not.
    #[arg(value_name = "RUN_DIR")]
    folder: PathBuf,
}

pub(super) fn run(args: Args) -> Outcome {
    FolderKind::require(&args.folder, &[FolderKind::Run])?;
    let mut watch = Watch::new(&args.folder)?;
    if !std::io::stdout().is_terminal() {
        return Ok(print(&(watch.status() + "\n"))?);
    }
    let mut terminal = ratatui::try_init().map_err(|e| Error::io("terminal", "opening", e))?;
    let watched = watch.until_q(&mut terminal);
    ratatui::restore();
    watched?;
    // What was seen last stays behind.
    Ok(print(&(watch.status() + "\n"))?)
}

/// Between two looks.
const REFRESH: Duration = Duration::from_secs(1);
/// Looks over which the speed is taken.
const LOOKS: usize = 20;

/// What is known of a run.
struct Watch {
    folder: PathBuf,
    scenario: Scenario,
    manifest: Manifest,
    curves: Curves,
    checkpoint: Option<Checkpoint>,
    /// When the tables last grew.
    written: Option<SystemTime>,
    /// Whether a process writes into the folder.
    held: bool,
    /// Days that were there at earlier looks.
    looks: VecDeque<(Instant, usize)>,
}

struct Checkpoint {
    written: SystemTime,
    date: String,
}

impl Watch {
    fn new(folder: &Path) -> Result<Self> {
        let manifest = Manifest::read(folder)?;
        let scenario = scenario::load_written(&folder.join("scenario.toml"), &[])?;
        let curves = Curves::new(&scenario);
        let (folder, looks) = (folder.to_owned(), VecDeque::new());
        let mut watch = Watch { folder, scenario, manifest, curves, checkpoint: None, written: None, held: false, looks };
        watch.refresh()?;
        Ok(watch)
    }

    /// Reads what is new.
    fn refresh(&mut self) -> Result<()> {
        self.manifest = Manifest::read(&self.folder)?;
        // Before its first day, and for a moment when it ends, a run has no tables.
        match Curves::read(&self.folder) {
            Ok(curves) => self.curves = curves,
            Err(error) if self.manifest.status == "finished" => return Err(error),
            Err(_) => {}
        }
        self.written = ["series.part", "series.csv"].iter().find_map(|name| modified(&self.folder.join(name)));
        let path = self.folder.join("checkpoint.exo");
        if let Some(written) = modified(&path)
            && self.checkpoint.as_ref().is_none_or(|known| known.written != written)
            && let Ok(snapshot) = Snapshot::open(&path)
        {
            self.checkpoint = Some(Checkpoint { written, date: snapshot.metadata().date.clone() });
        }
        self.held = Lock::held(&self.folder);
        self.looks.push_back((Instant::now(), self.days()));
        if self.looks.len() > LOOKS {
            self.looks.pop_front();
        }
        Ok(())
    }

    fn until_q(&mut self, terminal: &mut DefaultTerminal) -> Result<()> {
        let bad = |e| Error::io("terminal", "using", e);
        loop {
            terminal.draw(|frame| self.draw(frame)).map_err(bad)?;
            let next = Instant::now() + REFRESH;
            while event::poll(next.saturating_duration_since(Instant::now())).map_err(bad)? {
                match event::read().map_err(bad)? {
                    Event::Key(key) if key.kind == KeyEventKind::Press => match key.code {
                        KeyCode::Char('q') | KeyCode::Esc => return Ok(()),
                        KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => return Ok(()),
                        _ => {}
                    },
                    Event::Resize(..) => break,
                    _ => {}
                }
            }
            self.refresh()?;
        }
    }

    fn days(&self) -> usize {
        self.curves.dates().len()
    }

    /// Days a second: of the last looks, or else since the run began.
    fn speed(&self) -> Option<f64> {
        let ((from, before), (to, now)) = self.looks.front().zip(self.looks.back())?;
        let recent = (now - before) as f64 / (*to - *from).as_secs_f64();
        if recent > 0.0 && recent.is_finite() {
            return Some(recent);
        }
        let started: jiff::Timestamp = self.manifest.started.parse().ok()?;
        let seconds = jiff::Timestamp::now().duration_since(started).as_secs_f64();
        (*now > 0 && seconds > 0.0).then(|| *now as f64 / seconds)
    }

    /// All in one line.
    fn status(&self) -> String {
        let (days, all) = (self.days(), self.scenario.days() as usize);
        let reached = self.curves.dates().last().map_or("not a day yet".to_owned(), |date: &Date| date.to_string());
        let mut parts =
            vec![format!("{}: {}", self.scenario.name, self.manifest.status), format!("day {days} of {all} ({reached})")];
        match self.manifest.status.as_str() {
            "finished" => parts.push(format!("{} in all", duration(self.manifest.seconds.total))),
            "stopped" => parts.push(format!("to resume: exodus resume {}", self.folder.display())),
            _ => {
                if let Some(speed) = self.speed().filter(|_| self.held) {
                    parts.push(format!("{speed:.1} days/s"));
                    parts.push(format!("ETA {}", duration(all.saturating_sub(days) as f64 / speed)));
                }
                parts.extend(self.written.and_then(ago).map(|ago| format!("last written {ago} ago")));
                if !self.held {
                    parts.push(format!(
                        "but no process runs it: it was killed; to resume: exodus resume {}",
                        self.folder.display()
                    ));
                }
            }
        }
        if let (Some(Checkpoint { written, date }), true) = (&self.checkpoint, self.manifest.status != "finished") {
            let ago = ago(*written).map(|ago| format!(" ({ago} ago)")).unwrap_or_default();
            parts.push(format!("last checkpoint {date}{ago}"));
        }
        escaped(&parts.join(", ")).replace(['\n', '\t'], " ")
    }

    fn draw(&self, frame: &mut Frame<'_>) {
        let status = self.status();
        let lines = (status.chars().count() as u16).div_ceil(frame.area().width.max(8) - 7);
        let rows = [1, lines, 1].map(Constraint::Length).into_iter().chain([Constraint::Fill(1), Constraint::Length(1)]);
        let [head, status_row, what, body, foot] = Layout::vertical(rows).areas(frame.area());
        let names = self.scenario.messengers.iter().map(|m| m.name.chars().count()).max().unwrap_or(0) as u16;
        let [left, right] = Layout::horizontal([Constraint::Fill(1), Constraint::Length(names.min(24) + 10)]).areas(body);
        let lines: Vec<Vec<f64>> =
            self.scenario.messengers.iter().filter_map(|m| self.curves.series("monthly_reach", &m.name)).collect();
        let (unit, scale) = people_unit(lines.iter().flatten().fold(0.0f64, |a, &b| a.max(b)));
        let title = escaped(&self.scenario.title).replace(['\n', '\t'], " ");
        let status = Paragraph::new(status).wrap(Wrap { trim: true });
        frame.render_widget(Line::from(title).bold(), head);
        frame.render_widget(status, status_row);
        frame.render_widget(Line::from(format!("Monthly reach, {unit}")), what);
        frame.render_widget(Line::from("q quits; the run continues").dim(), foot);
        let most = lines.iter().flatten().fold(0.0f64, |a, &b| a.max(b)) / scale;
        let days = f64::from(self.scenario.days());
        let points: Vec<Vec<(f64, f64)>> =
            lines.iter().map(|line| line.iter().enumerate().map(|(day, y)| (day as f64, y / scale)).collect()).collect();
        let datasets = points.iter().enumerate().map(|(k, points)| {
            Dataset::default().data(points).marker(Marker::Braille).graph_type(GraphType::Line).style(colour(k))
        });
        let last = self.scenario.days() as i32 - 1;
        // Three dates have room from about this width on.
        let days_named = if left.width < 50 { vec![0, last] } else { vec![0, last / 2, last] };
        let dates = days_named.into_iter().map(|day| self.scenario.date(day).to_string());
        let heights = [0.0, most / 2.0, most].map(|y| format!("{y:.0}"));
        let chart = Chart::new(datasets.collect())
            .x_axis(Axis::default().bounds([0.0, days]).labels(dates))
            .y_axis(Axis::default().bounds([0.0, most.max(1e-9)]).labels(heights))
            .legend_position(None);
        frame.render_widget(chart, left);
        let now = self.scenario.messengers.iter().zip(&lines).enumerate().filter_map(|(k, (messenger, line))| {
            let value = line.last()? / scale;
            let name: String = escaped(&messenger.name).chars().take(24).collect();
            Some(Line::from(format!("{name:<width$} {value:>7.2}", width = names.min(24) as usize)).fg(colour(k)))
        });
        frame.render_widget(Text::from_iter(now), right);
    }
}

fn colour(k: usize) -> Color {
    const COLOURS: [Color; 7] =
        [Color::LightBlue, Color::LightRed, Color::LightGreen, Color::LightMagenta, Color::LightCyan, Color::Yellow, Color::Gray];
    COLOURS[k % COLOURS.len()]
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|m| m.modified()).ok()
}

/// How long since then, in words.
fn ago(time: SystemTime) -> Option<String> {
    Some(duration(time.elapsed().ok()?.as_secs_f64()))
}
