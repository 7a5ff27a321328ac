//! A ticket's token: the one unit of a Token-2022 mint of its own. The event is every authority of the mint and the
//! token rests frozen, so that a wallet shows it and nobody but this program moves, burns or freezes it.

use anchor_lang::prelude::*;
use anchor_spl::associated_token::{self, get_associated_token_address_with_program_id};
use anchor_spl::token_2022::spl_token_2022::extension::StateWithExtensions;
use anchor_spl::token_2022::spl_token_2022::instruction::AuthorityType;
use anchor_spl::token_2022::spl_token_2022::state::Account as TokenAccount;
use anchor_spl::token_2022::{
    self, Burn, CloseAccount, FreezeAccount, MintTo, SetAuthority, ThawAccount, TransferChecked,
};

use crate::errors::LedgerError;

pub struct TicketToken<'a, 'info> {
    pub event: AccountInfo<'info>,
    /// The event's seeds: it signs for whatever is done to a token.
    pub signer: &'a [&'a [&'a [u8]]],
    pub mint: AccountInfo<'info>,
    pub program: AccountInfo<'info>,
    /// Pays for what is created, and is paid back for what is closed.
    pub payer: AccountInfo<'info>,
}

impl<'a, 'info> TicketToken<'a, 'info> {
    /// Only this program makes an account at the mint's address: what is there is the ticket's mint, and its one unit
    /// is with the recorded holder.
    pub fn exists(&self) -> bool {
        !self.mint.data_is_empty()
    }

    /// Opens the holder's associated account, if it is not there yet.
    pub fn open(
        &self,
        account: &AccountInfo<'info>,
        holder: &AccountInfo<'info>,
        associated_token_program: &AccountInfo<'info>,
        system_program: &AccountInfo<'info>,
    ) -> Result<()> {
        let address = get_associated_token_address_with_program_id(holder.key, self.mint.key, self.program.key);
        require_keys_eq!(*account.key, address, LedgerError::NotTheHoldersAccount);
        if account.owner == self.program.key {
            return Ok(());
        }
        associated_token::create(CpiContext::new(
            associated_token_program.clone(),
            associated_token::Create {
                payer: self.payer.clone(),
                associated_token: account.clone(),
                authority: holder.clone(),
                mint: self.mint.clone(),
                system_program: system_program.clone(),
                token_program: self.program.clone(),
            },
        ))
    }

    /// Makes the one unit, and leaves nobody who could make another.
    pub fn mint(&self, to: &AccountInfo<'info>) -> Result<()> {
        self.thaw(to)?;
        let mint_to = MintTo { mint: self.mint.clone(), to: to.clone(), authority: self.event.clone() };
        token_2022::mint_to(self.cpi(mint_to), 1)?;
        self.freeze(to)?;
        let authority = SetAuthority { account_or_mint: self.mint.clone(), current_authority: self.event.clone() };
        token_2022::set_authority(self.cpi(authority), AuthorityType::MintTokens, None)
    }

    /// Moves the token. The account that it leaves stays thawed, for its owner to close.
    pub fn transfer(&self, from: &AccountInfo<'info>, to: &AccountInfo<'info>) -> Result<()> {
        self.require_in(from)?;
        self.thaw(from)?;
        self.thaw(to)?;
        let transfer = TransferChecked {
            from: from.clone(),
            mint: self.mint.clone(),
            to: to.clone(),
            authority: self.event.clone(),
        };
        token_2022::transfer_checked(self.cpi(transfer), 1, 0)?;
        self.freeze(to)
    }

    /// Burns the token and closes its mint.
    pub fn burn(&self, from: &AccountInfo<'info>) -> Result<()> {
        self.require_in(from)?;
        self.thaw(from)?;
        let burn = Burn { mint: self.mint.clone(), from: from.clone(), authority: self.event.clone() };
        token_2022::burn(self.cpi(burn), 1)?;
        self.close(&self.mint, &self.event)
    }

    fn close(&self, account: &AccountInfo<'info>, authority: &AccountInfo<'info>) -> Result<()> {
        token_2022::close_account(self.cpi(CloseAccount {
            account: account.clone(),
            destination: self.payer.clone(),
            authority: authority.clone(),
        }))
    }

    /// Closes the account that the token left, if its owner signs.
    pub fn close_emptied(
        &self,
        account: &AccountInfo<'info>,
        recorded: Pubkey,
        owner: &Option<Signer<'info>>,
    ) -> Result<()> {
        let Some(owner) = owner else { return Ok(()) };
        require_keys_eq!(owner.key(), recorded, LedgerError::NotThePreviousHolder);
        self.close(account, owner)
    }

    fn require_in(&self, account: &AccountInfo<'info>) -> Result<()> {
        require_keys_eq!(*account.owner, *self.program.key, LedgerError::TokenIsElsewhere);
        let data = account.try_borrow_data()?;
        let held = StateWithExtensions::<TokenAccount>::unpack(&data)?.base;
        require!(held.mint == *self.mint.key && held.amount == 1, LedgerError::TokenIsElsewhere);
        Ok(())
    }

    /// New accounts are frozen, and those that a token left are not.
    fn thaw(&self, account: &AccountInfo<'info>) -> Result<()> {
        if !StateWithExtensions::<TokenAccount>::unpack(&account.try_borrow_data()?)?.base.is_frozen() {
            return Ok(());
        }
        token_2022::thaw_account(self.cpi(ThawAccount {
            account: account.clone(),
            mint: self.mint.clone(),
            authority: self.event.clone(),
        }))
    }

    fn freeze(&self, account: &AccountInfo<'info>) -> Result<()> {
        token_2022::freeze_account(self.cpi(FreezeAccount {
            account: account.clone(),
            mint: self.mint.clone(),
            authority: self.event.clone(),
        }))
    }

    pub(crate) fn cpi<T: ToAccountMetas + ToAccountInfos<'info>>(
        &self,
        accounts: T,
    ) -> CpiContext<'a, 'a, 'a, 'info, T> {
        CpiContext::new_with_signer(self.program.clone(), accounts, self.signer)
    }
}

/// An account that may be left out where no token is concerned, but not here.
pub fn needed<'info>(account: &Option<impl ToAccountInfo<'info>>) -> Result<AccountInfo<'info>> {
    let account = account.as_ref().ok_or(LedgerError::TokenAccountsMissing)?;
    Ok(account.to_account_info())
}
