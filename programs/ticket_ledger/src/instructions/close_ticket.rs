use anchor_lang::prelude::*;
use anchor_spl::token_2022::Token2022;

use crate::errors::LedgerError;
use crate::state::{Event, Status, Ticket};
use crate::token::{needed, TicketToken};

/// What the token needs may be left out if the ticket has none: it was closed, or the event's tickets have no tokens.
#[derive(Accounts)]
pub struct CloseTicket<'info> {
    #[account(mut)]
    pub authority: Signer<'info>,
    #[account(has_one = authority @ LedgerError::NotTheAuthority)]
    pub event: Box<Account<'info, Event>>,
    #[account(
        mut,
        close = authority,
        seeds = [Ticket::SEED, event.key().as_ref(), &ticket.seed],
        bump = ticket.bump
    )]
    pub ticket: Box<Account<'info, Ticket>>,
    /// CHECK: its address says what it is.
    #[account(mut, seeds = [Ticket::MINT_SEED, ticket.key().as_ref()], bump)]
    pub mint: Option<UncheckedAccount<'info>>,
    /// CHECK: where the token is now, to burn it.
    #[account(mut)]
    pub holder_token: Option<UncheckedAccount<'info>>,
    /// Who signs has the emptied account closed. Otherwise it is left to its owner.
    pub holder: Option<Signer<'info>>,
    pub token_program: Option<Program<'info, Token2022>>,
}

pub(crate) fn handle(ctx: Context<CloseTicket>) -> Result<()> {
    let CloseTicket { event, ticket, .. } = &ctx.accounts;
    require!(event.is_closed()?, LedgerError::EventIsOpen);
    if event.token && ticket.status != Status::Closed {
        ctx.accounts.burn()?;
    }
    Ok(())
}

impl<'info> CloseTicket<'info> {
    fn burn(&self) -> Result<()> {
        let signer = self.event.signer();
        let signer = [&signer[..]];
        let token = TicketToken {
            event: self.event.to_account_info(),
            signer: &signer,
            mint: needed(&self.mint)?,
            program: needed(&self.token_program)?,
            payer: self.authority.to_account_info(),
        };
        let from = needed(&self.holder_token)?;
        token.burn(&from)?;
        token.close_emptied(&from, self.ticket.holder, &self.holder)
    }
}
