use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Group chats: a chat lives on one app until it moves as one. Without kinds there are none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Chats {
    /// Kinds of chats, at most 8. A user is in one chat of each kind, or in none.
    pub kinds: Vec<ChatKind>,
    /// Reviews a day of one chat, in which it may move; a probability. On average it takes 1 / `rate` days until a chat that should move does.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub rate: f64,
    /// Share of the members who must be able to take part on the app to which a chat moves.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub quorum: f64,
    /// By how much that share must be above the one on the present app: what moving costs.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub gain: f64,
}

/// A kind of chats: families, classes, houses …
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChatKind {
    /// Name, for `--set`.
    pub name: String,
    /// Group whose members have such chats among themselves; everyone if left out. Chats of a group can be told to move (`mandate`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Mean number of members, who are neighbours by user number: in a layered graph they live near each other. Left out: the
    /// members of one household, in a layered graph.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 2.0, max = 2048.0))]
    pub size: Option<f64>,
    /// Share of a member's messages that are written in the chat. The shares of all kinds that one person may be in, by the age bands
    /// of their groups, sum to at most 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub share: f64,
}

impl Chats {
    /// Whether there are no chats.
    pub fn are_off(&self) -> bool {
        self.kinds.is_empty()
    }
}

// Assumed: nothing was found that measures how soon a group moves, or what it takes.

impl Default for Chats {
    fn default() -> Self {
        Chats { kinds: Vec::new(), rate: 0.02, quorum: 0.5, gain: 0.1 }
    }
}
