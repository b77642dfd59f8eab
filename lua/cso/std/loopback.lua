--- Names and addresses that lead to this machine, whatever a name server says.
local NAMES = { ["localhost"] = true, ["[::1]"] = true, ["::1"] = true }

---@param host string  a name or an address, with or without a port
---@return boolean
return function(host)
  host = host:lower()
  if NAMES[host] then return true end
  host = host:gsub(":%d*$", "")
  return NAMES[host] or host:find("^127%.%d+%.%d+%.%d+$") ~= nil or host:find("%.localhost$") ~= nil
end
