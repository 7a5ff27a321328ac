//! How a ticket's mint is made: its extensions first, then the mint itself, then its metadata, as Token-2022 wants it.

use anchor_lang::prelude::*;
use anchor_lang::system_program::{self, Allocate, Assign, Transfer};
use anchor_spl::token_2022::spl_token_2022::extension::ExtensionType;
use anchor_spl::token_2022::spl_token_2022::state::{AccountState, Mint};
use anchor_spl::token_2022::{self, InitializeMint2};
use anchor_spl::token_2022_extensions as extensions;

use crate::state::Event;
use crate::token::TicketToken;

const SYMBOL: &str = "TICKET";

/// What a mint begins with. Its metadata, whose length varies, is added by the token program.
const EXTENSIONS: [ExtensionType; 4] = [
    ExtensionType::MetadataPointer,
    ExtensionType::PermanentDelegate,
    ExtensionType::MintCloseAuthority,
    ExtensionType::DefaultAccountState,
];

/// What metadata take beside their texts: type and length, two keys, three lengths of texts, and no fields of our own.
const METADATA_BYTES: usize = 2 + 2 + 2 * 32 + 3 * 4 + 4;

impl<'info> TicketToken<'_, 'info> {
    /// Makes the mint, at the address that `seeds` sign for.
    pub fn create_mint(&self, event: &Event, seeds: &[&[u8]], system_program: &AccountInfo<'info>) -> Result<()> {
        self.create_account(event, seeds, system_program)?;
        self.initialize_pointer_and_delegate()?;
        self.initialize_close_and_default_state()?;
        let mint = InitializeMint2 { mint: self.mint.clone() };
        token_2022::initialize_mint2(self.cpi(mint), 0, self.event.key, Some(self.event.key))?;
        self.initialize_metadata(event)
    }

    /// Whoever sends lamports to the address beforehand must not stop it: `create_account` would refuse.
    fn create_account(&self, event: &Event, seeds: &[&[u8]], system_program: &AccountInfo<'info>) -> Result<()> {
        let space = ExtensionType::try_calculate_account_len::<Mint>(&EXTENSIONS)?;
        let metadata = METADATA_BYTES + event.name.len() + SYMBOL.len() + event.uri.len();
        let rent = Rent::get()?.minimum_balance(space + metadata);
        let (system, mint) = (|| system_program.clone(), || self.mint.clone());

        let fund = Transfer { from: self.payer.clone(), to: mint() };
        system_program::transfer(CpiContext::new(system(), fund), rent.saturating_sub(self.mint.lamports()))?;
        let allocate = Allocate { account_to_allocate: mint() };
        system_program::allocate(CpiContext::new_with_signer(system(), allocate, &[seeds]), space as u64)?;
        let assign = Assign { account_to_assign: mint() };
        system_program::assign(CpiContext::new_with_signer(system(), assign, &[seeds]), self.program.key)
    }

    fn initialize_pointer_and_delegate(&self) -> Result<()> {
        let pointer =
            extensions::MetadataPointerInitialize { token_program_id: self.program.clone(), mint: self.mint.clone() };
        extensions::metadata_pointer_initialize(self.cpi(pointer), Some(*self.event.key), Some(*self.mint.key))?;
        let delegate =
            extensions::PermanentDelegateInitialize { token_program_id: self.program.clone(), mint: self.mint.clone() };
        extensions::permanent_delegate_initialize(self.cpi(delegate), self.event.key)
    }

    fn initialize_close_and_default_state(&self) -> Result<()> {
        let close = extensions::MintCloseAuthorityInitialize {
            token_program_id: self.program.clone(),
            mint: self.mint.clone(),
        };
        extensions::mint_close_authority_initialize(self.cpi(close), Some(self.event.key))?;
        let frozen = extensions::DefaultAccountStateInitialize {
            token_program_id: self.program.clone(),
            mint: self.mint.clone(),
        };
        extensions::default_account_state_initialize(self.cpi(frozen), &AccountState::Frozen)
    }

    fn initialize_metadata(&self, event: &Event) -> Result<()> {
        let metadata = extensions::TokenMetadataInitialize {
            program_id: self.program.clone(),
            metadata: self.mint.clone(),
            update_authority: self.event.clone(),
            mint_authority: self.event.clone(),
            mint: self.mint.clone(),
        };
        let (name, uri) = (event.name.clone(), event.uri.clone());
        extensions::token_metadata_initialize(self.cpi(metadata), name, SYMBOL.to_string(), uri)
    }
}
