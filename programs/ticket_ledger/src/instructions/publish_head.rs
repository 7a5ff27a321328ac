use anchor_lang::prelude::*;

use crate::errors::LedgerError;
use crate::state::{Head, Log};

#[derive(Accounts)]
#[instruction(size: u64, root: [u8; 32])]
pub struct PublishHead<'info> {
    #[account(mut)]
    pub authority: Signer<'info>,
    #[account(
        init_if_needed,
        payer = authority,
        space = 8 + Log::INIT_SPACE,
        seeds = [Log::SEED, authority.key().as_ref()],
        bump
    )]
    pub log: Account<'info, Log>,
    /// The next one, or the newest if it is published again.
    #[account(
        init_if_needed,
        payer = authority,
        space = 8 + Head::INIT_SPACE,
        seeds = [Head::SEED, log.key().as_ref(), &log.number_of(size, root).to_le_bytes()],
        bump
    )]
    pub head: Account<'info, Head>,
    pub system_program: Program<'info, System>,
}

#[event]
pub struct HeadPublished {
    pub log: Pubkey,
    pub number: u32,
    pub size: u64,
    pub root: [u8; 32],
    pub published_at: i64,
}

pub(crate) fn handle(ctx: Context<PublishHead>, size: u64, root: [u8; 32]) -> Result<()> {
    let PublishHead { authority, log, head, .. } = ctx.accounts;
    if log.is_at(size, root) {
        return Ok(());
    }
    require!(log.number == 0 || size != log.size, LedgerError::LogForked);
    require_gt!(size, log.size, LedgerError::LogCannotShrink);

    let (number, published_at) = (log.number + 1, Clock::get()?.unix_timestamp);
    log.set_inner(Log { authority: authority.key(), number, size, root, bump: ctx.bumps.log });
    let log = log.key();
    head.set_inner(Head { log, number, size, root, published_at, bump: ctx.bumps.head });
    emit!(HeadPublished { log, number, size, root, published_at });
    Ok(())
}
