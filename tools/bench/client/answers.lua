-- What the stub answers and what is parsed: bodies of the size and shape that AWS's have.
local json = require "cso.std.json"

local answers = {}

local vpc = [[<item><vpcId>vpc-%08x</vpcId><ownerId>123456789012</ownerId><state>available</state>
<cidrBlock>10.%d.0.0/16</cidrBlock><cidrBlockAssociationSet><item><cidrBlock>10.%d.0.0/16</cidrBlock>
<associationId>vpc-cidr-assoc-%08x</associationId><cidrBlockState><state>associated</state>
</cidrBlockState></item></cidrBlockAssociationSet><dhcpOptionsId>dopt-1</dhcpOptionsId>
<tagSet><item><key>Name</key><value>n%d</value></item></tagSet>
<instanceTenancy>default</instanceTenancy><isDefault>false</isDefault></item>]]

--- DescribeVpcs: three networks.
---@return string
function answers.vpcs()
  local items = {}
  for i = 1, 3 do items[i] = vpc:format(i, i, i, i, i) end
  return '<?xml version="1.0" encoding="UTF-8"?><DescribeVpcsResponse '
    .. 'xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId><vpcSet>'
    .. table.concat(items) .. "</vpcSet></DescribeVpcsResponse>"
end

local instance = [[<item><instanceId>i-%08x</instanceId><imageId>ami-1</imageId><instanceState><code>16</code>
<name>running</name></instanceState><privateDnsName>ip.internal</privateDnsName><keyName>k</keyName>
<amiLaunchIndex>0</amiLaunchIndex><instanceType>m5.large</instanceType><launchTime>2026-01-01T00:00:00.000Z</launchTime>
<placement><availabilityZone>eu-west-2a</availabilityZone><tenancy>default</tenancy></placement>
<monitoring><state>disabled</state></monitoring><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId>
<privateIpAddress>10.0.0.1</privateIpAddress><sourceDestCheck>true</sourceDestCheck><groupSet><item><groupId>sg-1</groupId>
<groupName>g</groupName></item></groupSet><architecture>x86_64</architecture><rootDeviceType>ebs</rootDeviceType>
<blockDeviceMapping><item><deviceName>/dev/xvda</deviceName><ebs><volumeId>vol-1</volumeId><status>attached</status>
<attachTime>2026-01-01T00:00:00.000Z</attachTime><deleteOnTermination>true</deleteOnTermination></ebs></item>
</blockDeviceMapping><tagSet><item><key>Name</key><value>node</value></item><item><key>Stack</key><value>s</value></item>
</tagSet><ebsOptimized>false</ebsOptimized></item>]]

--- DescribeInstances.
---@param n integer
---@return string
function answers.instances(n)
  local list = {}
  for i = 1, n do list[i] = instance:format(i) end
  return "<DescribeInstancesResponse><reservationSet><item><reservationId>r</reservationId><instancesSet>"
    .. table.concat(list) .. "</instancesSet></item></reservationSet></DescribeInstancesResponse>"
end

--- Query of DynamoDB.
---@param n integer
---@return string
function answers.items(n)
  local list = {}
  for i = 1, n do
    list[i] = { id = { S = ("user#%08d"):format(i) }, at = { N = tostring(1700000000 + i) },
      name = { S = "Somebody or other" }, active = { BOOL = i % 2 == 0 }, tags = { SS = { "a", "b", "c" } },
      data = { B = "aGVsbG8gd29ybGQ=" }, address = { M = { street = { S = "High Street" }, no = { N = "7" } } },
      scores = { L = { { N = "1" }, { N = "2.5" } } } }
  end
  return json.encode { Items = list, Count = n, ScannedCount = n }
end

return answers
