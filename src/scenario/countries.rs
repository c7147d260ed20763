//! Countries that come with exodus: files of `countries/`, which a scenario names as its `base`.

/// Name and text of each.
const COUNTRIES: [(&str, &str); 2] = [
    ("russia", include_str!("../../countries/russia.toml")),
    ("russia-behaviour", include_str!("../../countries/russia-behaviour.toml")),
];

/// What a scenario written by an earlier version stands on: values that keys which came later had when they were not keys yet.
#[cfg(feature = "files")]
pub(super) const FORMER: &str = "
[population]
household_sizes = [0.30, 0.32, 0.20, 0.12, 0.06]
household_same_age = 0.5
[graph.layers]
groups = 0.315
city = 0.12
national = 0.07
sociability = 0.88
age_noise = 0.32
";

/// Names of the countries that come with exodus.
pub fn countries() -> impl Iterator<Item = &'static str> {
    COUNTRIES.iter().map(|(name, _)| *name)
}

/// The text of a country that comes with exodus.
pub fn country(name: &str) -> Option<&'static str> {
    COUNTRIES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}
