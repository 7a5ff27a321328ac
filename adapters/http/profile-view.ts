import { z } from 'zod'

const Locale = z.string().max(35).refine(isLocale, 'is not a language such as de or pt-BR')

/** What people tell of themselves, and are told. */
export const ProfileView = z.object({
  name: z.string().trim().min(1).max(200),
  email: z.email().max(254).nullable().default(null),
  locale: Locale.optional().describe(
    'The language to write to them in, as BCP 47 names it: de or pt-BR. Without it, English.',
  ),
})

function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1
  } catch {
    return false
  }
}
