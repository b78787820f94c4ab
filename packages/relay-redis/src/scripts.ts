import { STORE_SIZES } from '@stt/relay'

const { owner: OWNER, url: LONGEST_URL, slot: SLOT, members: TOPIC, mailbox: MAILBOX } = STORE_SIZES

/** The longest time for which a record is kept, in seconds. */
const LONGEST = 300

/** The longest value of a name, in bytes: its owner, and the URL of an instance. */
export const MOST_PRESENCE: number = OWNER + LONGEST_URL

/** The longest value of a record, in bytes: the length of an address, the address, and the blob. */
export const MOST_RECORD: number = 1 + 255 + Math.max(...STORE_SIZES.blobs)

/*
 * Each script is one kind of call, which Redis does in one step. They use keys that their KEYS do not name, so they need one Redis
 * with its replicas, and no cluster.
 *
 * Other programs may have written a value. A script reads no more of a value than its form allows, and ignores one of another form
 * or type, so such a value affects only its own key.
 */

/** Gives nil where the value is of another type; every other error ends the script. */
const TRY = `
local function try(...)
  local answer = redis.pcall(...)
  if type(answer) ~= 'table' or not answer.err then return answer end
  if string.sub(answer.err, 1, 9) ~= 'WRONGTYPE' then error(answer) end
end`

/** Adds to a sorted set, which takes the place of a value of another type. */
const ADD = `
local function add(key, score, member)
  if try('ZADD', key, score, member) then return end
  redis.call('UNLINK', key)
  redis.call('ZADD', key, score, member)
end`

/**
 * Keeps where a node listens, or that it has left. KEYS: the names. ARGV: channel, instance, seconds, whether it listens, then the
 * owner of each name. A value is the owner's 16 bytes and the URL of the instance; without a URL it reserves the name.
 */
export const PRESENCE: string = `${TRY}
local channel, instance, seconds, here = ARGV[1], ARGV[2], ARGV[3], ARGV[4] == '1'
local kept = {}
for i, key in ipairs(KEYS) do
  local owner, value = ARGV[4 + i], try('GETRANGE', key, 0, ${MOST_PRESENCE}) or ''
  local length = #value
  local known = length >= ${OWNER} and length <= ${MOST_PRESENCE}
  local url = known and string.sub(value, ${OWNER + 1}) or ''
  local other = url ~= '' and url ~= instance
  if known and string.sub(value, 1, ${OWNER}) ~= owner then
    if here and other then redis.call('PUBLISH', channel .. url, 'c' .. string.sub(key, -${MAILBOX})) end
    kept[i] = 0
  else
    if here then
      redis.call('SET', key, owner .. instance, 'EX', seconds)
      if other then redis.call('PUBLISH', channel .. url, 'm' .. string.sub(key, -${MAILBOX})) end
    elseif url == instance then
      redis.call('SET', key, owner, 'EX', seconds)
    end
    kept[i] = 1
  end
end
return kept`

/**
 * Keeps or removes a record. KEYS: the topic, a sorted set of its slots by the time at which each was refreshed; the record.
 * ARGV: slot, seconds, blob, address, most records of an address, whether it is put again, prefix of records' keys, prefix of
 * addresses' keys. A value is the length of the address, the address, and the blob. A relay lists at most 64 slots of a topic, so
 * a topic with more is removed unread.
 */
export const RECORD: string = `${TRY}${ADD}
local topic, key = KEYS[1], KEYS[2]
local slot, seconds, blob, address, most, again = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4], tonumber(ARGV[5]), ARGV[6] == '1'
local records, addresses = ARGV[7], ARGV[8]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function addressOf(each)
  local head = try('GETRANGE', each, 0, 255)
  return head and head ~= '' and string.sub(head, 2, 1 + string.byte(head)) or nil
end
local function remove(each)
  local of = addressOf(records .. each)
  if of and of ~= '' then try('ZREM', addresses .. of, each) end
  try('ZREM', topic, each)
  redis.call('DEL', records .. each)
end
if seconds == 0 then
  remove(slot)
  return 1
end
local before = addressOf(key)
if before and again then return 1 end
if not before then
  if address ~= '' then
    try('ZREMRANGEBYSCORE', addresses .. address, '-inf', now)
    if (try('ZCARD', addresses .. address) or 0) >= most then return 0 end
  end
  local listed = try('ZCARD', topic) or 0
  if listed > ${TOPIC} then redis.call('UNLINK', topic) end
  if listed == ${TOPIC} then
    local counts, held, live = {}, {}, 0
    for _, each in ipairs(redis.call('ZRANGE', topic, 0, -1)) do
      local of = addressOf(records .. each)
      if of == nil then
        redis.call('ZREM', topic, each)
      else
        live = live + 1
        held[live] = { each, of }
        if of ~= '' then counts[of] = (counts[of] or 0) + 1 end
      end
    end
    if live >= ${TOPIC} then
      if address == '' then return 0 end
      local many, victim
      for _, each in ipairs(held) do
        if each[2] ~= '' and (many == nil or counts[each[2]] > counts[many]) then many, victim = each[2], each[1] end
      end
      if many == nil or counts[many] <= (counts[address] or 0) + 1 then return 0 end
      remove(victim)
    end
  end
elseif before ~= '' and before ~= address then
  try('ZREM', addresses .. before, slot)
end
redis.call('SET', key, string.char(#address) .. address .. blob, 'EX', seconds)
add(topic, time[1] * 1000000 + time[2], slot)
redis.call('EXPIRE', topic, ${LONGEST})
if address ~= '' then
  add(addresses .. address, now + seconds * 1000, slot)
  redis.call('EXPIRE', addresses .. address, ${LONGEST})
end
return 1`

/** Gives the records of a topic: slot, value, slot, value. KEYS: the topic. ARGV: prefix of records' keys. */
export const MEMBERS: string = `${TRY}
local found = {}
for _, slot in ipairs(redis.call('ZRANGE', KEYS[1], 0, ${TOPIC - 1})) do
  local value = #slot == ${SLOT} and try('GETRANGE', ARGV[1] .. slot, 0, ${MOST_RECORD}) or ''
  if value ~= '' then
    found[#found + 1] = slot
    found[#found + 1] = value
  end
end
return found`

/** Counts a share of an address. KEYS: its shares, a sorted set by the time at which each expires. ARGV: member, seconds, most. */
export const COUNT = `
local key, member, seconds, most = KEYS[1], ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
if seconds == 0 then
  redis.call('ZREM', key, member)
elseif not redis.call('ZSCORE', key, member) and redis.call('ZCARD', key) >= most then
  return redis.call('ZCARD', key) + 1
else
  redis.call('ZADD', key, now + seconds * 1000, member)
  redis.call('EXPIRE', key, seconds)
end
return redis.call('ZCARD', key)`
