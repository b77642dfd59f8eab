---@meta host.work

--- Each completes with { id, value } or { id, error = { code, message } }.
---@class host.work
local work = {}

---@param bits integer 2048 to 8192
---@return integer? id  value: PKCS#8 PEM
---@return table? err
function work.rsa_key(bits) end

---@param data string
---@return integer? id  value: one gzip member
---@return table? err
function work.gzip(data) end

return work
