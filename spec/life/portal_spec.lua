-- The portal's smallest and largest environment on the simulated account: deployed, found
-- unchanged, changed by one figure, destroyed.
local life = require "spec.life.harness"

-- A figure and all that it changes.
local CHANGES = {
  { set = "rabbitmq_major=4", doings = { update = { "configuration/s3.Object.etc-cso.env" } } },
  { set = "database.backup_window=01:00-02:00", doings = { update = { "database/RDS.DBInstance.main" } } },
}

---@param name string       environment
---@param least integer     how many resources it has at least
---@param keeps string[]    what destroy leaves: a production database's last snapshot and the key that reads it
local function judge(name, least, keeps)
  life.within({ sim = {}, file = ("playbooks/%s.lua"):format(name) }, function(world)
    local program = world:load()
    local made = world:plan(program)
    local doings = life.doings(made)
    assert.is_true(#doings.create >= least, "too little is planned: " .. #doings.create)
    world:apply(program, made)
    world:settled(program, "after the creation")
    assert.equal(#doings.create, #world.store:resources())
    local sets = {}
    for _, change in ipairs(CHANGES) do
      sets[#sets + 1] = change.set
      world.load_opts.sets = sets
      program = world:load()
      made = world:plan(program)
      local got, text = life.doings(made)
      assert.same(change.doings, got, change.set .. " plans\n" .. text)
      world:apply(program, made)
      world:settled(program, "after " .. change.set)
    end
    made = world:plan(program, { destroy = true })
    world:apply(program, made)
    assert.same({}, world.store:resources())
    assert.same(keeps, life.inventory(world.simulator.dump()))
    assert.same({}, (life.doings(world:plan(program, { destroy = true }))))
    assert.is_nil(world.defect)
  end)
end

describe("the portal on the simulated account", function()
  it("lives as dev", function() judge("dev", 150, {}) end)
  it("lives as prod-ha", function() judge("prod-ha", 300,
    { "123456789012/eu-west-2/kms/Key: 1", "123456789012/eu-west-2/rds/DBSnapshot: 1" }) end)
end)

describe("the example three-tier.lua on the simulated account", function()
  it("lives, word for word", function()
    local dir = "spec/life/examples/"
    life.within({ sim = {}, file = dir .. "three-tier.lua", load = { env_file = dir .. "three-tier.yaml" } },
      function(world)
        local program = world:load()
        local result = world:apply(program, world:plan(program))
        assert.equal(3, result.outputs.servers)
        assert.match("^http://.*elb", result.outputs.url)
        world:settled(program, "after the creation")
        world.load_opts.sets = { "instances=4" }
        program = world:load()
        local made = world:plan(program)
        local got, text = life.doings(made)
        assert.same({ create = { "EC2.Instance.web-4" }, update = { "ElasticLoadBalancingV2.TargetGroup.web" },
          run = { "step.healthy" } }, got, text)
        world:apply(program, made)
        world:settled(program, "after one server more")
        world:destroy(program)
        assert.same({}, life.inventory(world.simulator.dump()))
      end)
  end)
end)
