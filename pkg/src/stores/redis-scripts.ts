/**
 * The steps of the Redis store: Lua scripts, each of which Redis runs with
 * nothing in between.
 *
 * A record is its version, when it expires, and its value, with spaces between.
 * Beside the records stand a counter, of which every write takes its version;
 * the sorted set of their keys, for listing; and that of the keys that expire,
 * by when, for sweeping.
 *
 * A script that fails leaves what it has written. So nothing here can fail once
 * something was written: Redis refuses for want of memory, disk or replicas
 * only at the first write.
 */

import { GRACE_SECONDS } from './store.js'

const LIVE = `
local function live(record, now)
  local version, expires = string.match(record or '', '^(%d+) (%d*) ')
  if version and (expires == '' or tonumber(expires) > now) then return version end
end`

/**
 * KEYS: counter, keys, keys that expire. ARGV: what record names begin with,
 * `now`, and the time before which what has expired may be removed; then for each
 * write key, expectation, expiry or nothing, `put` or `delete`, and value. Answers 1,
 * or 0 for a conflict.
 */
export const COMMIT = `${LIVE}
local counter, keys, expiring = KEYS[1], KEYS[2], KEYS[3]
local root, now, before, grace = ARGV[1], tonumber(ARGV[2]), ARGV[3], ${GRACE_SECONDS}

for at = 4, #ARGV, 5 do
  local key, expect = ARGV[at], ARGV[at + 1]
  if expect ~= 'any' then
    local version = live(redis.call('GET', root .. key), now)
    if expect ~= (version or 'absent') then return 0 end
  end
end

local function delete(key)
  redis.call('DEL', root .. key)
  redis.call('ZREM', keys, key)
  redis.call('ZREM', expiring, key)
end

for at = 4, #ARGV, 5 do
  local key, expires, what, value = ARGV[at], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4]
  if what == 'delete' then
    delete(key)
  else
    local version = string.format('%.0f', redis.call('INCR', counter))
    redis.call('SET', root .. key, version .. ' ' .. expires .. ' ' .. value)
    redis.call('ZADD', keys, 0, key)
    if expires == '' then
      redis.call('ZREM', expiring, key)
    else
      local left = math.min(math.max(math.ceil(expires - now), 0), 1e9)
      redis.call('EXPIRE', root .. key, left + grace)
      redis.call('ZADD', expiring, expires, key)
    end
  end
end

local swept = redis.call('ZRANGEBYSCORE', expiring, '-inf', before, 'LIMIT', 0, 100)
for _, key in ipairs(swept) do delete(key) end
return 1`

/**
 * KEYS: keys. ARGV: what record names begin with, `now`, where to begin and to
 * end, how many. Answers pairs of key and record.
 */
export const LIST = `${LIVE}
local keys = KEYS[1]
local root, now, low, high, limit = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4], tonumber(ARGV[5])
local found = {}
repeat
  local page = redis.call('ZRANGEBYLEX', keys, low, high, 'LIMIT', 0, limit)
  for _, key in ipairs(page) do
    local record = redis.call('GET', root .. key)
    if #found < limit and live(record, now) then found[#found + 1] = { key, record } end
    low = '(' .. key
  end
until #page < limit or #found == limit
return found`
