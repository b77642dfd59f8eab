--- Amazon machine images and the public SSM parameters that name the newest of each line.
--- Ids differ by region, as AWS's do; they follow from region and name, so they are stable.
local hash = require "cso.std.hash"

local images = {}

local lines = {
  { key = "al2023-x86", name = "al2023-ami-2023.6.20241121.0-kernel-6.1-x86_64", arch = "x86_64", owner = "137112412989",
    alias = "amazon", root = "/dev/xvda", size = 8, created = "2024-11-22T00:14:30.000Z",
    description = "Amazon Linux 2023 AMI 2023.6.20241121.0 x86_64 HVM kernel-6.1",
    parameters = { "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
      "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-x86_64" } },
  { key = "al2023-arm", name = "al2023-ami-2023.6.20241121.0-kernel-6.1-arm64", arch = "arm64", owner = "137112412989",
    alias = "amazon", root = "/dev/xvda", size = 8, created = "2024-11-22T00:14:30.000Z",
    description = "Amazon Linux 2023 AMI 2023.6.20241121.0 arm64 HVM kernel-6.1",
    parameters = { "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64",
      "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-arm64" } },
  { key = "al2-x86", name = "amzn2-ami-hvm-2.0.20241113.1-x86_64-gp2", arch = "x86_64", owner = "137112412989",
    alias = "amazon", root = "/dev/xvda", size = 8, created = "2024-11-14T01:17:52.000Z",
    description = "Amazon Linux 2 AMI 2.0.20241113.1 x86_64 HVM gp2",
    parameters = { "/aws/service/ami-amazon-linux-latest/amzn2-ami-hvm-x86_64-gp2" } },
  { key = "ubuntu-22.04", name = "ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server-20241112", arch = "x86_64",
    owner = "099720109477", root = "/dev/sda1", size = 8, created = "2024-11-12T07:31:11.000Z",
    description = "Canonical, Ubuntu, 22.04, amd64 jammy image",
    parameters = { "/aws/service/canonical/ubuntu/server/22.04/stable/current/amd64/hvm/ebs-gp2/ami-id" } },
  { key = "ubuntu-24.04", name = "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20241115",
    arch = "x86_64", owner = "099720109477", root = "/dev/sda1", size = 8, created = "2024-11-15T06:12:09.000Z",
    description = "Canonical, Ubuntu, 24.04, amd64 noble image",
    parameters = { "/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id" } },
  { key = "debian-12", name = "debian-12-amd64-20241110-1927", arch = "x86_64", owner = "136693071363",
    root = "/dev/xvda", size = 8, created = "2024-11-10T09:43:27.000Z", description = "Debian 12 (20241110-1927)",
    parameters = { "/aws/service/debian/release/12/latest/amd64" } },
  { key = "windows-2022", name = "Windows_Server-2022-English-Full-Base-2024.11.13", arch = "x86_64",
    owner = "801119661308", alias = "amazon", root = "/dev/sda1", size = 30, created = "2024-11-14T19:40:06.000Z",
    platform = "windows", description = "Microsoft Windows Server 2022 Full Locale English AMI provided by Amazon",
    parameters = { "/aws/service/ami-windows-latest/Windows_Server-2022-English-Full-Base" } },
}

local by_region = {}

--- The images of a region: { id, name, arch, owner, alias, root, size, created, platform, parameters }.
---@param region string
---@return table[]
function images.list(region)
  local list = by_region[region]
  if list then return list end
  list = {}
  for i, line in ipairs(lines) do
    local image = { region = region, id = "ami-0" .. hash.sha256_hex(region .. "/" .. line.name):sub(1, 16) }
    for k, v in next, line do image[k] = v end
    list[i] = image
  end
  by_region[region] = list
  return list
end

--- An image by id, or nil.
---@param region string
---@param id string
---@return table?
function images.get(region, id)
  for _, image in ipairs(images.list(region)) do
    if image.id == id then return image end
  end
end

--- The public parameters of a region that name images: path → image id.
---@param region string
---@return table<string, string>
function images.parameters(region)
  local map = {}
  for _, image in ipairs(images.list(region)) do
    for _, path in ipairs(image.parameters) do map[path] = image.id end
  end
  return map
end

return images
