//! What is printed: results on stdout, everything else on stderr.
//!
//! Texts come from files and command lines, so that control characters are written as escapes, and with them those that turn
//! the direction of writing or end lines: none reaches the terminal as a command.

use exodus::{Error, Result, scenario};
use std::borrow::Cow;
use std::io::{ErrorKind, Write};

/// Says a line on stderr, like `eprintln!`. Where it cannot be written it is lost: a stream that fails is no reason to fail.
macro_rules! tell {
    ($($arg:tt)*) => { $crate::cli::streams::say(&format!("{}\n", format_args!($($arg)*))) };
}
pub(super) use tell;

pub(super) fn say(text: &str) {
    let _ = std::io::stderr().lock().write_all(escaped(text).as_bytes());
}

/// Writes a result to stdout. A reader that has gone away (`exodus … | head`) is no error.
pub(super) fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(escaped(text).as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Error::io("stdout", "writing", error)),
        _ => Ok(()),
    }
}

/// The text without what a terminal would obey, but for ends of lines and tabs.
pub(super) fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(is_obeyed) {
        return Cow::Borrowed(text);
    }
    // As in JSON, of which some of this is.
    let escape = |c: char| if is_obeyed(c) { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() };
    Cow::Owned(text.chars().map(escape).collect())
}

/// What a terminal would obey, but for ends of lines and tabs.
fn is_obeyed(c: char) -> bool {
    scenario::is_obeyed(c) && !matches!(c, '\n' | '\t')
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn what_a_terminal_obeys_is_written_out() {
        assert_eq!(escaped("Связь 🙂\tи\nсвязь"), "Связь 🙂\tи\nсвязь");
        assert_eq!(escaped("a\u{1b}[31mb\r\u{7}\u{9b}"), "a\\u001b[31mb\\u000d\\u0007\\u009b");
        assert_eq!(escaped("a\u{202e}b\u{2028}c\u{2069}"), "a\\u202eb\\u2028c\\u2069");
    }
}
