-- Over all lives, and so over all kinds: what is deleted behind our back is planned again, and the calls that
-- a plan foretells are the calls that are made.
local calls = require "cso.kind.calls"
local foretold = require "cso.cmd.foretold"
local handle = require "cso.kind.handle"
local kinds = require "cso.kind"
local life = require "spec.life.harness"
local places = require "cso.import.places"
local rehearsal = require "cso.cmd.rehearsal"
local task = require "cso.task"

local cases = require "spec.life.cases"()

--- Deletes a thing as somebody else would: by its kind, but past the state.
local function delete_outside(world, record)
  local K = assert(kinds.recorded(record))
  local r = handle.new { kind = K, address = record.address, type = record.type, id = record.id, record = record,
    target = record.target or {}, desired = record.declared, attributes = record.attributes, stack = "other", own = {},
    invoke = calls.plain(world.session), sleep = function() task.sleep(0.002) end,
    now = function() return task.now() * 300 end, session = world.session, action = "delete", current = record.attributes }
  local ok, e = K:delete(r)
  assert(ok, e and ("%s: %s"):format(record.address, e.message))
end

--- Users before what they use.
local function from_the_ends(records)
  local out, done = {}, {}
  local function visit(record)
    if done[record.address] then return end
    done[record.address] = true
    for _, other in ipairs(records) do
      for _, need in ipairs(other.depends or {}) do
        if need == record.address then visit(other) end
      end
    end
    out[#out + 1] = record
  end
  for _, record in ipairs(records) do visit(record) end
  return out
end

local function action_of(made, address)
  for _, a in ipairs(made.actions) do
    if a.address == address then return a end
  end
end

describe("deleted behind our back", function()
  local seen = {}

  for _, case in ipairs(cases) do
    it(case.name .. ", each thing is planned again", function()
      life.within({ sim = {} }, function(world)
        local program = world:load(case.playbook)
        world:apply(program, world:plan(program))
        for _, record in ipairs(from_the_ends(world.store:resources())) do
          local K = kinds.recorded(record)
          if K.spec.service ~= "local" then
            delete_outside(world, record)
            local a = action_of(world:plan(program), record.address)
            assert.equal("create", a and a.action, record.address)
            assert.match("deleted outside", table.concat(a.reasons, " "), record.address)
            seen[record.type] = true
          end
        end
        -- A private key that nothing keeps is gone with the state's knowledge of it.
        if case.playbook:find("cso.acm.Import", 1, true) then return end
        -- What is made anew is all that there was.
        world:apply(program, world:plan(program))
        world:settled(program, "after all was made anew")
      end)
    end)
  end

  it("every kind was among them", function()
    local missing = {}
    for type_name in pairs(places.kinds) do
      if not seen[type_name] then missing[#missing + 1] = type_name end
    end
    table.sort(missing)
    assert.same({}, missing)
  end)
end)

describe("the calls that a plan foretells", function()
  local counted = { told = 0, open = {} }

  --- Mutating calls that succeeded, by address, in their order.
  local function made_calls(world, run)
    local out = {}
    for _, row in ipairs(world.store:calls_of(run)) do
      if row.outcome == "done" then
        out[row.address] = out[row.address] or {}
        table.insert(out[row.address], row.operation)
      end
    end
    return out
  end

  local function judge(world, program, made, when)
    local told = {}
    for _, a in ipairs(made.actions) do told[a.address] = { list = {}, open = false } end
    local foretold_calls = foretold.of(made, function()
      return assert(rehearsal.of { plan = made, program = program, session = world.session, store = world.store })
    end)
    for _, call in ipairs(foretold_calls) do
      if call.operation then
        table.insert(told[call.address].list, call.operation)
      else
        told[call.address].open = true
      end
    end
    local result = world:apply(program, made)
    local really = made_calls(world, result.run)
    for address, one in pairs(told) do
      local list = really[address] or {}
      if one.open then
        counted.open[#counted.open + 1] = when .. " " .. address
        local at = {}
        for _, operation in ipairs(list) do at[operation] = true end
        for _, operation in ipairs(one.list) do
          assert.is_true(at[operation] == true, ("%s %s: %s was foretold and not made"):format(when, address, operation))
        end
      else
        counted.told = counted.told + 1
        table.sort(one.list)
        table.sort(list)
        assert.same(one.list, list, when .. " " .. address)
      end
    end
  end

  for _, case in ipairs(cases) do
    it("of " .. case.name .. " are those that are made", function()
      life.within({ sim = {} }, function(world)
        local text = case.playbook
        local program = world:load(text)
        judge(world, program, world:plan(program), "at the creation:")
        for _, edit in ipairs(case.edits or {}) do
          local from, to = text:find(edit.from, 1, true)
          text = text:sub(1, from - 1) .. edit.to .. text:sub(to + 1)
          program = world:load(text)
          judge(world, program, world:plan(program), edit.to .. ":")
        end
        judge(world, program, world:plan(program, { destroy = true }), "at the destruction:")
      end)
    end)
  end

  it("are told to the last one", function()
    assert.same({}, counted.open)
    assert.is_true(counted.told > 500, counted.told .. " told")
  end)
end)
