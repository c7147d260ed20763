//! Any text is a scenario, or is refused with messages; a scenario written down and read again is the same.
#![no_main]

use exodus::engine::plan;
use exodus::scenario;
use libfuzzer_sys::fuzz_target;
use std::path::Path;

fuzz_target!(|text: &str| {
    let path = Path::new("fuzz.toml");
    // Files of this machine stay out of it.
    if text.contains("base") {
        return;
    }
    match scenario::parse(text, path, &[]) {
        Ok(scenario) => {
            plan::predicted_bytes(&scenario, scenario.population.users);
            let written = scenario.to_toml().expect("a scenario can be written");
            let again = scenario::parse(&written, path, &[]).unwrap_or_else(|e| panic!("{e}\n{written}"));
            assert_eq!(again.hash().expect("a hash"), scenario.hash().expect("a hash"), "{written}");
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
