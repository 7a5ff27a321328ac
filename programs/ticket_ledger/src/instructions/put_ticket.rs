use anchor_lang::prelude::*;
use anchor_spl::associated_token::AssociatedToken;
use anchor_spl::token_2022::Token2022;

use crate::errors::LedgerError;
use crate::state::{Event, Status, Ticket};
use crate::token::{needed, TicketToken};

/// What the token needs may be left out wherever it is not needed: all of it if the event's tickets have no tokens.
#[derive(Accounts)]
#[instruction(seed: [u8; 32])]
pub struct PutTicket<'info> {
    #[account(mut)]
    pub authority: Signer<'info>,
    #[account(has_one = authority @ LedgerError::NotTheAuthority)]
    pub event: Box<Account<'info, Event>>,
    #[account(
        init_if_needed,
        payer = authority,
        space = 8 + Ticket::INIT_SPACE,
        seeds = [Ticket::SEED, event.key().as_ref(), &seed],
        bump
    )]
    pub ticket: Box<Account<'info, Ticket>>,
    /// CHECK: whoever the ledger says holds the ticket now.
    pub holder: UncheckedAccount<'info>,
    /// CHECK: its address says what it is. Always needed if the event's tickets have tokens.
    #[account(mut, seeds = [Ticket::MINT_SEED, ticket.key().as_ref()], bump)]
    pub mint: Option<UncheckedAccount<'info>>,
    /// CHECK: the holder's associated token account, to mint or move into.
    #[account(mut)]
    pub holder_token: Option<UncheckedAccount<'info>>,
    /// CHECK: where the token is now, to move or burn it.
    #[account(mut)]
    pub previous_token: Option<UncheckedAccount<'info>>,
    /// The recorded holder: who signs has the emptied account closed. Otherwise it is left to its owner.
    pub previous_holder: Option<Signer<'info>>,
    pub token_program: Option<Program<'info, Token2022>>,
    pub associated_token_program: Option<Program<'info, AssociatedToken>>,
    pub system_program: Program<'info, System>,
}

#[event]
pub struct TicketPut {
    pub ticket: Pubkey,
    pub holder: Pubkey,
    pub version: u64,
    pub generation: u32,
    pub status: Status,
}

pub(crate) fn handle(
    ctx: Context<PutTicket>,
    seed: [u8; 32],
    version: u64,
    generation: u32,
    status: Status,
) -> Result<()> {
    let (event, ticket) = (&ctx.accounts.event, &ctx.accounts.ticket);
    let issues = ticket.event == Pubkey::default();
    if !issues && version <= ticket.version {
        return Ok(());
    }
    require!(!event.is_closed()?, LedgerError::EventIsClosed);
    require!(ticket.status != Status::Closed || status == Status::Closed, LedgerError::TicketIsClosed);
    if event.token {
        ctx.accounts.follow(status, ctx.bumps.mint)?;
    }

    let holder = ctx.accounts.holder.key();
    let record = Ticket { event: event.key(), holder, seed, version, generation, status, bump: ctx.bumps.ticket };
    ctx.accounts.ticket.set_inner(record);
    emit!(TicketPut { ticket: ctx.accounts.ticket.key(), holder, version, generation, status });
    Ok(())
}

impl<'info> PutTicket<'info> {
    /// Makes the token what the ticket will be.
    fn follow(&self, status: Status, mint_bump: Option<u8>) -> Result<()> {
        let signer = self.event.signer();
        let signer = [&signer[..]];
        let token = TicketToken {
            event: self.event.to_account_info(),
            signer: &signer,
            mint: needed(&self.mint)?,
            program: needed(&self.token_program)?,
            payer: self.authority.to_account_info(),
        };
        match (token.exists(), status == Status::Closed) {
            (false, true) => Ok(()),
            (false, false) => self.issue(&token, mint_bump),
            (true, true) => {
                let from = needed(&self.previous_token)?;
                token.burn(&from)?;
                token.close_emptied(&from, self.ticket.holder, &self.previous_holder)
            }
            (true, false) if self.holder.key() == self.ticket.holder => Ok(()),
            (true, false) => {
                let (from, to) = (needed(&self.previous_token)?, self.open_account(&token)?);
                token.transfer(&from, &to)?;
                token.close_emptied(&from, self.ticket.holder, &self.previous_holder)
            }
        }
    }

    fn issue(&self, token: &TicketToken<'_, 'info>, mint_bump: Option<u8>) -> Result<()> {
        let (ticket, bump) = (self.ticket.key(), [mint_bump.unwrap_or_default()]);
        let seeds: [&[u8]; 3] = [Ticket::MINT_SEED, ticket.as_ref(), &bump];
        token.create_mint(&self.event, &seeds, &self.system_program)?;
        token.mint(&self.open_account(token)?)
    }

    fn open_account(&self, token: &TicketToken<'_, 'info>) -> Result<AccountInfo<'info>> {
        let account = needed(&self.holder_token)?;
        let program = needed(&self.associated_token_program)?;
        token.open(&account, &self.holder, &program, &self.system_program)?;
        Ok(account)
    }
}
