//! What a ticket ledger shows of its tickets on Solana: who holds each and in which state, the token that the holder's
//! wallet sees, and the heads of the ledger's log. The ledger decides; this program only follows, and only forward:
//! what it is told carries a version, and what is not newer is passed over.

use anchor_lang::prelude::*;

pub mod errors;
pub mod instructions;
pub mod mint;
pub mod state;
pub mod token;

use instructions::*;
use state::Status;

declare_id!("CPmL7eE19xwwBjVMBtYLAVnqWt4utkf1fUAJabpfEbHm");

#[program]
pub mod ticket_ledger {
    use super::*;

    /// Opens an event, or changes it if `version` is newer. `closes_at` is in unix seconds.
    pub fn put_event(
        ctx: Context<PutEvent>,
        seed: [u8; 32],
        version: u64,
        closes_at: i64,
        token: bool,
        name: String,
        uri: String,
    ) -> Result<()> {
        instructions::put_event::handle(ctx, seed, version, closes_at, token, name, uri)
    }

    /// Issues a ticket, or changes it if `version` is newer: its token is made, moved or burnt to match.
    pub fn put_ticket(
        ctx: Context<PutTicket>,
        seed: [u8; 32],
        version: u64,
        generation: u32,
        status: Status,
    ) -> Result<()> {
        instructions::put_ticket::handle(ctx, seed, version, generation, status)
    }

    /// Takes a ticket's account back once its event is closed, with the token if there still is one.
    pub fn close_ticket(ctx: Context<CloseTicket>) -> Result<()> {
        instructions::close_ticket::handle(ctx)
    }

    /// Publishes a head of the ledger's log: the root of its Merkle tree at `size` leaves.
    pub fn publish_head(ctx: Context<PublishHead>, size: u64, root: [u8; 32]) -> Result<()> {
        instructions::publish_head::handle(ctx, size, root)
    }
}
