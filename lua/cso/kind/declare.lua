--- Makes a kind from its data. A kind says which operations a type's life consists of; what its
--- properties are, the catalogue already knows.
---
---   return kind "AWS::EC2::Subnet" {
---     service = "ec2", tag_type = "subnet",
---     create = { "CreateSubnet", take = "Subnet", tags = "TagSpecifications" },
---     read   = { "DescribeSubnets", filter = "subnet-id", list = "Subnets[]", key = "SubnetId" },
---     update = { MapPublicIpOnLaunch = { "ModifySubnetAttribute", wrap = "Value" } },
---     delete = { "DeleteSubnet", retry = { "DependencyViolation" } },
---     ready  = { state = "State", ok = { "available" } },
---     seconds = { create = 2 },
---   }
local lazy = require "cso.std.lazy"
local deep = require "cso.std.deep"
local catalogue = require "cso.std.catalogue"
local covers = require "cso.kind.covers"
local err = require "cso.std.err"
local find = lazy "cso.kind.find"
local read = require "cso.kind.read"
local write = lazy "cso.kind.write"

---@class cso.KindSpec
---@field service string        botocore's name of the service
---@field id string?            the attribute that names it; the catalogue's primary identifier unless told
---@field name table?           { "Property", max=, lower=, shared=, within= }: a name is made when none is declared; several may share it; it is unique within that property
---@field create table|function { "Op", take=, id=, tags=, tag_type=, token=, rename=, skip=, only=, later=, handles=, with= }
---@field read table|function   { "Op", by=|filter=|params=, take=|list=, key=, batch=, gone=, gone_when=, failed_when=, failed_why=, rename=, tags=, shape= }
---   failed_when: { Field = {states} } that nothing leads out of and that hold nobody's data: it is made anew
---@field recall function?      (declared, attributes) -> model: it lives in the state alone, so nobody has to be asked
---@field update table|function { Property = { "Op", by=, wrap=, with= } | fn, { "Op", props=, always=, with= } }
---@field delete table|function { "Op", by=, gone=, retry=, with=, expect=, users= }
---@field ready table|function? { state=, ok=, bad=, reason= }
---@field set_tags function?    (r, current, wanted): how its tags are changed where the service's own way is another one,
---  or where the type declares no tags
---@field resume function?      (r, begun): brings it out of what an interrupted change was passing through
---@field gone boolean?         delete waits until a read finds nothing
---@field use "exists"|"ready"? when dependants may start: as soon as it exists, unless told
---@field find function?        (r) -> id: how an orphan of ours is found
---@field puts boolean?         the creating call overwrites what stands there: look first whose that is
---@field natural function?     (r) -> id: the id that follows from the properties alone
---@field claims string[]?      properties that, taken together, only one thing can have at a time
---@field sets string[]?        list properties whose order means nothing (dotted paths for nested)
---@field same table?           property -> fn(want, have, r): when the two mean the same
---@field defaults table?       property -> what it goes back to when no longer declared
---@field back table?          property that lists keys and values -> key -> what its value is at first, or fn(desired)
---@field write_only string[]?  properties that a read never shows
---@field keeps string?         the property under which this kind keeps a secret for csorun
---@field fetch function?       (r) -> the secret kept there
---@field earlier function?     (r) -> iterator: what `fetch` gives and gave before it was changed, the latest first;
---  the present one is among them, since it may be changed meanwhile
---@field recover table?        { can = (r) -> boolean, take = (r) }: r.id was deleted, is ours and may be had again; it is
---  taken back as it was
---@field restore table?       { from = (r) -> name?, create = operation, same = attribute }: `retain = "snapshot"` leaves a last
---  copy of what is in it, by which it is made again with `r.restores.from`; `same` tells those with one id apart
---@field volatile string[]?    attributes that an update changes
---@field replace string[]?     further properties whose change replaces
---@field replace_when table?   property -> fn(want, have, node): why this very change replaces, or nil
---@field removes string[]|"all"? properties that are taken away when no longer declared, having no default
---@field fixed string[]?       with `update` as a function: properties that it can't change
---@field stateful string|false? what goes for good when it is deleted, where the catalogue does not know it
---@field never table?          property -> fn(after, before) -> text?: why the service never makes this change
---@field inside table?         { type=, by=, property=, key=fn }: it can be declared as an entry of another's property
---@field one_way table?        property -> text, or fn(after, before) -> text?: why a change can't be taken back
---@field create_first boolean? a replacement may stand beside the old one
---@field flags string[]?        properties that only go with calls: they are no part of a thing, so they change and
---  replace nothing; write_only as well
---@field protection table?     { property=, on=, off=, key= }: how the service itself protects from deletion
---@field more string?        it gives others what only one can have: how there comes to be more of that
---@field foretell table?        moment -> fn(properties) -> operations that it calls beside those named here
---@field seconds table?        { create=, update=, delete= }: usual durations

local fields = {}
for name in ([[service id name create read update delete ready gone use find natural sets same defaults
  write_only keeps fetch earlier recover volatile replace fixed create_first seconds handles tag_type tag_id tag_extra set_tags
  describe check prepare protection foretell replace_when removes stateful one_way never puts claims inside
  recall resume more flags restore back]]):gmatch("%S+") do
  fields[name] = true
end

---@class cso.Kind
---@field type string
---@field spec cso.KindSpec
---@field schema table          the catalogue's type
---@field id_name string
---@field tag_property string?  "Tags" where the type takes tags
local Kind = {}
Kind.__index = Kind

--- Runs a moment of a kind; what the kind raises comes back as a value.
local function guarded(fn, ...)
  local ok, a = pcall(fn, ...)
  if ok then return a == nil and true or a end
  return nil, err.wrap(a)
end

--- Reads one resource: its model, false when it is gone, or nil and an error.
function Kind:read(r)
  local ok, model = pcall(read.one, self, r)
  if not ok then return nil, err.wrap(model) end
  return model or false
end

function Kind:batched() return read.batched(self) end

--- Reads many; see read.many.
function Kind:read_many(list) return guarded(read.many, self, list) end

--- Creates it: afterwards it exists and r.id is set.
function Kind:create(r) return guarded(write.create, self, r) end

--- Sets what creation could not; the resource exists already.
function Kind:finish(r) return guarded(write.finish, self, r) end

--- Takes back what was deleted; it may be there already.
function Kind:recover(r) return guarded(self.spec.recover.take, r) end

--- Waits until it works.
function Kind:ready(r) return guarded(write.ready, self, r) end

--- Changes properties in place.
function Kind:update(r, properties) return guarded(write.update, self, r, properties) end

--- Changes the tags of a thing whose type declares none and whose service keeps some all the same.
---@param r cso.Handle
---@param current table<string, string>
---@param wanted table<string, string>
function Kind:set_tags(r, current, wanted) return guarded(self.spec.set_tags, r, current, wanted) end

--- Brings it back out of what an interrupted change was passing through.
---@param r cso.Handle
---@param begun { operation: string, outcome: string? }[]   the calls of that change, oldest first
function Kind:resume(r, begun)
  if not self.spec.resume then return true end
  return guarded(self.spec.resume, r, begun)
end

--- Deletes it; already gone counts as done.
function Kind:delete(r) return guarded(write.delete, self, r) end

--- The id of a resource that an interrupted creation of ours left behind; false when there is none.
--- What it would stand in may be gone; then it is gone too.
function Kind:find(r)
  local ok, id = pcall(find.one, self, r)
  if not ok then
    local e = err.wrap(id)
    if not read.is_gone(e) then return nil, e end
    id = nil
  end
  return id and id ~= r.avoid and not (r.others and r.others[id]) and id or false
end

--- Whether the creating call itself takes a property; the others are set right after it.
function Kind:creates_with(property) return covers.creates_with(self, property) end

--- What of the properties of a creation that nobody saw the end of is surely set, now that its thing is found. One
--- that makes several calls may have been cut off between them: of what can still be changed, nothing is known.
---@param desired table   what it was made with
---@return table
function Kind:set_surely(desired)
  local set, many = {}, type(self.spec.create) == "function"
  for property, v in pairs(desired) do
    if self:creates_with(property) and not (many and not self:replaces(property, v)) then set[property] = v end
  end
  return set
end

--- Whether the kind's own operations handle a property.
function Kind:covers(property)
  local known = self.covered[property]
  if known == nil then
    known = covers.any(self, property)
    self.covered[property] = known
  end
  return known
end

--- Why a change of this property needs a new resource, or nil.
---@param property string
---@param want any?    with the values the answer may depend on them
---@param have any?
---@param node table?
---@return string?
function Kind:replaces(property, want, have, node)
  local P = self.schema.properties[property]
  if deep.contains(self.spec.replace, property) then return "can't be changed in place" end
  if self.flags and self.flags[property] then return nil end
  -- CloudFormation replaces a few types for their tags, which their services change in place.
  if self.native and property == self.tag_property then return nil end
  if P and P.replace == "always" then return "can't be changed in place" end
  if not covers.can_update(self, property) then return "has no update operation" end
  local when = self.spec.replace_when and self.spec.replace_when[property]
  return when and node and when(want, have, node) or nil
end

--- Whether a property that is no longer declared is to be taken away.
function Kind:removes(property)
  local removes = self.spec.removes
  if removes == "all" then return not self:replaces(property) end
  return deep.contains(removes, property)
end

--- What a property goes back to when it is no longer declared.
function Kind.default_of(self, property)
  local own = self.spec.defaults and self.spec.defaults[property]
  if own ~= nil then return own end
  local P = self.schema.properties[property]
  return P and P.default
end

local function make(type_name, spec)
  for name in pairs(spec) do
    if type(name) == "string" and not fields[name] then
      error(("%s: a kind has no field %q"):format(type_name, name), 3)
    end
  end
  local schema = spec.describe or assert(catalogue.type(type_name))
  local K = setmetatable({ type = type_name, spec = spec, schema = schema, native = true, covered = {} }, Kind)
  K.id_name = spec.id or (schema.id and schema.id[1])
  K.tag_property = schema.tags and schema.tags.property or nil
  K.tag_type = spec.tag_type
  K.tag_id = spec.tag_id or function(r) return r.id end
  K.tag_extra = spec.tag_extra
  K.hidden, K.unordered = deep.index(spec.write_only), { sets = deep.index(spec.sets) }
  K.flags = spec.flags and deep.index(spec.flags)
  K.default = function(property) return K:default_of(property) end
  K.model = function() return assert(catalogue.service(spec.service)) end
  return K
end

--- kind "AWS::EC2::VPC" { … }
---@param type_name string
---@return fun(spec: cso.KindSpec): cso.Kind
return function(type_name)
  return function(spec) return make(type_name, spec) end
end
