import { describe, expect, it } from 'vitest'
import { closingFrauds } from './closing-frauds.world.ts'
import { frauds } from './frauds.world.ts'
import { invariants, judge } from './invariants.ts'
import { marketFrauds } from './market-frauds.world.ts'
import { type Doctored, soundStory } from './story.world.ts'

const all = [...frauds, ...marketFrauds, ...closingFrauds]

const brokenBy = (story: Doctored): string[] =>
  judge(story)
    .filter(({ findings }) => findings.length > 0)
    .map(({ invariant }) => invariant)

describe('the invariants', () => {
  it('all hold of a sound story', () => expect(brokenBy(soundStory())).toEqual([]))

  it.each(all)('$breaks: not where $so', ({ breaks, doctor }) => {
    const story = soundStory()
    doctor(story)
    expect(brokenBy(story)).toContain(breaks)
  })

  it('each can be broken', () =>
    expect(new Set(all.map(({ breaks }) => breaks))).toEqual(new Set(invariants.map(({ name }) => name))))
})
