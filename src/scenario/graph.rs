use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The social graph: undirected ties between users.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GraphSpec {
    /// Which graph.
    pub kind: GraphKind,
    /// Mean number of ties of a user (layered, erdos_renyi, watts_strogatz, barabasi_albert, configuration,
    /// stochastic_block), less than there are users; where it is left out and there are 16 users or fewer, as many as
    /// there can be. Even for watts_strogatz and barabasi_albert.
    #[schemars(range(min = 0.0, max = 10_000.0))]
    pub mean_degree: f64,
    /// How lists of contacts are kept in memory: as plain numbers, or packed into about half of it, which takes a little longer.
    /// Where it is left out, plain if there is memory for it. Never changes results.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<GraphMemory>,
    /// layered: what its ties are.
    pub layers: Layers,
    /// watts_strogatz: share of ties rewired.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub rewire: f64,
    /// watts_strogatz: number nodes in random order, so that node numbers carry no locality.
    pub shuffle: bool,
    /// configuration: exponent of the power law of degrees.
    #[schemars(range(min = 2.0, max = 10.0))]
    pub exponent: f64,
    /// stochastic_block: number of blocks of equal size.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub blocks: u32,
    /// stochastic_block: share of ties inside the own block.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub within: f64,
    /// file: path of a network (a list of ties, GraphML, GML, GEXF, Pajek, Matrix Market, METIS, DIMACS; plain or packed);
    /// relative to the scenario file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Path of a table of nodes by label, CSV or Parquet; relative to the scenario file. Not for layered. Columns: `label`, and
    /// any of `age`, `region`, `household`, `messengers`, and those of groups; others are ignored, and an empty cell is drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nodes: Option<String>,
}

/// How lists of contacts are kept in memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GraphMemory {
    /// Four bytes a contact.
    #[default]
    Plain,
    /// Gaps between contacts, about two bytes each in a layered graph.
    Packed,
}

/// Layers of a layered graph, as shares of the mean degree. Households take what they take; what is left are local ties.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Layers {
    /// Share of ties within one's group at work or school.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub groups: f64,
    /// Share of ties made anywhere in the city, 64 towns of 4096 users.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub city: f64,
    /// Share of ties made anywhere in the country.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub national: f64,
    /// Spread of sociability, to which numbers of local, city and national ties are in proportion (standard deviation of its
    /// logarithm).
    #[schemars(range(min = 0.0, max = 3.0))]
    pub sociability: f64,
    /// Half width of the noise on age when people meet, as a share of the range of ages: 0 is only one's own age, 1 and more
    /// nearly any.
    #[schemars(range(min = 0.0, max = 10.0))]
    pub age_noise: f64,
}

impl Default for Layers {
    fn default() -> Self {
        Layers { groups: 0.3, city: 0.1, national: 0.1, sociability: 1.0, age_noise: 0.3 }
    }
}

/// Kinds of graph.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GraphKind {
    /// Households, work and school, local and national ties, with age and place homophily.
    #[default]
    Layered,
    /// An edge list from disk; the number of users is its number of nodes.
    File,
    /// Erdos-Renyi G(n, m): uniformly random ties.
    ErdosRenyi,
    /// Watts-Strogatz small world.
    WattsStrogatz,
    /// Barabasi-Albert preferential attachment.
    BarabasiAlbert,
    /// Configuration model with power-law degrees.
    Configuration,
    /// Stochastic block model.
    StochasticBlock,
    /// Everyone knows everyone (small populations only).
    Complete,
}

impl GraphKind {
    /// Mean degree where none is given: 16, or what so few users can have.
    pub(super) fn usual_degree(self, users: u64) -> f64 {
        let others = users.saturating_sub(1).min(USUAL_DEGREE);
        (if self.has_even_degree() { others / 2 * 2 } else { others }) as f64
    }

    /// Whether the mean degree must be an even number, at least 2.
    pub(super) fn has_even_degree(self) -> bool {
        matches!(self, GraphKind::WattsStrogatz | GraphKind::BarabasiAlbert)
    }
}

/// Mean degree where none is given and there are users enough.
const USUAL_DEGREE: u64 = 16;

impl Default for GraphSpec {
    fn default() -> Self {
        GraphSpec {
            kind: GraphKind::Layered,
            mean_degree: USUAL_DEGREE as f64,
            memory: None,
            layers: Layers::default(),
            rewire: 0.1,
            shuffle: true,
            exponent: 2.5,
            blocks: 10,
            within: 0.8,
            path: None,
            nodes: None,
        }
    }
}
