pub mod close_ticket;
pub mod publish_head;
pub mod put_event;
pub mod put_ticket;

pub use close_ticket::*;
pub use publish_head::*;
pub use put_event::*;
pub use put_ticket::*;
