use anchor_lang::prelude::*;

use crate::errors::LedgerError;
use crate::state::{Event, NAME_BYTES, URI_BYTES};

#[derive(Accounts)]
#[instruction(seed: [u8; 32])]
pub struct PutEvent<'info> {
    #[account(mut)]
    pub authority: Signer<'info>,
    #[account(
        init_if_needed,
        payer = authority,
        space = 8 + Event::INIT_SPACE,
        seeds = [Event::SEED, authority.key().as_ref(), &seed],
        bump
    )]
    pub event: Box<Account<'info, Event>>,
    pub system_program: Program<'info, System>,
}

pub(crate) fn handle(
    ctx: Context<PutEvent>,
    seed: [u8; 32],
    version: u64,
    closes_at: i64,
    token: bool,
    name: String,
    uri: String,
) -> Result<()> {
    let event = &mut ctx.accounts.event;
    let opens = event.authority == Pubkey::default();
    if !opens && version <= event.version {
        return Ok(());
    }
    require!(opens || event.token == token, LedgerError::TokenIsSettled);
    require_gte!(NAME_BYTES, name.len(), LedgerError::NameTooLong);
    require_gte!(URI_BYTES, uri.len(), LedgerError::UriTooLong);
    event.set_inner(Event {
        authority: ctx.accounts.authority.key(),
        seed,
        version,
        closes_at,
        token,
        bump: [ctx.bumps.event],
        name,
        uri,
    });
    Ok(())
}
