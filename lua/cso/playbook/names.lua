--- What resources, steps and modules may be called. Addresses are made of these names, and every
--- resource bears its address as a tag: what a tag's value can't hold would be refused by AWS in the
--- middle of a run, and what it can't be found by could not be found again.
local evaluation = require("cso.playbook.evaluation")

local names = {}

local find = string.find

local MOSTLY = "^[%w_-]+$" -- what most names are

local rule = "letters, digits and . _ - + = : @ make a name"
-- A tag's value holds letters, digits and spaces of any script; these blocks have neither.
local no_letters = {
  { 0x80, 0xa9 }, { 0x2010, 0x206f }, { 0x2190, 0x2bff }, { 0xe000, 0xf8ff }, { 0xfe00, 0xfe0f },
  { 0x1f000, 0x1faff },
}
local longest = 256 -- characters in a tag's value

names.SHORT = longest -- bytes: no address of so many is too long

local function plain(name)
  if name:find("[%c%s!\"#$%%&'()*,/;<>?%[\\%]^`{|}~]") then return false end
  if not name:find("[\x80-\xff]") then return true end
  if not utf8.len(name) then return false end
  for _, code in utf8.codes(name) do
    for _, block in ipairs(no_letters) do
      if code >= block[1] and code <= block[2] then return false end
    end
  end
  return true
end

--- Raises when `name` can't be part of an address.
---@param name any
---@param what string  whose name: "EC2.VPC", "cso.step"
function names.check(name, what)
  if type(name) ~= "string" then
    evaluation.fail("name", ("%s needs a name: %s \"main\" { … }"):format(what, what))
  end
  if not find(name, MOSTLY) and (name == "" or not plain(name)) then
    evaluation.fail("name", ("%q is no name for %s"):format(name, what), { hint = rule })
  end
end

--- Whether `name` can be a module's place in addresses: a name without dots.
---@param name any
---@return boolean
function names.is_module(name)
  return type(name) == "string" and name ~= "" and not name:find(".", 1, true) and plain(name)
end

--- Why a thing of a type could not be declared under an address, or nil.
---@param address string   "net/EC2.VPC.main"
---@param type_name string  "AWS::EC2::VPC"
---@return string? why
function names.fault(address, type_name)
  local short = type_name:gsub("^AWS::", ""):gsub("^cso%.", ""):gsub("::", ".")
  local path, last = address:match("^(.*/)([^/]*)$")
  last = last or address
  local name = last:sub(1, #short + 1) == short .. "." and last:sub(#short + 2) or nil
  if not name then return ("it is of the type %s: %s%s.NAME"):format(short, path or "", short) end
  if name == "" or not plain(name) then return rule end
  for module in (path or ""):gmatch("([^/]*)/") do
    if not names.is_module(module) then return ("%q is no address for a module"):format(module) end
  end
  if (utf8.len(address) or #address) > longest then return ("it is longer than %d characters"):format(longest) end
end

--- Raises when an address is too long to be written on what it names.
---@param address string
---@param place { file: string, line: integer }?  of the declaration
function names.check_address(address, place)
  if (utf8.len(address) or #address) <= longest then return end
  evaluation.fail("name", ("the address %s is longer than %d characters"):format(address, longest),
    { where = evaluation.place(place), hint = "each resource bears its address as a tag; shorten its name or its modules'" })
end

return names
