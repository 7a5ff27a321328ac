use anchor_lang::prelude::*;

pub const NAME_BYTES: usize = 32;
pub const URI_BYTES: usize = 200;

/// A concert, a match, a festival: whatever the tickets are for.
#[account]
#[derive(InitSpace)]
pub struct Event {
    pub authority: Pubkey,
    pub seed: [u8; 32],
    pub version: u64,
    /// Unix seconds. From then on tickets stay as they are, and their accounts may be closed.
    pub closes_at: i64,
    /// Whether its tickets have tokens.
    pub token: bool,
    pub bump: [u8; 1],
    #[max_len(NAME_BYTES)]
    pub name: String,
    #[max_len(URI_BYTES)]
    pub uri: String,
}

impl Event {
    pub const SEED: &'static [u8] = b"event";

    /// What the event's address signs with.
    pub fn signer(&self) -> [&[u8]; 4] {
        [Self::SEED, self.authority.as_ref(), &self.seed, &self.bump]
    }

    pub fn is_closed(&self) -> Result<bool> {
        Ok(Clock::get()?.unix_timestamp >= self.closes_at)
    }
}

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq, InitSpace)]
pub enum Status {
    Active,
    Locked,
    /// For good.
    Closed,
}

/// One ticket. Clients filter by `event` (offset 8), `holder` (40) and `seed` (72).
#[account]
#[derive(InitSpace)]
pub struct Ticket {
    pub event: Pubkey,
    pub holder: Pubkey,
    pub seed: [u8; 32],
    pub version: u64,
    /// Which credential of the ticket is the live one.
    pub generation: u32,
    pub status: Status,
    pub bump: u8,
}

impl Ticket {
    pub const SEED: &'static [u8] = b"ticket";

    /// The ticket whose token this mint makes.
    pub const MINT_SEED: &'static [u8] = b"mint";
}

/// The ledger's log as last published.
#[account]
#[derive(InitSpace)]
pub struct Log {
    pub authority: Pubkey,
    /// How many heads there are, and the number of the newest.
    pub number: u32,
    pub size: u64,
    pub root: [u8; 32],
    pub bump: u8,
}

impl Log {
    pub const SEED: &'static [u8] = b"log";

    pub fn is_at(&self, size: u64, root: [u8; 32]) -> bool {
        self.number > 0 && self.size == size && self.root == root
    }

    /// The number that this head has, or will have.
    pub fn number_of(&self, size: u64, root: [u8; 32]) -> u32 {
        if self.is_at(size, root) {
            self.number
        } else {
            self.number + 1
        }
    }
}

/// One head of the log, never changed.
#[account]
#[derive(InitSpace)]
pub struct Head {
    pub log: Pubkey,
    pub number: u32,
    pub size: u64,
    pub root: [u8; 32],
    /// Unix seconds, by the cluster's clock.
    pub published_at: i64,
    pub bump: u8,
}

impl Head {
    pub const SEED: &'static [u8] = b"head";
}
