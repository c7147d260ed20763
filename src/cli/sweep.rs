//! `exodus sweep`: many runs, on one machine or a whole cluster.

use super::common::{bar, bytes, columns, cores, counted, duration, grouped, number_of_users};
use super::session::{Ending, Output, STOP, heed_interrupts, program, seconds_of};
use super::streams::tell;
use super::{Failure, Outcome, print, ranks, report};
use exodus::experiment::sensitivity::{Bootstrap, Sensitivity};
use exodus::experiment::study::Study;
use exodus::experiment::sweep::{self, DesignKind, Needs, Shard, Sweep, SweepManifest, SweepPlan};
use exodus::files::Lock;
use exodus::peers::Peers;
use exodus::storage::Inventory;
use exodus::{Error, files};
use std::fmt::Write;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// The sweep file: what is varied, and what is kept of every run (docs/experiments.md).
    #[arg(value_name = "SWEEP.toml", required = true)]
    path: Option<PathBuf>,
    /// Folder of the results [default: results/sweeps/<name>]; an interrupted sweep there is resumed.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Change a key of the scenario at all points, after the `set` of the file. May be repeated.
    #[arg(long = "set", value_name = "path.to.key=value")]
    set: Vec<String>,
    /// Users of each run, instead of the file's.
    #[arg(long, value_name = "N", value_parser = number_of_users)]
    users: Option<u64>,
    /// Seed of the runs, instead of the scenario's.
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u64).range(..=i64::MAX as u64))]
    seed: Option<u64>,
    /// Threads of all runs together; they have no influence on results [default: all cores].
    #[arg(long)]
    threads: Option<usize>,
    /// Run part I of N, in its own folder; `sweep merge` joins the parts.
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
    /// Print the plan, and do nothing.
    #[arg(long)]
    dry_run: bool,
    /// Write a script by which Slurm runs the sweep in this many parts, and do nothing else.
    #[arg(long, value_name = "PARTS", num_args = 0..=1, default_missing_value = "16", conflicts_with = "shard",
        value_parser = clap::value_parser!(u32).range(1..))]
    slurm: Option<u32>,
    /// In that script: nodes that compute each run together, by MPI; `--threads` is then of each of them.
    #[arg(long, value_name = "N", requires = "slurm", value_parser = clap::value_parser!(u32).range(2..))]
    nodes: Option<u32>,
    /// Overwrite a sweep that is in the folder.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    ending: Ending,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Join the parts of a sweep, and check that nothing is missing.
    Merge(MergeArgs),
}

#[derive(Debug, clap::Args)]
struct MergeArgs {
    /// The folder of the sweep.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    #[command(flatten)]
    ending: Ending,
}

impl Args {
    /// Whether shards are to be joined, in place of a sweep.
    pub(super) fn is_merge(&self) -> bool {
        self.verb.is_some()
    }

    /// Whether it is a part of a sweep, with a folder of its own.
    #[cfg(not(feature = "mpi"))]
    pub(super) fn is_shard(&self) -> bool {
        self.shard.is_some()
    }
}

pub(super) fn run(args: Args, peers: &Peers) -> Outcome {
    if let Some(Verb::Merge(merge)) = &args.verb {
        let manifest = sweep::merge(&merge.folder, now())?;
        return finish(&merge.folder, &manifest, merge.ending);
    }
    let path = args.path.clone().unwrap_or_default();
    let seed = args.seed.map(|seed| format!("seed={seed}"));
    let set: Vec<String> = args.set.iter().cloned().chain(seed).collect();
    for (asked, what) in [(args.dry_run, "--dry-run"), (args.slurm.is_some(), "--slurm")] {
        if asked {
            ranks::only_alone(peers, what)?;
        }
    }
    let plan = peers.agree(SweepPlan::read_with(&path, &set, args.users))?;
    let root = args.out.clone().unwrap_or_else(|| Path::new("results").join("sweeps").join(&plan.file.name));
    let parts = args.slurm.map_or(1, u64::from);
    let ranks = args.nodes.map_or(peers.size(), |nodes| nodes as usize);
    let needs = peers.agree(plan.needs_of_rank(ranks, cores(args.threads)?, plan.most_runs().div_ceil(parts)))?;
    if args.dry_run {
        return Ok(print(&summary(&plan, &needs, plan.most_runs()))?);
    }
    if plan.file.design == DesignKind::Threshold {
        if args.shard.is_some() || args.slurm.is_some() {
            let what = "found with the design threshold, whose runs follow from one another; allowed with any other design";
            return Err(Error::invalid(format!("--shard, --slurm: {what}")).into());
        }
        ranks::only_alone(peers, "the design threshold")?;
        return search(&plan, &root, &needs, args.force, args.ending);
    }
    if let Some(parts) = args.slurm {
        let together = args.nodes.map(|nodes| (nodes, needs));
        return slurm(&path, &root, &plan, parts, together, &changes(&args));
    }
    peers.same("--shard", format!("{:?}", args.shard).as_bytes())?;
    peers.agree(ranks::check(peers, plan.scenario.population.users))?;
    let sweep = peers.first_does(|| Sweep::open(plan.clone(), &root, args.shard, args.force, now()))?;
    match sweep {
        Some(sweep) => drive(sweep.among(peers), &needs, args.ending),
        None => assist(&plan, &needs, peers),
    }
}

/// What the other ranks do.
fn assist(plan: &SweepPlan, needs: &Needs, peers: &Peers) -> Outcome {
    heed_interrupts();
    Ok(sweep::assist(plan, needs, peers, &STOP)?)
}

/// Searches thresholds, or resumes it; they end as a study.
fn search(plan: &SweepPlan, root: &Path, needs: &Needs, force: bool, ending: Ending) -> Outcome {
    let Ending { output: Output { quiet, json }, no_report } = ending;
    let place = plan.begin_search(root, force, now())?;
    if !quiet {
        tell!("{}", summary(plan, needs, plan.most_runs()).trim_end());
    }
    heed_interrupts();
    let bar = bar(plan.searches(), quiet, "{bar:30} search {pos}/{len}, ETA {eta}");
    let found = sweep::thresholds(plan, &place, needs, &STOP, &|| bar.inc(1));
    bar.finish_and_clear();
    let Some(found) = found? else {
        tell!("stopped; to resume: exodus resume {}", root.display());
        return Err(Failure::Interrupted);
    };
    found.write(&place, plan, now())?;
    drop(place);
    if !no_report {
        report::leave(root)?;
    }
    if json {
        let study = Study::read(root)?;
        let text = serde_json::to_string_pretty(&study).map_err(|e| Error::corrupt(root, e.to_string()))?;
        return Ok(print(&(text + "\n"))?);
    }
    if quiet {
        return Ok(());
    }
    let (head, rows) = found.table(plan);
    Ok(print(&format!("{}{}\n", columns(&head, &rows), root.display()))?)
}

/// Whether a folder has the searches of a threshold sweep.
pub(super) fn has_searches(folder: &Path) -> bool {
    folder.join("sweep.toml").exists() && folder.join("study.json").exists()
}

/// Goes on with the searches that stand in a folder.
pub(super) fn resume_search(folder: &Path, threads: Option<usize>, ending: Ending) -> Outcome {
    let plan = SweepPlan::read(&folder.join("sweep.toml"))?;
    let needs = plan.needs(cores(threads)?, plan.most_runs())?;
    search(&plan, folder, &needs, false, ending)
}

/// Resumes a sweep, or a shard of one, that is in a folder.
pub(super) fn resume(folder: &Path, threads: Option<usize>, ending: Ending, peers: &Peers) -> Outcome {
    let sweep = peers.first_does(|| Sweep::resume(folder, now()))?;
    let needs = |plan: &SweepPlan| plan.needs_of_rank(peers.size(), cores(threads)?, plan.runs());
    match sweep {
        Some(sweep) => {
            let needs = peers.agree(needs(sweep.plan()))?;
            drive(sweep.among(peers), &needs, ending)
        }
        None => {
            let plan = SweepPlan::read(&folder.join("sweep.toml"))?;
            let needs = peers.agree(needs(&plan))?;
            assist(&plan, &needs, peers)
        }
    }
}

fn drive(sweep: Sweep, needs: &Needs, ending: Ending) -> Outcome {
    let quiet = ending.output.quiet;
    if !quiet {
        tell!("{}", summary(sweep.plan(), needs, sweep.runs()).trim_end());
        if sweep.left() < sweep.runs() {
            tell!("{} of {} runs are finished already", sweep.runs() - sweep.left(), sweep.runs());
        }
    }
    heed_interrupts();
    let bar = bar(sweep.runs(), quiet, "{bar:30} run {pos}/{len}  {per_sec}, ETA {eta}");
    bar.set_position(sweep.runs() - sweep.left());
    bar.reset_eta();
    let folder = sweep.folder().to_owned();
    let finished = sweep.run(needs, &STOP, &|| bar.inc(1), now);
    bar.finish_and_clear();
    if !finished? {
        tell!("stopped; to resume: exodus resume {}", folder.display());
        return Err(Failure::Interrupted);
    }
    finish(&folder, &SweepManifest::read(&folder)?, ending)
}

/// A shard in a folder that holds nothing but shards.
pub(super) fn a_shard(root: &Path) -> Option<PathBuf> {
    let entries = std::fs::read_dir(root).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    entries.filter(|path| path.join("sweep.toml").exists()).min()
}

/// What the command line changes, as options for a shell.
fn changes(args: &Args) -> String {
    let set = args.set.iter().map(|set| format!(" --set {}", in_quotes(set)));
    let users = args.users.map(|users| format!(" --users {users}"));
    let seed = args.seed.map(|seed| format!(" --seed {seed}"));
    set.chain(users).chain(seed).collect()
}

/// A word for a shell.
fn in_quotes(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn now() -> String {
    seconds_of(jiff::Timestamp::now())
}

fn finish(folder: &Path, manifest: &SweepManifest, Ending { output: Output { quiet, json }, no_report }: Ending) -> Outcome {
    if manifest.shard.is_none() {
        // What these designs are for.
        if ["sobol", "morris"].contains(&manifest.design.as_str()) {
            Sensitivity::of(folder, Bootstrap::default())?.write(folder)?;
            let _lock = Lock::take(folder)?;
            Inventory::read(folder)?.record(&[folder.join("sensitivity.csv")])?;
        }
        if !no_report {
            report::leave(folder)?;
        }
    }
    let text = if json {
        serde_json::to_string_pretty(manifest).map_err(|e| Error::corrupt("manifest", e.to_string()))?
    } else if quiet {
        return Ok(());
    } else {
        let what = match &manifest.shard {
            Some(shard) => {
                let root = folder.parent().unwrap_or(folder).display();
                format!("shard {shard} is finished; when all are: exodus sweep merge {root}")
            }
            None => format!("{} at {}", counted(manifest.runs, "run"), counted(manifest.points, "point")),
        };
        format!("{}: {what}\n{}", manifest.name, folder.display())
    };
    Ok(print(&(text + "\n"))?)
}

/// The plan in words.
fn summary(plan: &SweepPlan, needs: &Needs, runs: u64) -> String {
    let (file, scenario) = (&plan.file, &plan.scenario);
    let mut text = String::new();
    let mut row = |key: &str, value: String| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{key:<10} {value}");
    };
    row("sweep", format!("{} over {}", file.name, scenario.name));
    row("days", format!("{} to {}: {} ticks", scenario.start, scenario.end, scenario.days()));
    for (k, factor) in file.factors.iter().enumerate() {
        let range = match (&factor.low, &factor.high) {
            (Some(low), Some(high)) => format!("{low} to {high}{}", if factor.log { ", logarithmic" } else { "" }),
            _ if factor.values.is_empty() => "as listed".into(),
            _ => factor.values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        };
        let name = if factor.name() == factor.key { String::new() } else { format!("{}, ", factor.name()) };
        row(if k == 0 { "factors" } else { "" }, format!("{name}{}: {range}", factor.key));
    }
    row("outputs", file.outputs.iter().map(|output| output.name()).collect::<Vec<_>>().join(", "));
    if file.design == DesignKind::Threshold {
        row(
            "design",
            format!(
                "threshold: {} searches, {} of them for each seed",
                grouped(plan.searches()),
                grouped(plan.searches() / u64::from(file.replicates))
            ),
        );
        row("runs", format!("{} at most", grouped(runs)));
    } else {
        row("design", format!("{}: {}", file.design.name(), counted(plan.design().points(), "point")));
        let part = if runs < plan.runs() { format!(", {} of them here", grouped(runs)) } else { String::new() };
        row("runs", format!("{} ({} at each point, {} seeds){part}", grouped(plan.runs()), file.replicates, file.seeds.name()));
    }
    row("users", grouped(scenario.population.users));
    let Needs { at_a_time, threads, bytes: memory, seconds } = *needs;
    row("a run", format!("about {} of memory, {} on {}", bytes(memory), duration(seconds), counted(threads as u64, "thread")));
    let all = seconds * runs as f64 / at_a_time as f64;
    row(
        "in all",
        format!(
            "{} at a time, about {} of memory, {}, roughly",
            counted(at_a_time as u64, "run"),
            bytes(memory * at_a_time as u64),
            duration(all)
        ),
    );
    text
}

/// Memory and time that are asked of a scheduler, as a multiple of what is predicted.
const MARGIN: f64 = 3.0;

/// Where Slurm writes what the jobs print. A `%` is doubled: Slurm replaces `%a` and the like by numbers.
fn log_pattern(root: &Path, name: &str) -> exodus::Result<String> {
    let folder = root.display().to_string();
    if let Some(bad) = folder.chars().find(|c| matches!(c, '"' | '\\') || c.is_control()) {
        return Err(Error::invalid(format!("--out {folder}: found {bad:?} in the path; Slurm takes a file's name without one")));
    }
    Ok(format!("{}/{name}", folder.replace('%', "%%").trim_end_matches('/')))
}

/// Writes the script for an array of jobs; of each run on several nodes together, where so many are given, with what it needs on each.
fn slurm(path: &Path, root: &Path, plan: &SweepPlan, parts: u32, together: Option<(u32, Needs)>, changes: &str) -> Outcome {
    let parts = u64::from(parts).min(plan.runs());
    let runs = plan.runs().div_ceil(parts);
    let needs = together.map_or_else(|| plan.needs(1, runs), |(_, needs)| Ok(needs))?;
    let absolute = |path: &Path| std::path::absolute(path).map_err(|e| Error::io(path, "finding", e));
    let quoted = |path: &Path| in_quotes(&path.display().to_string());
    let (path, root) = (absolute(path)?, absolute(root)?);
    let exodus = quoted(program()?);
    let megabytes = (needs.bytes as f64 * 1.5 / 1e6).ceil() as u64;
    let minutes = (10.0 + MARGIN * needs.seconds * runs as f64 / 60.0).ceil() as u64;
    let (sweep, out) = (quoted(&path), quoted(&root));
    let name = &plan.file.name;
    let [log, merge_log] = [log_pattern(&root, "slurm-%a.log")?, log_pattern(&root, "slurm-merge.log")?];
    let threads = needs.threads;
    // With several nodes: a task on each, and the MPI by which they find each other.
    let [nodes, start] = together.map_or_else(
        || [String::new(), "exec ".to_owned()],
        |(nodes, _)| {
            [
                format!("#SBATCH --nodes={nodes}\n#SBATCH --ntasks-per-node=1\n"),
                "# Of Open MPI; that of MPICH is pmi2 (`srun --mpi=list`).\n\
                 export SLURM_MPI_TYPE=\"${SLURM_MPI_TYPE:-pmix}\"\n\
                 exec srun --kill-on-bad-exit=1 --cpus-per-task=\"$SLURM_CPUS_PER_TASK\" \\\n    "
                    .to_owned(),
            ]
        },
    );
    let script = format!(
        "#!/bin/sh\n\
         # The sweep {name} in {parts} parts of {runs} runs or one fewer. A part that was killed resumes when it is started again.\n\
         #SBATCH --job-name={name}\n\
         #SBATCH --array=1-{parts}\n\
         {nodes}#SBATCH --cpus-per-task={threads}\n\
         #SBATCH --mem={megabytes}M\n\
         #SBATCH --time={minutes}\n\
         #SBATCH --requeue\n\
         #SBATCH --open-mode=append\n\
         #SBATCH --output=\"{log}\"\n\
         {start}{exodus} sweep {sweep}{changes} --out {out} --shard \"$SLURM_ARRAY_TASK_ID/{parts}\" \\\n    \
             --threads \"${{SLURM_CPUS_PER_TASK:-1}}\" --quiet\n"
    );
    std::fs::create_dir_all(&root).map_err(|e| Error::io(&root, "creating", e))?;
    let file = root.join("slurm.sh");
    files::write_text(&file, &script)?;
    let parallel = match together {
        Some(_) => String::new(),
        None => format!(
            "# GNU Parallel, on machines that share the folder:\n\
             seq {parts} | parallel -q {exodus} sweep {sweep}{changes} --out {out} --shard {{}}/{parts} --threads 1 --quiet && \
             {exodus} sweep merge {out}\n"
        ),
    };
    let text = format!(
        "# Slurm:\n\
         job=$(sbatch --parsable {})\n\
         sbatch --dependency=afterok:$job --open-mode=append --output={merge_log} --wrap {merge}\n{parallel}",
        quoted(&file),
        merge_log = in_quotes(&merge_log),
        merge = in_quotes(&format!("{exodus} sweep merge {out}"))
    );
    Ok(print(&text)?)
}
