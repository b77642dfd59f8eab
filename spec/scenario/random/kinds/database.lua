--- Databases whose passwords csorun makes, each in a network of its own.
local words = require "spec.scenario.random.kinds.words"

local named = words.named

local group, database, text = named "random-group", named "random-db", named "/random/password"

local K = {}

-- The network is a part of the group: nothing else stands in it, and its rows bear no mark.
K.group_of_subnets = { type = "aws.RDS.DBSubnetGroup", place = "rds/DBSubnetGroup", fixed = true,
  text = function(r)
    return ([[DBSubnetGroupName = %q, DBSubnetGroupDescription = "d%d", SubnetIds = (function()
    local net = aws.EC2.VPC "net-%d" { CidrBlock = "172.16.0.0/16" }
    return { aws.EC2.Subnet "net-%d-a" { VpcId = net, AvailabilityZone = "eu-west-2a", CidrBlock = "172.16.0.0/24" },
      aws.EC2.Subnet "net-%d-b" { VpcId = net, AvailabilityZone = "eu-west-2b", CidrBlock = "172.16.1.0/24" } }
  end)()]]):format(group(r), r.v, r.n, r.n, r.n)
  end,
  seen = function(row) return row.DBSubnetGroupName .. " " .. row.DBSubnetGroupDescription end,
  want = function(r) return group(r) .. " d" .. r.v end }

local function database_of(uses, more)
  local kind = { type = "aws.RDS.DBInstance", uses = uses, holds = { group = true }, place = "rds/DBInstance",
    gone = { "rds.DeleteDBInstance", "DBInstanceIdentifier={DBInstanceIdentifier}", "SkipFinalSnapshot=true" },
    touch = { "rds.ModifyDBInstance", "DBInstanceIdentifier={DBInstanceIdentifier}", "BackupRetentionPeriod=30",
      "ApplyImmediately=true" },
    text = function(r, by)
      return ([[DBInstanceIdentifier = %q, Engine = "mysql", DBInstanceClass = "db.t3.medium", AllocatedStorage = "20",
      MasterUsername = "app", MasterUserPassword = %s.value, DBSubnetGroupName = %s, BackupRetentionPeriod = %d]]):format(
        database(r), by.password.var, by.group.var, 1 + r.v % 20)
    end,
    seen = function(row) return ("%s %d"):format(row.DBInstanceIdentifier, row.BackupRetentionPeriod) end,
    want = function(r) return ("%s %d"):format(database(r), 1 + r.v % 20) end }
  for name, v in pairs(more) do kind[name] = v end
  return kind
end

K.database = database_of({ group = "group_of_subnets", password = "password", secret = "secret" },
  { same = { password = true, secret = "password" } })

-- The only one that has its password: nobody keeps that, so no second one could be given it.
K.lone_database = database_of({ group = "group_of_subnets", password = "password" }, { alone = { { "password" } } })

--- A copy of its data stays whenever it goes.
K.kept_database = database_of({ group = "group_of_subnets", password = "password", secret = "secret" },
  { same = { password = true, secret = "password" }, copies = "rds/DBSnapshot", copy = database,
    copied = function(row) return row.SnapshotType == "manual" and row.DBInstanceIdentifier or nil end })

-- A parameter that has the password inside of another text keeps it for nobody.
K.connection = { type = "aws.SSM.Parameter", uses = { password = "password", secret = "secret" },
  same = { password = true, secret = "password" }, place = "ssm/Parameter",
  gone = { "ssm.DeleteParameter", "Name={Name}" },
  text = function(r, by)
    return ([[Name = %q, Type = "String", Value = "c%d:" .. %s.value]]):format(text(r), r.v, by.password.var)
  end,
  want = function(r) return ("%s c%d"):format(text(r), r.v) end }

return K
