// What the slot pool does in Redis, each as one step. Slots are `417/2`, number and edition.
//   free:    a sorted set by number: free when last read
//   tried:   a sorted set by time: a reading of the view counts for a slot only if it began after its time
//   reading: there while a process reads the view for a range
// The times are Redis's own, in milliseconds, so that the processes' clocks do not matter.

const NOW = `local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`

/** How long a slot that was suggested is not suggested again, should nobody tell what became of it. */
const QUIET_MS = 5_000

/** What was read longer ago is not believed: a Redis that was restored or cut off may have missed what was sold. */
const FRESH_MS = 30_000

/** The longest that a reading may take. */
const READING_MS = 10_000

/** free, tried; from, to, count, a random number below 1, the numbers that the order has: takes slots that lie together, from anywhere. */
export const TAKE = `${NOW}
local from, to, count = ARGV[1], ARGV[2], tonumber(ARGV[3])
local has = {}
for i = 5, #ARGV do has[ARGV[i]] = true end
local wanted = count + #ARGV - 4
local spare = redis.call('ZCOUNT', KEYS[1], from, to) - wanted
local skip = math.floor(math.max(0, spare + 1) * tonumber(ARGV[4]))
local taken = {}
for _, slot in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], from, to, 'LIMIT', skip, wanted)) do
  local number = string.match(slot, '^[^/]*')
  if #taken < count and not has[number] then
    has[number] = true
    redis.call('ZREM', KEYS[1], slot)
    redis.call('ZADD', KEYS[2], now + ${QUIET_MS}, slot)
    table.insert(taken, slot)
  end
end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - ${READING_MS})
redis.call('PEXPIRE', KEYS[2], ${QUIET_MS + READING_MS})
return taken`

/** free, tried; the slot */
export const TRIED = `${NOW}
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[2], now, ARGV[1])
redis.call('PEXPIRE', KEYS[2], ${QUIET_MS + READING_MS})`

/** free, tried; the slots, which were not tried */
export const GIVE_BACK = `for _, slot in ipairs(ARGV) do
  redis.call('ZREM', KEYS[2], slot)
  redis.call('ZADD', KEYS[1], string.match(slot, '^%d+'), slot)
end
if redis.call('PTTL', KEYS[1]) == -1 then redis.call('PEXPIRE', KEYS[1], ${FRESH_MS}) end`

/**
 * free, tried, reading; from, to, for how long others are kept from reading, whether to read at any rate: the time and how many
 * are being tried, or nothing where another process reads or has just done so.
 */
export const BEGIN = `${NOW}
local isNeeded = redis.call('EXISTS', KEYS[3]) == 0 and redis.call('ZCOUNT', KEYS[1], ARGV[1], ARGV[2]) == 0
if not isNeeded and ARGV[4] == '0' then return false end
redis.call('SET', KEYS[3], 1, 'PX', ARGV[3])
return { now, redis.call('ZCOUNT', KEYS[2], now, '+inf') }`

/** free, tried, reading; when the reading began, from, to, what it found: that and nothing else is free there. */
export const FILL = `${NOW}
local began = tonumber(ARGV[1])
redis.call('DEL', KEYS[3])
if now - began > ${READING_MS} then return end
redis.call('ZREMRANGEBYSCORE', KEYS[1], ARGV[2], ARGV[3])
for i = 4, #ARGV do
  local tried = redis.call('ZSCORE', KEYS[2], ARGV[i])
  if not tried or tonumber(tried) < began then
    redis.call('ZADD', KEYS[1], string.match(ARGV[i], '^%d+'), ARGV[i])
  end
end
redis.call('PEXPIRE', KEYS[1], ${FRESH_MS})`

export const FORGET = `redis.call('UNLINK', unpack(KEYS))`
