import type { Words } from './words.ts'

export const german: Words = {
  hello: (name) => (name === null ? 'Guten Tag,' : `Guten Tag ${name},`),
  orderNumber: (id) => `Bestellnummer: ${id}`,
  ticketNumber: (id) => `Ticketnummer: ${id}`,
  offerNumber: (id) => `Angebotsnummer: ${id}`,
  somebody: 'Jemand',
  total: 'Gesamt',
  included: (tax) => `darin ${tax}`,
  toYourTickets: 'Zu Ihren Tickets',
  confirmed: {
    subject: (event) => `Ihre Tickets: ${event}`,
    intro: 'Ihre Bestellung ist bestätigt. Sie haben Tickets für:',
  },
  cancelled: {
    subject: (event) => `Ihre Bestellung wurde storniert: ${event}`,
    intro: (event) => `Ihre Bestellung von Tickets für ${event} wurde storniert; Sie haben daraus keine Tickets.`,
  },
  refunded: {
    subject: (event) => `Ihre Bestellung wird erstattet: ${event}`,
    intro: (event) =>
      `Die Tickets für ${event}, die Sie bezahlt haben, konnten wir Ihnen nicht geben. Das tut uns leid.`,
  },
  reason: {
    limit_reached: 'Es wären mehr Tickets gewesen, als eine Person kaufen darf.',
    tickets_taken: 'Die Tickets gingen an jemand anderen.',
    lapsed: 'Die Zahlung kam nicht an, solange die Tickets für Sie zurückgelegt waren.',
    cancelled: 'Das geschah auf Ihren Wunsch oder durch den Veranstalter.',
    not_chargeable: 'Der Zahlungsanbieter bucht diesen Betrag nicht ab.',
    payment_declined: 'Die Zahlung wurde abgelehnt.',
    capture_refused: 'Die Zahlung konnte nicht eingezogen werden.',
    reservation_lost: 'Die Tickets konnten nicht bis zum Abschluss der Zahlung für Sie zurückgelegt bleiben.',
    event_cancelled: 'Die Veranstaltung wurde abgesagt.',
  },
  moneyBack: (amount) =>
    `${amount} sind auf dem Weg zurück zu Ihnen, auf dem Weg, auf dem Sie gezahlt haben. Das kann einige Tage dauern.`,
  notCharged:
    'Es wurde nichts abgebucht. Zeigt Ihre Bank den Betrag als vorgemerkt, gibt sie ihn in einigen Tagen wieder frei.',

  offered: {
    subject: (event) => `Ihnen wird ein Ticket angeboten: ${event}`,
    intro: (giver) => `${giver} möchte Ihnen ein Ticket geben. Es gehört Ihnen, sobald Sie es annehmen. Es gilt für:`,
    code: 'Zum Annehmen zeigen Sie diesen Code. Er ist nur für Sie bestimmt:',
    until: (time) => `Das Angebot gilt bis ${time}. Möchten Sie das Ticket nicht, müssen Sie nichts tun.`,
    link: 'Zum Angebot',
  },
  offerEnded: {
    subject: (event) => `Ihr Angebot ist beendet: ${event}`,
    reason: {
      lapsed: 'Das Ticket, das Sie angeboten haben, wurde nicht rechtzeitig angenommen.',
      declined: 'Das Ticket, das Sie angeboten haben, wurde abgelehnt.',
      too_many_tries:
        'Das Ticket, das Sie angeboten haben, wurde nicht übergeben: Zu oft wurde ein falscher Code gezeigt.',
      locked: 'Das Ticket, das Sie angeboten haben, wurde gesperrt und konnte darum nicht übergeben werden.',
    },
    yours: 'Es gehört weiterhin Ihnen.',
  },
  offerGone: {
    subject: (event) => `Ein Angebot an Sie ist beendet: ${event}`,
    intro: 'Ein Ticket, das Ihnen angeboten wurde, wird nicht mehr angeboten, und Ihr Code dafür gilt nicht mehr.',
  },
  handedOver: {
    subject: (event) => `Ihr Ticket ist übergeben: ${event}`,
    intro: 'Das Ticket, das Sie weitergegeben haben, hat nun einen neuen Inhaber. Ihr Code dafür gilt nicht mehr.',
  },
  received: {
    subject: (event) => `Sie haben ein Ticket: ${event}`,
    intro: (giver) => `${giver} hat Ihnen ein Ticket gegeben, und es gehört jetzt Ihnen. Es gilt für:`,
    code: 'Den Code finden Sie bei Ihren Tickets. Kein anderer Code dafür gilt mehr.',
  },
  sold: {
    subject: (event) => `Ihr Ticket ist verkauft: ${event}`,
    intro:
      'Das Ticket, das Sie angeboten haben, ist gekauft und gehört jetzt jemand anderem. Ihr Code dafür gilt nicht mehr.',
    price: 'Preis',
    yours: 'Ihr Anteil',
    paidAfterTheEvent: 'Ihr Anteil wird Ihnen nach der Veranstaltung ausgezahlt.',
    paidFrom: (day) => `Ihr Anteil wird Ihnen ab dem ${day} ausgezahlt.`,
  },

  locked: {
    subject: (event) => `Ihr Ticket ist gesperrt: ${event}`,
    intro:
      'Ihr Ticket ist gesperrt. Solange es das ist, gewährt es keinen Einlass und kann weder weitergegeben noch verkauft werden.',
    reason: {
      fraud_investigation: 'Es wird geprüft, ob damit alles in Ordnung ist.',
      chargeback_pending:
        'Eine Zahlung, die dafür geleistet wurde, wird von der Bank geprüft. Das sagt nichts über Sie; es wird zwischen der Bank und dem geklärt, der gezahlt hat.',
      dispute: 'Darüber gibt es einen Streit, der gerade geklärt wird.',
      admin_request: 'Der Veranstalter hat darum gebeten.',
      event_policy: 'Die Regeln der Veranstaltung verlangen es.',
      legal_hold: 'Das Gesetz verlangt es.',
    },
  },
  unlocked: {
    subject: (event) => `Ihr Ticket ist entsperrt: ${event}`,
    intro: 'Ihr Ticket ist nicht mehr gesperrt und gilt wieder.',
  },
  reported: {
    subject: (event) => `Ihre Meldung ist da: ${event}`,
    intro: {
      lost: 'Sie haben dieses Ticket als verloren gemeldet.',
      stolen: 'Sie haben dieses Ticket als gestohlen gemeldet. Es gewährt keinen Einlass, solange wir das prüfen.',
    },
    next: 'Wir prüfen, wer Sie sind, und teilen Ihnen mit, was daraus wird. Finden Sie es wieder, ziehen Sie die Meldung zurück.',
  },
  reportRejected: {
    subject: (event) => `Ihre Meldung wurde abgelehnt: ${event}`,
    intro:
      'Wir haben Ihre Meldung geprüft, dass dieses Ticket verloren oder gestohlen ist; es bekommt keinen neuen Code.',
    next: 'Das Ticket ist wie zuvor: Es gehört Ihnen, und sein Code gilt. Ist das ein Irrtum, wenden Sie sich bitte an den Veranstalter.',
  },
  reissued: {
    subject: (event) => `Ihr Ticket hat einen neuen Code: ${event}`,
    intro: 'Ihr Ticket wurde neu ausgestellt. Der Code, den es zuvor hatte, gilt nicht mehr, wo immer er ist.',
    next: 'Den neuen Code finden Sie bei Ihren Tickets. Ausdrucke und Pässe mit dem alten nützen nichts mehr.',
  },

  ticketRefunded: {
    subject: (event) => `Ein Ticket wurde erstattet: ${event}`,
    intro: {
      holder: 'Ihr Ticket wurde erstattet und gilt nicht mehr.',
      payer: 'Ein Ticket, das Sie einmal bezahlt haben, wurde erstattet und gilt nicht mehr.',
      seller: 'Ein Ticket, das Sie einmal verkauft haben, wurde dem Käufer erstattet.',
    },
  },
  eventCancelled: {
    subject: (event) => `Abgesagt: ${event}`,
    intro: {
      holder: 'Die Veranstaltung findet nicht statt, und Ihr Ticket gilt nicht mehr. Das tut uns leid.',
      payer:
        'Die Veranstaltung findet nicht statt, und ein Ticket, das Sie einmal bezahlt haben, gilt nicht mehr. Das tut uns leid.',
      seller:
        'Die Veranstaltung findet nicht statt, und ein Ticket, das Sie einmal verkauft haben, wird dem Käufer erstattet.',
    },
    reason: {
      organizer: 'Der Veranstalter musste sie absagen.',
      performer: 'Die auftreten sollten, können nicht.',
      weather: 'Das Wetter lässt sie nicht zu.',
      safety: 'Sie wäre nicht sicher.',
      authorities: 'Die Behörden lassen sie nicht zu.',
      other: 'Mehr ist zum Grund nicht zu sagen.',
    },
  },
  shareTakenBack: (amount) =>
    `Sie haben es weiterverkauft: ${amount}, Ihr Anteil an diesem Verkauf, gehen an den Käufer zurück.`,
  revoked: {
    subject: (event) => `Ihr Ticket wurde eingezogen: ${event}`,
    intro: 'Ihr Ticket wurde eingezogen und gilt nicht mehr.',
    reason: {
      fraud: 'Es hat sich gezeigt, dass es nicht ehrlich zustande gekommen ist.',
      terms_violated: 'Die Bedingungen, unter denen es verkauft wurde, wurden nicht eingehalten.',
      chargeback: 'Eine Zahlung, die dafür geleistet wurde, wurde zurückgeholt.',
      admin_request: 'Der Veranstalter hat darum gebeten.',
    },
  },
  rescheduled: {
    subject: (event) => `Neuer Termin: ${event}`,
    intro:
      'Die Veranstaltung, für die Sie ein Ticket haben, findet zu einer anderen Zeit statt. Ihr Ticket gilt für den neuen Termin:',
    before: (time) => `Zuvor sollte sie sein: ${time}`,
    refundsUntil: (time) => `Können Sie nicht kommen, geben Sie das Ticket samt Gebühren bis ${time} zurück.`,
  },
}
