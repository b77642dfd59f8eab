--- Words that all random kinds share.
local words = {}

local function tag(row, key)
  for _, t in ipairs(row.Tags or {}) do
    if t.Key == key then return t.Value end
  end
  return nil
end

--- Things that bear tags are told apart by them; the account's own (default groups …) have none.
---@return string?
function words.tagged(row) return tag(row, "Mark") end

---@return string
function words.mark(r) return ("Tags = { Mark = \"%d/%d\" }"):format(r.n, r.v) end
function words.marked(r) return ("%d/%d"):format(r.n, r.v) end

--- A name that changes with what replaces.
---@param prefix string
---@return fun(r: spec.random.Thing): string
function words.named(prefix) return function(r) return ("%s-%d-%d"):format(prefix, r.n, r.f) end end

---@return integer
function words.port(r) return 1000 + r.n * 20 + r.v % 20 end

---@return string
function words.zone(f) return f % 2 == 0 and "eu-west-2a" or "eu-west-2b" end

--- How somebody else deletes and changes a thing of EC2 that bears tags.
---@param id string    the member of the row that names it
---@param call string  the operation that deletes it
---@return string[] gone, string[] touch
function words.by_hand(id, call)
  return { "ec2." .. call, ("%s={%s}"):format(id, id) },
    { "ec2.CreateTags", ("Resources={%s}"):format(id), "Tags.0.Key=Mark", "Tags.0.Value=other" }
end

---@return string
function words.action(r) return r.v % 2 == 0 and "s3:GetObject" or "s3:PutObject" end

return words
