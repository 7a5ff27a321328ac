/** What a mail says, before it is text or HTML. */
export type Letter = {
  readonly subject: string
  /** One after the other. */
  readonly parts: readonly Part[]
}

export type Part =
  | { readonly kind: 'paragraph' | 'heading' | 'small' | 'code'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly url: string }
  | { readonly kind: 'sums'; readonly rows: readonly Row[] }

/** What something comes to, as people read it. */
export type Row = { readonly label: string; readonly amount: string; readonly strong?: boolean }

export const paragraph = (text: string): Part => ({ kind: 'paragraph', text })

export const textOf = ({ parts }: Letter): string => `${parts.map(partAsText).join('\n\n')}\n`

/** A whole document. Nothing in it is fetched from anywhere. */
export const htmlOf = ({ subject, parts }: Letter, language: string): string =>
  [
    '<!doctype html>',
    `<html lang="${escaped(language)}"><head><meta charset="utf-8"><title>${escaped(subject)}</title></head>`,
    '<body style="font-family: sans-serif; line-height: 1.5; max-width: 36em; margin: 1em auto; padding: 0 1em">',
    ...parts.map(partAsHtml),
    '</body></html>',
  ].join('\n')

const partAsText = (part: Part): string => {
  switch (part.kind) {
    case 'paragraph':
    case 'heading':
    case 'small':
    case 'code':
      return part.text
    case 'link':
      return `${part.text}\n${part.url}`
    case 'sums':
      return part.rows.map(({ label, amount }) => `${label}: ${amount}`).join('\n')
  }
}

const partAsHtml = (part: Part): string => {
  switch (part.kind) {
    case 'paragraph':
      return `<p>${escaped(part.text)}</p>`
    case 'heading':
      return `<h1 style="font-size: 1.3em">${escaped(part.text)}</h1>`
    case 'small':
      return `<p style="color: #666; font-size: 0.85em">${escaped(part.text)}</p>`
    case 'code':
      return `<p style="font-family: monospace; font-size: 1.5em; letter-spacing: 0.1em">${escaped(part.text)}</p>`
    case 'link':
      return `<p><a href="${escaped(part.url)}">${escaped(part.text)}</a></p>`
    case 'sums':
      return `<table style="border-spacing: 0 0.3em">${part.rows.map(rowAsHtml).join('')}</table>`
  }
}

const rowAsHtml = ({ label, amount, strong }: Row): string => {
  const style = strong ? ' style="font-weight: bold"' : ''
  return `<tr${style}><td>${escaped(label)}</td><td style="padding-left: 2em; text-align: right">${escaped(amount)}</td></tr>`
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escaped = (value: string): string =>
  value.replace(/[&<>"']/g, (character) => ENTITIES[character]!).replaceAll('\n', '<br>')
