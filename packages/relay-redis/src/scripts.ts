/**
 * What Redis does in one step, each script for one kind of call: nobody sees half of it. They name keys that are no `KEYS` of
 * theirs: one Redis with its replicas, and no cluster.
 *
 * What stands under a key may be anybody's: of a value no more is read than its form has, and what has another form counts as nothing.
 */

/**
 * A node listens, or has left. KEYS: the names. ARGV: channel, instance, seconds, here or not, then the owner of each name.
 * A value is the owner's 16 bytes and the URL of the instance; without one the name is kept for its owner.
 */
export const PRESENCE = `
local channel, instance, seconds, here = ARGV[1], ARGV[2], ARGV[3], ARGV[4] == '1'
local kept = {}
for i, key in ipairs(KEYS) do
  local owner, value = ARGV[4 + i], redis.call('GETRANGE', key, 0, 528)
  local length = #value
  local known = length >= 16 and length <= 528
  local url = known and string.sub(value, 17) or ''
  local other = url ~= '' and url ~= instance
  if known and string.sub(value, 1, 16) ~= owner then
    if here and other then redis.call('PUBLISH', channel .. url, 'c' .. string.sub(key, -32)) end
    kept[i] = 0
  else
    if here then
      redis.call('SET', key, owner .. instance, 'EX', seconds)
      if other then redis.call('PUBLISH', channel .. url, 'm' .. string.sub(key, -32)) end
    elseif url == instance then
      redis.call('SET', key, owner, 'EX', seconds)
    end
    kept[i] = 1
  end
end
return kept`

/**
 * A record. KEYS: the topic, a sorted set of its slots by the time at which each was refreshed; the record; what its address
 * has. ARGV: slot, seconds, blob, address, most of an address, again or not, what records' keys begin with, what addresses' do.
 * A value is the length of the address, the address, and the blob. No relay has listed more than 64 slots of a topic: such a one is
 * taken away unread.
 */
export const RECORD = `
local topic, key = KEYS[1], KEYS[2]
local slot, seconds, blob, address, most, again = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4], tonumber(ARGV[5]), ARGV[6] == '1'
local records, addresses = ARGV[7], ARGV[8]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function addressOf(each)
  local head = redis.call('GETRANGE', each, 0, 255)
  return head ~= '' and string.sub(head, 2, 1 + string.byte(head)) or nil
end
local function remove(each)
  local of = addressOf(records .. each)
  if of and of ~= '' then redis.call('ZREM', addresses .. of, each) end
  redis.call('ZREM', topic, each)
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
    redis.call('ZREMRANGEBYSCORE', addresses .. address, '-inf', now)
    if redis.call('ZCARD', addresses .. address) >= most then return 0 end
  end
  local listed = redis.call('ZCARD', topic)
  if listed > 64 then redis.call('UNLINK', topic) end
  if listed == 64 then
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
    if live >= 64 then
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
  redis.call('ZREM', addresses .. before, slot)
end
redis.call('SET', key, string.char(#address) .. address .. blob, 'EX', seconds)
redis.call('ZADD', topic, time[1] * 1000000 + time[2], slot)
redis.call('EXPIRE', topic, 300)
if address ~= '' then
  redis.call('ZADD', addresses .. address, now + seconds * 1000, slot)
  redis.call('EXPIRE', addresses .. address, 300)
end
return 1`

/** The records of a topic: slot, value, slot, value. KEYS: the topic. ARGV: what records' keys begin with. */
export const MEMBERS = `
local found = {}
for _, slot in ipairs(redis.call('ZRANGE', KEYS[1], 0, 63)) do
  local value = #slot == 16 and redis.call('GETRANGE', ARGV[1] .. slot, 0, 1279) or ''
  if value ~= '' then
    found[#found + 1] = slot
    found[#found + 1] = value
  end
end
return found`

/** A share of an address. KEYS: those it has, a sorted set by the time at which each ends. ARGV: member, seconds, most. */
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
