//! The `exodus` command.

fn main() -> std::process::ExitCode {
    exodus::cli::main()
}
