--- What stays while its successor is made is remembered beside it, under a name of its own. Names of
--- playbooks hold no tilde, so nobody declares such a name.
local beside = {}

--- What an interrupted run came to make beside what an address names.
beside.PENDING = "pending"

---@param address string
---@param id string       of the thing that has to make room, or beside.PENDING
---@return string
function beside.address(address, id) return address .. "~" .. id end

--- Whose place a thing had, or nil when the address is nobody's second name.
---@param address string
---@return string?
function beside.base(address) return address:match "^(.-)~" end

--- Whether the old thing goes only when the new one works.
---@param node { action: string, replace_order: string? }
---@return boolean
function beside.stays(node) return node.action == "replace" and node.replace_order == "create_first" end

return beside
