use anchor_lang::prelude::*;

#[error_code]
pub enum LedgerError {
    #[msg("Only the authority that opened the event may change it and its tickets")]
    NotTheAuthority,
    #[msg("An event's name has at most 32 bytes")]
    NameTooLong,
    #[msg("An event's URI has at most 200 bytes")]
    UriTooLong,
    #[msg("Whether an event's tickets have tokens is settled when it is opened")]
    TokenIsSettled,
    #[msg("The event is closed: its tickets stay as they are")]
    EventIsClosed,
    #[msg("The event is still open: its tickets' accounts stay")]
    EventIsOpen,
    #[msg("The ticket is closed for good")]
    TicketIsClosed,
    #[msg("The ticket has a token, and this change needs accounts that were left out")]
    TokenAccountsMissing,
    #[msg("This is not the holder's associated token account")]
    NotTheHoldersAccount,
    #[msg("The ticket's token is not in this account")]
    TokenIsElsewhere,
    #[msg("Who signed as the previous holder is not the ticket's recorded holder")]
    NotThePreviousHolder,
    #[msg("A log only grows: the head is of a smaller tree than the one before")]
    LogCannotShrink,
    #[msg("The log was already published at this size with another root")]
    LogForked,
}
