#!/usr/bin/env python3
"""Runs two workloads on exodus and on other tools, one after the other, and writes a table of each.

    benches/peers/run.py [--agents N] [--repetitions R] [--only NAME ...] [--out FOLDER]

Needs Rust, Python 3.11 or later and the package registries; everything it installs goes to `target/peers/`. A tool that
cannot be installed is skipped with a message. The workloads, a choice among messengers and an epidemic, are told in
docs/performance.md; every tool reads one edge file and prints its set-up time, the time of its loop and, on every tick, the
shares of the agents who use each messenger, or are susceptible, infected and recovered.
"""
import argparse
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WORK = ROOT / "target" / "peers"
PYTHON = WORK / "venv" / "bin" / "python"
WORKLOADS = {  # Ticks, and what stands above the table.
    "choice": (50, "The reference workload: a choice among four messengers"),
    "sir": (60, "An epidemic: susceptible, infected for ten ticks, recovered"),
}
SLOW = 100_000  # Agents for tools that take a second or more a tick on a million.
MOST_SECONDS = 300  # For one run of one tool.

PARSER = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
PARSER.add_argument("--agents", type=int, default=1_000_000, help="agents; slow tools get at most 100,000 [1000000]")
PARSER.add_argument("--repetitions", type=int, default=3, help="runs of each tool, in turn; medians count [3]")
PARSER.add_argument("--only", nargs="+", metavar="NAME", help="only these tools (exodus, naive, sir-exodus, …)")
PARSER.add_argument("--out", type=Path, default=ROOT / "results" / "bench", help="where peers.md and peers.json go")


class Tool:
    """A tool: how it is built, and how it is called."""

    def __init__(self, key, name, command, build, slow=False, threads=1):
        self.key, self.name, self.command, self.build, self.slow, self.threads = key, name, command, build, slow, threads
        self.workload = "sir" if key.startswith("sir-") else "choice"
        self.runs = []


def cargo(folder, *arguments, target=None):
    """Builds with cargo in a folder."""
    environment = dict(os.environ, **({"CARGO_TARGET_DIR": str(target)} if target else {}))
    return lambda: quietly(["cargo", "build", "--release", *arguments], cwd=folder, env=environment)


def pip(*packages):
    """Installs Python packages into the virtual environment."""
    return lambda: quietly([str(PYTHON), "-m", "pip", "install", "--quiet", *packages])


def quietly(command, **options):
    """Runs a command; raises with the end of what it printed where it fails."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout[-1500:]}")


def tools():
    """All of them, in the order of the table."""
    example, crate = ROOT / "target" / "release" / "examples", WORK / "cargo" / "release"
    names = ["peer-exodus", "peer-naive", "peer-sir-exodus", "peer-sir-naive"]
    ours = cargo(ROOT, "--locked", *[part for name in names for part in ("--example", name)])
    cores = os.cpu_count() or 1
    script = lambda file: [str(PYTHON), str(HERE / file)]
    foreign = lambda name: cargo(HERE / name, "--locked", target=WORK / "cargo")
    return [
        Tool("exodus", "exodus, `logit` rule", [str(example / "peer-exodus")], ours),
        Tool("exodus-all", "exodus, all threads", [str(example / "peer-exodus")], ours, threads=cores),
        Tool("naive", "naive Rust loop", [str(example / "peer-naive")], ours),
        Tool("numba", "numba over CSR", script("numba_csr.py"), pip("numpy", "numba")),
        Tool("scipy", "numpy + scipy", script("numpy_scipy.py"), pip("numpy", "scipy")),
        Tool("ixa", "ixa", [str(crate / "peer-ixa")], foreign("ixa")),
        Tool("krabmaga", "krABMaga", [str(crate / "peer-krabmaga")], foreign("krabmaga"), slow=True),
        Tool("mesa", "Mesa", script("mesa_agents.py"), pip("numpy", "mesa"), slow=True),
        Tool("sir-exodus", "exodus, a rule of one's own", [str(example / "peer-sir-exodus")], ours),
        Tool("sir-exodus-all", "exodus, all threads", [str(example / "peer-sir-exodus")], ours, threads=cores),
        Tool("sir-naive", "naive Rust loop", [str(example / "peer-sir-naive")], ours),
        Tool("sir-numba", "numba over CSR", script("sir_numba.py"), pip("numpy", "numba")),
        Tool("sir-mesa-frames", "mesa-frames", script("sir_mesa_frames.py"), pip("numpy", "mesa-frames")),
        Tool("sir-starsim", "Starsim", script("sir_starsim.py"), pip("numpy", "starsim"), slow=True),
    ]


def locked_version(name):
    """Version of a crate, from the lock file of its folder."""
    lines = (HERE / name / "Cargo.lock").read_text().splitlines()
    return lines[lines.index(f'name = "{name}"') + 1].split('"')[1]


def edges(agents):
    """The edge file of so many agents, made once."""
    file = WORK / f"edges-{agents}.bin"
    if not file.exists():
        say(f"edge file of {agents} agents")
        quietly([str(PYTHON), str(HERE / "edges.py"), str(agents), str(file)])
    return file


def measure(tool, agents, seed):
    """Runs a tool once in a process of its own."""
    command = [*tool.command, str(edges(agents)), str(agents), str(seed)]
    if "exodus" in tool.key:
        command.append(str(tool.threads))
    one = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "MKL_NUM_THREADS")}
    output = WORK / "output.json"
    with open(output, "wb") as out, open(WORK / "errors.txt", "wb") as errors:
        process = subprocess.Popen(command, stdout=out, stderr=errors, env=dict(os.environ, **one))
        began = time.monotonic()
        while True:
            # Peak memory of this very process, which `Popen.wait` would throw away.
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() - began > MOST_SECONDS:
                process.kill()
                os.wait4(process.pid, 0)
                process.returncode = -9
                raise RuntimeError(f"took more than {MOST_SECONDS} s")
            time.sleep(0.02)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError((WORK / "errors.txt").read_text()[-1500:] or f"exit code {process.returncode}")
    found = json.loads(output.read_text())
    # Kilobytes, but bytes on macOS.
    found["peak_bytes"] = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    found["final_shares"] = found.pop("shares")[-1]
    return found


def say(text):
    print(text, file=sys.stderr, flush=True)


def processor():
    """Its name."""
    try:
        for line in open("/proc/cpuinfo"):
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def row(tool, agents):
    """One row of the table: medians over the tool's runs."""
    median = lambda key: statistics.median(run[key] for run in tool.runs)
    loop = median("loop_seconds")
    count = len(tool.runs)
    return {
        "key": tool.key,
        "workload": tool.workload,
        "tool": tool.name,
        "version": tool.runs[0].get("version") or locked_version(tool.key),
        "agents": agents,
        "threads": tool.threads,
        "setup_seconds": median("setup_seconds"),
        "loop_seconds": loop,
        "loop_seconds_of_each_run": [run["loop_seconds"] for run in tool.runs],
        "updates_per_second": agents * WORKLOADS[tool.workload][0] / loop,
        "peak_bytes": max(run["peak_bytes"] for run in tool.runs),
        "final_shares": [sum(shares) / count for shares in zip(*[run["final_shares"] for run in tool.runs])],
        "runs": count,
    }


def distance(one, other):
    """Largest distance of final shares, in standard errors of the difference of two means over runs.

    The standard error of a share is 1.4 times the binomial one: neighbours are alike."""
    worst = 0.0
    for p, q in zip(one["final_shares"], other["final_shares"]):
        mean = (p + q) / 2
        variance = sum(1.4**2 * mean * (1 - mean) / (r["agents"] * r["runs"]) for r in (one, other))
        if p != q:
            worst = max(worst, abs(p - q) / math.sqrt(variance))
    return worst


def side_by_side(tool, naive):
    """How many times the naive loop's updates: the median over the turns, as what disturbs a machine disturbs a turn."""
    turns = zip(tool["loop_seconds_of_each_run"], naive["loop_seconds_of_each_run"], strict=True)
    return statistics.median(theirs / ours for ours, theirs in turns) * tool["agents"] / naive["agents"]


def table(rows, machine):
    """The table, in markdown."""
    lines = [
        "# Two workloads on several tools",
        "",
        f"{machine['cpu']}, {machine['cores']} cores, {machine['system']}, {machine['python']}, {machine['rustc']}; "
        f"{machine['date']}; load when it began {machine['load']:.1f}. Medians of {machine['repetitions']} runs in turn; "
        "x naive is the median over the turns; peak memory is of the whole process. Shares: the largest distance of a final "
        "share from the naive loop's, in standard errors; tools agree below 5.",
    ]
    for workload, (_, title) in WORKLOADS.items():
        chosen = [r for r in rows if r["workload"] == workload]
        if not chosen:
            continue
        lines += [
            "",
            f"## {title}",
            "",
            "| tool | version | agents | threads | set-up (s) | loop (s) | M updates/s | x naive | peak (MB) | shares |",
            "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|",
        ]
        for r in chosen:
            ratio = f"{r['times_naive']:.2f}" if "times_naive" in r else ""
            far = "" if "standard_errors" not in r else f"{r['standard_errors']:.1f}"
            lines.append(
                f"| {r['tool']} | {r['version']} | {r['agents']:,} | {r['threads']} | {r['setup_seconds']:.2f} | {r['loop_seconds']:.3f} "
                f"| {r['updates_per_second'] / 1e6:.2f} | {ratio} | {r['peak_bytes'] / 1e6:.0f} | {far} |"
            )
    return "\n".join(lines) + "\n"


def output_of(command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def main():
    arguments = PARSER.parse_args()
    chosen = [t for t in tools() if not arguments.only or t.key in arguments.only]
    if not chosen or arguments.repetitions < 1 or arguments.agents < 100:
        PARSER.error("found nothing to run; allowed are at least 100 agents, 1 repetition and one tool that there is")
    machine = {
        "cpu": processor(),
        "cores": os.cpu_count(),
        "system": platform.platform(terse=True),
        "python": f"Python {platform.python_version()}",
        "rustc": output_of(["rustc", "--version"]),
        "exodus_commit": output_of(["git", "-C", str(ROOT), "rev-parse", "HEAD"]),
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "load": os.getloadavg()[0],
        "repetitions": arguments.repetitions,
    }
    WORK.mkdir(parents=True, exist_ok=True)
    if not PYTHON.exists():
        quietly([sys.executable, "-m", "venv", str(WORK / "venv")])
    pip("numpy")()  # The edge file needs it.
    ready = []
    for tool in chosen:
        say(f"building {tool.name}")
        try:
            tool.build()
            ready.append(tool)
        except (OSError, RuntimeError) as error:
            say(f"{tool.name} is skipped: it does not install: {error}")
    for repetition in range(arguments.repetitions):
        for tool in list(ready):
            agents = min(arguments.agents, SLOW) if tool.slow else arguments.agents
            try:
                found = measure(tool, agents, 1 + repetition)
            except (OSError, RuntimeError, ValueError) as error:
                say(f"{tool.name} is skipped: it does not run: {error}")
                ready.remove(tool)
                continue
            tool.runs.append(found)
            say(f"{tool.name}: {found['loop_seconds']:.3f} s")
    rows = [row(t, min(arguments.agents, SLOW) if t.slow else arguments.agents) for t in ready]
    for workload in WORKLOADS:
        same = [r for r in rows if r["workload"] == workload]
        naive = next((r for r in same if r["key"].endswith("naive")), None)
        for r in same if naive else []:
            r["times_naive"] = side_by_side(r, naive)
            if r is not naive:
                r["standard_errors"] = distance(r, naive)
    far = [r["tool"] for r in rows if r.get("standard_errors", 0.0) >= 5.0]
    text = table(rows, machine)
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name, content in (("peers.md", text), ("peers.json", json.dumps({"machine": machine, "tools": rows}, indent=1) + "\n")):
        temporary = arguments.out / (name + ".tmp")
        temporary.write_text(content)
        temporary.replace(arguments.out / name)
    print(text)
    if not rows:
        sys.exit("no tool ran")
    if far:
        sys.exit(f"final shares do not agree: {', '.join(far)}")


if __name__ == "__main__":
    main()
