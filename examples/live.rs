//! The simulation as a page asks it, for WebAssembly: `exodus report --live` puts it into a page.
//!
//! ```sh
//! cargo build --profile live --no-default-features --example live --target wasm32-wasip1
//! ```
//!
//! Texts go through one piece of memory: the page asks for room, writes a question there, has it answered, and reads the answer.
//! Questions and answers are those of `exodus::live::Session`.

use exodus::live::Session;
use std::cell::RefCell;

#[derive(Default)]
struct Page {
    text: Vec<u8>,
    session: Session,
}

thread_local! {
    static PAGE: RefCell<Page> = RefCell::default();
}

/// Room for a question of so many bytes of UTF-8.
#[unsafe(no_mangle)]
pub extern "C" fn room(bytes: usize) -> *mut u8 {
    PAGE.with_borrow_mut(|page| {
        page.text = vec![0; bytes];
        page.text.as_mut_ptr()
    })
}

/// Answers the question; how many bytes the answer has.
#[unsafe(no_mangle)]
pub extern "C" fn answer() -> usize {
    PAGE.with_borrow_mut(|page| {
        page.text = page.session.answer(&String::from_utf8_lossy(&page.text)).into_bytes();
        page.text.len()
    })
}

/// Where the answer is, until there is another question.
#[unsafe(no_mangle)]
pub extern "C" fn text() -> *const u8 {
    PAGE.with_borrow(|page| page.text.as_ptr())
}
