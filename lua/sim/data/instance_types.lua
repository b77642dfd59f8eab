--- Instance types: sizes follow from the family's rule (memory per vCPU), as AWS builds them.
local types = {}

-- family: GiB per vCPU, architecture, processor maker, sizes as vCPUs.
local standard = { large = 2, xlarge = 4, ["2xlarge"] = 8, ["4xlarge"] = 16, ["8xlarge"] = 32, ["12xlarge"] = 48,
  ["16xlarge"] = 64, ["24xlarge"] = 96 }
local fifth = { large = 2, xlarge = 4, ["2xlarge"] = 8, ["4xlarge"] = 16, ["9xlarge"] = 36, ["12xlarge"] = 48,
  ["18xlarge"] = 72, ["24xlarge"] = 96 }
local graviton = { medium = 1, large = 2, xlarge = 4, ["2xlarge"] = 8, ["4xlarge"] = 16, ["8xlarge"] = 32,
  ["12xlarge"] = 48, ["16xlarge"] = 64 }

local families = {
  c5 = { 2, "x86_64", "Intel", fifth }, c5a = { 2, "x86_64", "AMD", standard }, c5d = { 2, "x86_64", "Intel", fifth },
  c6a = { 2, "x86_64", "AMD", standard }, c6i = { 2, "x86_64", "Intel", standard },
  c7a = { 2, "x86_64", "AMD", standard }, c7i = { 2, "x86_64", "Intel", standard },
  c6g = { 2, "arm64", "AWS", graviton }, c7g = { 2, "arm64", "AWS", graviton },
  m5 = { 4, "x86_64", "Intel", standard }, m5a = { 4, "x86_64", "AMD", standard },
  m5d = { 4, "x86_64", "Intel", standard }, m6a = { 4, "x86_64", "AMD", standard },
  m6i = { 4, "x86_64", "Intel", standard }, m7a = { 4, "x86_64", "AMD", standard },
  m7i = { 4, "x86_64", "Intel", standard }, m6g = { 4, "arm64", "AWS", graviton },
  m7g = { 4, "arm64", "AWS", graviton }, r5 = { 8, "x86_64", "Intel", standard },
  r5a = { 8, "x86_64", "AMD", standard }, r6a = { 8, "x86_64", "AMD", standard },
  r6i = { 8, "x86_64", "Intel", standard }, r7i = { 8, "x86_64", "Intel", standard },
  r6g = { 8, "arm64", "AWS", graviton }, r7g = { 8, "arm64", "AWS", graviton },
}

-- The burstable families: vCPUs and MiB by size.
local burst = { nano = { 2, 512 }, micro = { 2, 1024 }, small = { 2, 2048 }, medium = { 2, 4096 },
  large = { 2, 8192 }, xlarge = { 4, 16384 }, ["2xlarge"] = { 8, 32768 } }
local burst_families = { t3 = { "x86_64", "Intel" }, t3a = { "x86_64", "AMD" }, t4g = { "arm64", "AWS" } }
local second = { nano = { 1, 512 }, micro = { 1, 1024 }, small = { 1, 2048 }, medium = { 2, 4096 },
  large = { 2, 8192 }, xlarge = { 4, 16384 }, ["2xlarge"] = { 8, 32768 } }

local known, names

local function add(name, vcpu, memory, arch, maker, burstable)
  known[name] = { name = name, vcpu = vcpu, memory = memory, arch = arch, maker = maker,
    burstable = burstable or false, hypervisor = name:sub(1, 2) == "t2" and "xen" or "nitro" }
  names[#names + 1] = name
end

local function load()
  if known then return end
  known, names = {}, {}
  for family, f in next, families do
    for size, vcpu in next, f[4] do add(family .. "." .. size, vcpu, vcpu * f[1] * 1024, f[2], f[3]) end
  end
  for family, f in next, burst_families do
    for size, s in next, burst do add(family .. "." .. size, s[1], s[2], f[1], f[2], true) end
  end
  for size, s in next, second do add("t2." .. size, s[1], s[2], "x86_64", "Intel", true) end
  table.sort(names)
end

--- The facts of a type ({ name, vcpu, memory (MiB), arch, maker, burstable, hypervisor }), or nil.
---@param name string
---@return table?
function types.get(name)
  load()
  return known[name]
end

--- All names, sorted.
---@return string[]
function types.names()
  load()
  return names
end

return types
