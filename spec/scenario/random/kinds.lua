--- What a random playbook may declare: for each kind its text, and how the account shows it. A thing
--- has a number `n` that nothing else has, `v` (raised by a change in place), `f` (raised by a change
--- that replaces) and what it uses by role.
local FILES = { "access", "data", "database", "network", "serving" }

---@class spec.random.Kind
---@field type string            as the playbook writes it
---@field uses table<string, string>?  role -> kind
---@field same table<string, string>?  role -> another role: both must use the same thing by that role
---@field after string?          a role that it comes after
---@field alone string[][]?      no two things of this kind may use the same by these roles
---@field holds table<string, true>?  roles by which it keeps what it uses from being deleted first
---@field fixed boolean?         nothing replaces it
---@field still boolean?         nothing changes it in place
---@field free boolean?          may be retained: nothing hinders what it used from going
---@field place string?          the collection of the account's inventory
---@field text fun(r, by): string      properties
---@field seen (fun(row): string?)?    what a row shows; nil for one that is not the playbook's
---@field want (fun(r, by): string)?
---@field beside boolean?        a new one may stand beside the old one
---@field ignorable string?      the property that `v` shows in, where it may be left to others
---@field gone string[]?         the call by which somebody else deletes it; {Member} stands for the row's
---@field touch string[]?        the call by which somebody else changes it
---@field counts boolean?       the account shows of it who uses it
---@field out string?           the attribute by which things of another stack may use it
---@field policy { text: string }?  a rule that mends what is declared; `want` knows whether it is in force
---@field copies string?        the collection of what stays of its data, when it goes
---@field copy (fun(r): string)?   what is seen of it there
---@field copied (fun(row): string?)?   what a row there shows
---@field id string?             its id for an import: "{Member}"
local K = {}

for _, file in ipairs(FILES) do
  for name, kind in pairs(require("spec.scenario.random.kinds." .. file)) do K[name] = kind end
end

return K
